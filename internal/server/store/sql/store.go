// Package sql keeps rollouts in a database: an SQLite file, or PostgreSQL.
//
// The queries are the same for both. What differs is how one writes at a time, see
// [database]: an SQLite file has one writer, PostgreSQL locks rows. Each event, what the
// rollout is with it, the number of the change and what is to be told of it are written in
// one transaction.
//
// An SQLite file is backed up with [Store.Backup], PostgreSQL with pg_dump.
package sql

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Options are how a store is used.
type Options struct {
	// Outbox writes what is to be told to others. Without it nothing is.
	Outbox bool
	// Keep is how many rollouts of each environment and plugin are kept, at least: see
	// [Store.Start]. 0: 200.
	Keep int
	// Now is the time; nil: this machine's.
	Now func() time.Time
}

// usualKeep is how many rollouts are kept where nobody says so.
const usualKeep = 200

// Store fills [store.Store].
type Store struct {
	Options
	db    database
	news  news
	life  context.Context // until it is closed
	end   context.CancelFunc
	tasks sync.WaitGroup
	close func() error // once
}

var _ store.Store = (*Store)(nil)

// database is what differs between SQLite and PostgreSQL.
type database interface {
	// read is for queries that write nothing.
	read() handle
	// write does what do does in one transaction. do may be called again where another one
	// came in between.
	write(ctx context.Context, do func(handle) error) error
	// explain says of an error what it means for whoever runs the server.
	explain(err error) error
	// listen calls heard when another process may have written, until ctx is done.
	listen(ctx context.Context, heard func())
	// where names the database in errors.
	where() string
	backup(ctx context.Context, path string) error
	close() error
}

// open makes a store of a database: its schema is brought up to date.
func open(ctx context.Context, db database, o Options) (*Store, error) {
	if o.Keep == 0 {
		o.Keep = usualKeep
	}
	if o.Now == nil {
		o.Now = new(walker.Time).Now
	}
	s := &Store{Options: o, db: db}
	if err := migrate(ctx, db, o.Now()); err != nil {
		return nil, errors.Join(db.explain(err), db.close())
	}
	if err := s.news.begin(ctx, db.read()); err != nil {
		return nil, errors.Join(db.explain(err), db.close())
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.close = sync.OnceValue(func() error {
		s.end()
		s.tasks.Wait()
		return db.close()
	})
	s.tasks.Go(s.poll)
	s.tasks.Go(func() { db.listen(s.life, s.look) })
	return s, nil
}

// Close ends it. Whoever waits in Changed is told so.
func (s *Store) Close() error { return s.close() }

// Ready implements [store.Store]: it writes.
func (s *Store) Ready(ctx context.Context) error {
	return s.write(ctx, func(h handle) error {
		_, err := h.exec(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'ready'`)
		return err
	})
}

// Backup writes a copy of an SQLite file while it is used. It refuses a path that is taken.
// PostgreSQL has pg_dump for that.
func (s *Store) Backup(ctx context.Context, path string) error {
	return s.db.explain(s.db.backup(ctx, path))
}

// write does something in one transaction.
func (s *Store) write(ctx context.Context, do func(handle) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.explain(s.db.write(ctx, do))
}
