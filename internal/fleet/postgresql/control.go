package postgresql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// control keeps what was asked for, in a database that several programs may share.
type control struct {
	at          Server
	environment engine.Environment
	extension   string

	mu      sync.Mutex
	conn    *pgx.Conn // nil: it is to be dialled
	edition int64
	last    *desired // as it was at edition; never changed
}

// schema makes what is missing. It is safe where two programs begin at once: the lock is held
// until both have seen it.
const schema = `
SELECT pg_advisory_xact_lock(7238110146);
CREATE SCHEMA IF NOT EXISTS hotswap_fleet;
CREATE TABLE IF NOT EXISTS hotswap_fleet.world (
	environment text NOT NULL, extension text NOT NULL,
	edition bigint NOT NULL, desired jsonb NOT NULL,
	PRIMARY KEY (environment, extension));`

// controlTime is how long the control database may take for one thing.
const controlTime = 10 * time.Second

// uncertainError is a change that may or may not have been taken.
type uncertainError struct{ error }

// with calls something with a connection, which is dialled where there is none. A connection that
// was lost since it was used last, as after a restart of the server, is dialled again, and do is
// called once more, unless it is not known what came of it.
func (c *control) with(ctx context.Context, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := walker.Within(ctx, controlTime)
	defer cancel()
	for {
		dialled, err := c.dial(ctx)
		if err != nil {
			return c.named(err)
		}
		err = do(ctx, c.conn)
		if err == nil || !c.conn.IsClosed() {
			return err
		}
		c.conn = nil
		if uncertain := new(uncertainError); dialled || ctx.Err() != nil || errors.As(err, uncertain) {
			return err
		}
	}
}

// dial makes sure that there is a connection, and says whether there was none.
func (c *control) dial(ctx context.Context) (bool, error) {
	if c.conn != nil && !c.conn.IsClosed() {
		return false, nil
	}
	c.conn = nil
	conn, err := c.at.dial(ctx, "")
	if err != nil {
		return true, err
	}
	var there bool
	err = conn.QueryRow(ctx, "SELECT to_regclass('hotswap_fleet.world') IS NOT NULL").Scan(&there)
	if err == nil && !there {
		_, err = conn.Exec(ctx, schema)
	}
	if err != nil {
		hangUp(conn)
		return true, err
	}
	c.conn = conn
	return true, nil
}

// newControl keeps what is asked for in a database. Nobody is asked yet.
func newControl(at Server, e engine.Environment, extension string) *control {
	return &control{at: at, environment: e, extension: extension, edition: -1}
}

func (c *control) named(err error) error { return fmt.Errorf("control database: %s", said(err)) }

// load is what is asked for now. It must not be changed.
func (c *control) load(ctx context.Context) (*desired, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.with(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		return c.read(ctx, conn.QueryRow(ctx, "SELECT edition, CASE WHEN edition = $3 THEN NULL ELSE desired::text END FROM hotswap_fleet.world "+
			"WHERE environment = $1 AND extension = $2", string(c.environment), c.extension, c.edition))
	})
	return c.last, err
}

// read takes what a row says. No row: nothing was asked for yet.
func (c *control) read(_ context.Context, row pgx.Row) error {
	var edition int64
	var text *string
	switch err := row.Scan(&edition, &text); {
	case errors.Is(err, pgx.ErrNoRows):
		c.edition, c.last = 0, newDesired()
		return nil
	case err != nil:
		return c.named(err)
	case text == nil && c.last != nil:
		return nil
	}
	own := newDesired()
	if err := json.Unmarshal([]byte(*text), own); err != nil {
		return fmt.Errorf("control database: hotswap_fleet.world of %s in %s: %w", c.extension, c.environment, err)
	}
	c.edition, c.last = edition, own
	return nil
}

// change changes what is asked for, one at a time, whoever else does. Where do fails, nothing
// is changed. The error is an uncertainError where that is not known.
func (c *control) change(ctx context.Context, do func(*desired) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.with(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return c.named(err)
		}
		var d *desired
		if err := c.changeIn(ctx, tx, do, &d); err != nil {
			_ = tx.Rollback(ctx) // the server does it by itself where this fails
			return err
		}
		if err := tx.Commit(ctx); err != nil {
			return uncertainError{c.named(err)}
		}
		c.edition, c.last = c.edition+1, d
		return nil
	})
}

func (c *control) changeIn(ctx context.Context, tx pgx.Tx, do func(*desired) error, changed **desired) error {
	_, err := tx.Exec(ctx, "INSERT INTO hotswap_fleet.world VALUES ($1, $2, 0, '{}') ON CONFLICT DO NOTHING", string(c.environment), c.extension)
	if err != nil {
		return c.named(err)
	}
	if err := c.read(ctx, tx.QueryRow(ctx, "SELECT edition, desired::text FROM hotswap_fleet.world WHERE environment = $1 AND extension = $2 FOR UPDATE",
		string(c.environment), c.extension)); err != nil {
		return err
	}
	own := c.last.clone()
	if err := do(own); err != nil {
		return err
	}
	text, err := json.Marshal(own)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE hotswap_fleet.world SET edition = edition + 1, desired = $3::jsonb WHERE environment = $1 AND extension = $2",
		string(c.environment), c.extension, string(text)); err != nil {
		return c.named(err)
	}
	*changed = own
	return nil
}

func (c *control) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		hangUp(c.conn)
		c.conn = nil
	}
}
