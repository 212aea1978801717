package postgresql

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// A session tells what it counted when a transaction of it ends, and a second has passed since it
// told last; what it did not tell then it tells ten seconds after it became idle. Of transactions
// that touch no table it tells nothing until one touches some, of the catalogue at least, or it
// ends. So what is told after an update may be of transactions before it, and is nobody's, until
// all sessions have told: each began after the update, or ended, or had a transaction since. The
// first one reads the extension's function anew from the catalogue.

// clearing is an update after which sessions have not told all of what they did before it.
type clearing struct {
	at    time.Time // of the server, of the update; zero: it did not say
	since time.Time // the same, by the fleet's clock
}

// How long a database is cleared.
const (
	leastClearing   = 1200 * time.Millisecond // a session tells after a second
	unknownClearing = 2500 * time.Millisecond // of sessions that this role may not see
	mostClearing    = 11 * time.Second        // one that is idle tells after ten
)

const (
	sessionsQuery = "SELECT clock_timestamp(), count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND " + clients
	latestQuery   = "SELECT datname, min(query_start), count(*) FILTER (WHERE backend_start IS NULL) FROM pg_stat_activity " +
		"WHERE datname IS NOT NULL AND pid <> pg_backend_pid() AND " + clients + " GROUP BY 1"
	// Whom this role may not see has no type. Our own tell what they did, and it is taken off.
	clients = "(backend_type = 'client backend' OR backend_type IS NULL) AND (usename <> current_user OR application_name <> current_setting('application_name'))"
)

// updated notes that a database was just updated, by its own connection.
func (s *server) updated(ctx context.Context, conn *pgx.Conn, database string) {
	c := clearing{since: s.f.clock.Now()}
	sessions := 1 // where it cannot be said
	s.owe(database, counters{commits: 1})
	_ = conn.QueryRow(ctx, sessionsQuery).Scan(&c.at, &sessions) // then at is long ago, and it is cleared after a time
	s.mu.Lock()
	defer s.mu.Unlock()
	if sessions > 0 {
		s.clearing[database] = c
	}
}

// soon is how long to wait until the next sample: not long, where one clears databases.
func (s *server) soon() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.clearing) > 0 {
		return min(s.f.set.Resolution, leastClearing+100*time.Millisecond)
	}
	return s.f.set.Resolution
}

// told says of a database that is being cleared whether everybody has told by now: what was
// counted up to now is nobody's, and from then on the new version's.
type told struct {
	of  clearing
	all bool
}

// told are the databases that are being cleared.
func (s *server) told(ctx context.Context, conn *pgx.Conn) (map[string]told, error) {
	s.mu.Lock()
	n := len(s.clearing)
	s.mu.Unlock()
	if n == 0 {
		return nil, nil
	}
	rows, err := conn.Query(ctx, latestQuery)
	if err != nil {
		return nil, err
	}
	type sessions struct {
		oldest *time.Time // of their latest statements; nil: none had one
		unseen int
	}
	there := map[string]sessions{}
	var name string
	var of sessions
	if _, err = pgx.ForEachRow(rows, []any{&name, &of.oldest, &of.unseen}, func() error {
		there[name] = of
		return nil
	}); err != nil {
		return nil, err
	}
	now, all := s.f.clock.Now(), map[string]told{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for database, c := range s.clearing {
		of := there[database]
		took := now.Sub(c.since)
		switch {
		case took >= mostClearing:
			all[database] = told{c, true}
		case took < leastClearing:
			all[database] = told{c, false}
		case of.unseen > 0 || c.at.IsZero():
			all[database] = told{c, took >= unknownClearing}
		default:
			all[database] = told{c, of.oldest == nil || of.oldest.After(c.at)}
		}
	}
	return all, nil
}
