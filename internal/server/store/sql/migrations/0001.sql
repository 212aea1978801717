CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('change', 0), ('audit', 0), ('ready', 0);

-- The greatest ordinal that a rollout of a plugin in an environment ever had.
CREATE TABLE places (
    environment TEXT NOT NULL,
    plugin      TEXT NOT NULL,
    ordinal     BIGINT NOT NULL,
    PRIMARY KEY (environment, plugin)
);

-- Times are nanoseconds since 1970, and 0 is none.
CREATE TABLE rollouts (
    id          TEXT PRIMARY KEY,
    environment TEXT NOT NULL,
    plugin      TEXT NOT NULL,
    ordinal     BIGINT NOT NULL,
    baseline    TEXT NOT NULL,
    candidate   TEXT NOT NULL,
    restores    TEXT NOT NULL,
    phase       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    unfinished  BIGINT NOT NULL,
    stage       TEXT NOT NULL,
    strategy    TEXT NOT NULL,
    stages      TEXT NOT NULL,
    began       BIGINT NOT NULL,
    wake        BIGINT NOT NULL,
    events      BIGINT NOT NULL,
    search      TEXT NOT NULL,
    idem        TEXT,
    request     TEXT NOT NULL,
    deployment  BYTEA,
    started_by  TEXT NOT NULL,
    walked      BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    owner       TEXT NOT NULL,
    holder      TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    change      BIGINT NOT NULL,
    changed     BIGINT NOT NULL
);

CREATE UNIQUE INDEX rollouts_idem ON rollouts (idem);
CREATE UNIQUE INDEX rollouts_place ON rollouts (environment, plugin, ordinal);
CREATE INDEX rollouts_ended ON rollouts (environment, plugin, outcome, ordinal);
CREATE INDEX rollouts_unfinished ON rollouts (started_at, id) WHERE unfinished = 1;
CREATE INDEX rollouts_started ON rollouts (started_at, id);
CREATE INDEX rollouts_environment ON rollouts (environment, started_at, id);
CREATE INDEX rollouts_plugin ON rollouts (plugin, started_at, id);
CREATE INDEX rollouts_outcome ON rollouts (outcome, started_at, id);
CREATE INDEX rollouts_change ON rollouts (change);

CREATE TABLE plans (
    rollout  TEXT PRIMARY KEY REFERENCES rollouts (id) ON DELETE CASCADE,
    document BYTEA NOT NULL
);

CREATE TABLE events (
    rollout  TEXT NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
    seq      BIGINT NOT NULL,
    event    BYTEA NOT NULL,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (rollout, seq)
);

CREATE TABLE outbox (
    id      BIGINT PRIMARY KEY,
    rollout TEXT NOT NULL,
    seq     BIGINT NOT NULL
);

CREATE INDEX outbox_rollout ON outbox (rollout);

CREATE TABLE deliveries (
    sink     TEXT NOT NULL,
    id       TEXT NOT NULL,
    rollout  TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    failed   TEXT NOT NULL,
    made     BIGINT NOT NULL,
    PRIMARY KEY (sink, id)
);

CREATE INDEX deliveries_due ON deliveries (due);
CREATE INDEX deliveries_rollout ON deliveries (rollout);

CREATE TABLE threads (
    rollout TEXT NOT NULL,
    sink    TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (rollout, sink)
);

CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    hash    BYTEA NOT NULL,
    grants  BYTEA,
    made    BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT NOT NULL
);

CREATE UNIQUE INDEX tokens_hash ON tokens (hash);

CREATE TABLE audits (
    id          BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    environment TEXT NOT NULL,
    plugin      TEXT NOT NULL,
    rollout     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    refused     TEXT NOT NULL,
    request     TEXT NOT NULL
);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    text BYTEA NOT NULL
);
