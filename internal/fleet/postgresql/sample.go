package postgresql

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// counters are what a database has counted, since its statistics were reset.
type counters struct {
	commits, rollbacks int64
	calls              int64   // of the statements that are timed
	ms                 float64 // that they took
}

// since is what was added; where a counter fell, it began anew.
func (c counters) since(before counters) counters {
	if c.commits < before.commits || c.rollbacks < before.rollbacks {
		before.commits, before.rollbacks = 0, 0
	}
	if c.calls < before.calls || c.ms < before.ms {
		before.calls, before.ms = 0, 0
	}
	return counters{c.commits - before.commits, c.rollbacks - before.rollbacks, c.calls - before.calls, c.ms - before.ms}
}

// owe notes transactions of our own, which are taken off what is counted.
func (s *server) owe(database string, n counters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.own[database]
	s.own[database] = counters{commits: own.commits + n.commits, rollbacks: own.rollbacks + n.rollbacks}
}

// less is what was counted without transactions of our own. What of them is not counted yet
// is taken off later.
func (s *server) less(database string, n counters) counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.own[database]
	paid := counters{commits: min(own.commits, n.commits), rollbacks: min(own.rollbacks, n.rollbacks)}
	s.own[database] = counters{commits: own.commits - paid.commits, rollbacks: own.rollbacks - paid.rollbacks}
	n.commits, n.rollbacks = n.commits-paid.commits, n.rollbacks-paid.rollbacks
	return n
}

const (
	countersQuery = "SELECT datname, xact_commit, xact_rollback, coalesce(stats_reset, 'epoch') FROM pg_stat_database WHERE datname IS NOT NULL"
	timedQuery    = "SELECT to_regclass('pg_stat_statements') IS NOT NULL"
	timesQuery    = "SELECT d.datname, sum(s.calls)::bigint, sum(s.total_exec_time)::float8 FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid " +
		"WHERE s.query LIKE $1 GROUP BY 1"
)

// sample asks for the counters, which is the health probe as well.
func (s *server) sample(ctx context.Context) error {
	err := s.count(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.probed(err)
	return err
}

// count asks for the counters, and adds what they rose by to what the versions served that the
// databases have now.
func (s *server) count(ctx context.Context) error {
	s.polling.Lock()
	defer s.polling.Unlock()
	now := map[string]counters{}
	reset := map[string]time.Time{}
	timed := false
	var cleared map[string]told
	err := s.ask(ctx, func(ctx context.Context, conn *pgx.Conn) (err error) {
		if cleared, err = s.told(ctx, conn); err != nil { // before the counters, so that these have what was told
			return err
		}
		if err := readCounters(ctx, conn, now, reset); err != nil {
			return err
		}
		if s.f.set.Statements != "" {
			timed, err = s.readTimes(ctx, conn, now)
		}
		return err
	})
	if err != nil {
		return err
	}
	at := s.f.clock.Now()
	s.f.ledger.polled(s.Name, at)
	s.book(now, reset, cleared, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timed, s.before, s.reset = timed, now, reset
	for database, c := range cleared {
		if c.all && s.clearing[database] == c.of { // and not of another update, which came meanwhile
			delete(s.clearing, database)
		}
	}
	if s.weighed == nil || at.Sub(s.weighedAt) > weighEvery {
		s.weighed, s.weighedAt = now, at
	}
	return nil
}

// book adds what counters rose by to what the versions served that the databases have.
func (s *server) book(now map[string]counters, reset map[string]time.Time, cleared map[string]told, at time.Time) {
	versions := map[string]string{}
	if c := s.census(); c != nil {
		versions = c.versions
	}
	for database, c := range now {
		before, known := s.before[database]
		switch {
		case !known:
			s.less(database, counters{commits: c.commits, rollbacks: c.rollbacks}) // they are in what it begins with
			continue
		case !reset[database].Equal(s.reset[database]):
			before = counters{calls: before.calls, ms: before.ms}
		}
		rose := s.less(database, c.since(before))
		_, nobodys := cleared[database]
		if v := versions[database]; v != "" && !nobodys {
			s.f.ledger.add(cellKey{tenant(s.Name, database), v}, at, rose)
		}
	}
}

func readCounters(ctx context.Context, conn *pgx.Conn, into map[string]counters, reset map[string]time.Time) error {
	rows, err := conn.Query(ctx, countersQuery)
	if err != nil {
		return err
	}
	var name string
	var c counters
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &c.commits, &c.rollbacks, &at}, func() error {
		into[name], reset[name] = c, at
		return nil
	})
	return err
}

// readTimes adds how long statements took, where pg_stat_statements is there.
func (s *server) readTimes(ctx context.Context, conn *pgx.Conn, into map[string]counters) (there bool, err error) {
	if err := conn.QueryRow(ctx, timedQuery).Scan(&there); err != nil || !there {
		return false, err
	}
	rows, err := conn.Query(ctx, timesQuery, s.f.set.Statements)
	if err != nil {
		return false, err
	}
	var name string
	var calls int64
	var ms float64
	_, err = pgx.ForEachRow(rows, []any{&name, &calls, &ms}, func() error {
		c := into[name]
		c.calls, c.ms = calls, ms
		into[name] = c
		return nil
	})
	if err != nil && !away(err) {
		return false, nil // it is not loaded, or not for us: nothing is timed
	}
	return true, err
}

// weighEvery is how long the weights of databases stay as they are: plans that are made one
// after the other are alike.
const weighEvery = 10 * time.Minute

// weights are what databases weigh: how many transactions each has had since its statistics
// were reset, at least 1. The function has a weight for any name.
func (s *server) weights() func(database string) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.weighed // which never changes
	return func(database string) float64 {
		c := of[database]
		return float64(max(1, c.commits+c.rollbacks))
	}
}
