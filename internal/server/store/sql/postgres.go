package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// postgres is a database of PostgreSQL.
type postgres struct {
	name string
	pool *pgxpool.Pool
	db   *sql.DB
}

// channel is where a transaction says that it wrote.
const channel = "hotswap"

// OpenPostgres opens the store in a database of PostgreSQL, named as libpq does. Any number
// of processes may use it at a time.
func OpenPostgres(ctx context.Context, dsn string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	c := &config.ConnConfig.Config
	if c.RuntimeParams["synchronous_commit"] == "" { // whatever the server's usual is
		c.RuntimeParams["synchronous_commit"] = "on"
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "hotswap"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	db := &postgres{name: fmt.Sprintf("PostgreSQL at %s:%d, database %s", c.Host, c.Port, c.Database), pool: pool, db: stdlib.OpenDBFromPool(pool)}
	return open(ctx, db, o)
}

func (db *postgres) where() string { return db.name }

func (db *postgres) read() handle { return handle{db.db, true} }

// mostTries is how often a transaction is tried where another one came in between.
const mostTries = 5

// write implements [database]. Each query sees what was committed before it began; rows are
// locked before what is written depends on them.
func (db *postgres) write(ctx context.Context, do func(handle) error) error {
	for try := 1; ; try++ {
		err := db.try(ctx, do)
		if err == nil || try == mostTries || !cameBetween(err) {
			return err
		}
	}
}

func (db *postgres) try(ctx context.Context, do func(handle) error) error {
	tx, err := db.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(handle{tx, true}); err != nil {
		_ = tx.Rollback() // the server does it by itself where this fails
		return err
	}
	return tx.Commit()
}

// cameBetween says whether another transaction has to do with an error, and was faster: what
// it wrote is seen when one tries again.
func cameBetween(err error) bool {
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code {
	case "23505", "40001", "40P01": // a value is taken, serialisation, deadlock
		return true
	}
	return false
}

// explain implements [database].
func (db *postgres) explain(err error) error {
	var failed *pgconn.PgError
	var unreached *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &failed) && !slices.Contains(away, failed.Code[:min(2, len(failed.Code))]):
		return fmt.Errorf("%s: %w", db.name, err)
	case failed != nil, errors.As(err, &unreached), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded):
		return &store.UnavailableError{Err: fmt.Errorf("%s: %w", db.name, err)}
	}
	return err
}

// away are the classes of errors of a database that is not there for a while: of connections,
// resources, operators and the system.
var away = []string{"08", "53", "57", "58"}

// listen implements [database]. Where the connection is lost another one is made; meanwhile
// the database is polled.
func (db *postgres) listen(ctx context.Context, heard func()) {
	for ctx.Err() == nil {
		_ = db.listenOnce(ctx, heard)
		if walker.Pause(ctx, time.Second) != nil {
			return
		}
	}
}

func (db *postgres) listenOnce(ctx context.Context, heard func()) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		heard()
	}
}

func (db *postgres) backup(context.Context, string) error {
	return fmt.Errorf("%s is backed up with pg_dump", db.name)
}

func (db *postgres) close() error {
	err := db.db.Close()
	db.pool.Close()
	return err
}
