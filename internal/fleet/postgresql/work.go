package postgresql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// work carries out what is asked for on a server, until ctx is done.
func (s *server) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.kick:
		}
		d, err := s.f.control.load(ctx)
		if err != nil {
			continue // whoever looks is told, and wakes us again
		}
		if open := d.open(s.Name); len(open) > 0 {
			each(open, atOnce, func(t target) { s.attempt(ctx, t, *d.Asked[t]) })
		}
	}
}

// attempt tries to carry a change out, and keeps what came of it. A change that came after it
// about the same target stays.
func (s *server) attempt(ctx context.Context, t target, a ask) {
	what, name := t.split()
	var held string
	var err error
	switch what {
	case installing:
		held, err = a.Version, s.find(ctx, a.Version)
	case defaulting:
		err = s.bring(ctx)
	default:
		_, database, _ := strings.Cut(name, "/")
		err = s.update(ctx, database)
	}
	if ctx.Err() != nil {
		return
	}
	var trouble *troubleError
	if err != nil && !errors.As(err, &trouble) {
		return // it is away: it is tried again when it is back
	}
	why := ""
	if trouble != nil {
		why = trouble.why
	}
	s.keep(ctx, t, a, held, why)
}

// keep keeps what came of a change: a version that was found, or the trouble that it met.
func (s *server) keep(ctx context.Context, t target, a ask, held, why string) {
	_ = s.f.control.change(ctx, func(d *desired) error { // what is not kept is tried again, and found done
		if !d.Asked[t].same(&a) {
			return errStale
		}
		if d.Asked[t].Trouble = why; why != "" {
			return nil
		}
		delete(d.Asked, t)
		if w := d.Servers[s.Name]; w != nil {
			w.hold(held)
		}
		return nil
	})
}

// errStale is a change that a later one replaced.
var errStale = errors.New("another order came")

// troubleError is why a change cannot be carried out as things are.
type troubleError struct{ why string }

func (e *troubleError) Error() string { return e.why }

func troublef(format string, args ...any) error { return &troubleError{fmt.Sprintf(format, args...)} }

// find says why a version cannot be had on the server; nil: it can, by every database.
func (s *server) find(ctx context.Context, version string) error {
	if err := s.survey(ctx); err != nil {
		return err
	}
	return s.lacks(s.census(), version)
}

// lacks says why a version cannot be had; nil: it can.
func (s *server) lacks(c *census, version string) error {
	if len(c.available) == 0 {
		return troublef("server %s has no files of the extension %s: install its package there", s.Name, s.f.extension)
	}
	if !slices.Contains(c.available, version) {
		return troublef("server %s has no version %s of %s, but %s: install its package there", s.Name, version, s.f.extension, strings.Join(c.available, ", "))
	}
	for _, database := range slices.Sorted(maps.Keys(c.versions)) {
		from := c.versions[database]
		if from != version && !c.ways[way{from, version}] {
			return &troubleError{noWay(from, version, s.Name, s.f.extension)}
		}
	}
	return nil
}

// bring gives all databases that are not pinned the default version.
func (s *server) bring(ctx context.Context) error {
	if err := s.survey(ctx); err != nil {
		return err
	}
	d, err := s.f.control.load(ctx)
	if err != nil {
		return err
	}
	c := s.census()
	var names []string
	for database, v := range c.versions {
		if d.pin(tenant(s.Name, database)) == "" && v != d.version(s.Name, database) {
			names = append(names, database)
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		if err := s.lacks(c, d.version(s.Name, names[0])); err != nil {
			return err
		}
	}
	if err := s.updateAll(ctx, names); err != nil {
		return err
	}
	if why := c.blindness(s.Name); why != "" {
		return troublef("%s", why)
	}
	return nil
}

// updateAll updates databases. Where the server is away, that is the error, and else the first
// trouble, with how many had some.
func (s *server) updateAll(ctx context.Context, names []string) error {
	failed := make([]error, len(names))
	places := make([]int, len(names))
	for i := range places {
		places[i] = i
	}
	each(places, atOnce, func(i int) { failed[i] = s.update(ctx, names[i]) })
	var first error
	n := 0
	for _, err := range failed {
		var trouble *troubleError
		if err != nil && !errors.As(err, &trouble) {
			return err // away
		}
		if err != nil {
			if n++; first == nil {
				first = err
			}
		}
	}
	if n > 1 {
		return troublef("%d of %s: %s", n, databases(len(names)), first)
	}
	return first
}

// update gives a database the version that it is to have. A database that is not there, or
// has not got the extension, has nothing to be given.
func (s *server) update(ctx context.Context, database string) error {
	err := s.tryUpdate(ctx, database)
	switch {
	case err == nil || isState(err, stateNoDatabase):
		return nil
	case away(err) && !errors.Is(err, errPassword):
		return err
	}
	return troublef("database %s: %s", tenant(s.Name, database), said(err))
}

// updateTime is what an update has beside its own timeouts.
const updateTime = 10 * time.Second

func (s *server) tryUpdate(ctx context.Context, database string) error {
	conn, err := s.dial(ctx, database)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	ctx, cancel := walker.Within(ctx, s.f.set.LockTimeout+s.f.set.StatementTimeout+updateTime)
	defer cancel()
	s.owe(database, counters{commits: 1})
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	version, err := s.updateIn(ctx, tx, database)
	if err != nil {
		s.owe(database, counters{rollbacks: 1})
		_ = tx.Rollback(ctx) // the server does it by itself where this fails
		return err
	}
	s.owe(database, counters{commits: 1})
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	// What was counted up to now is the old version's.
	_ = s.count(ctx)
	if c := s.census(); c == nil || c.versions[database] != version {
		s.updated(ctx, conn, database)
	}
	s.has(database, version)
	return nil
}

// updateIn updates in a transaction, which nobody else does at the same time, and gives the
// version that the database then has.
func (s *server) updateIn(ctx context.Context, tx pgx.Tx, database string) (string, error) {
	for _, set := range []struct {
		name string
		to   time.Duration
	}{{"lock_timeout", s.f.set.LockTimeout}, {"statement_timeout", s.f.set.StatementTimeout}} {
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL %s = %d", set.name, max(1, set.to.Milliseconds()))); err != nil {
			return "", err
		}
	}
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(72381101, hashtext($1))", s.f.extension); err != nil {
		return "", err
	}
	var version string
	if err := tx.QueryRow(ctx, versionQuery, s.f.extension).Scan(&version); err != nil {
		return "", err
	}
	// What is asked for is read when nobody else can update any more: it may be another than
	// when we began to wait.
	d, err := s.f.control.load(ctx)
	if err != nil {
		return "", err
	}
	to := d.version(s.Name, database)
	if version == "" || version == to || to == "" {
		return version, nil
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("ALTER EXTENSION %s UPDATE TO %s", pgx.Identifier{s.f.extension}.Sanitize(), pgx.Identifier{to}.Sanitize()))
	return to, err
}
