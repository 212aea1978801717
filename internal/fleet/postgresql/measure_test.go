package postgresql_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

const all = engine.WantCounts | engine.WantMinutes | engine.WantMeans | engine.WantTenants | engine.WantByTenant

func (r *rig) measure(from, to time.Time) engine.Answer {
	r.t.Helper()
	a, err := r.Measure(r.t.Context(), engine.Question{
		Version: "1.7.0", From: from, To: to, Candidate: all, Baseline: all,
		Instances: []engine.PlanInstance{{ID: "pg-1"}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// TestCounts counts the transactions of clients, by version and database, exactly: none of its
// own, and none twice, also where statistics are reset and the server is killed.
func TestCounts(t *testing.T) {
	r := start(t, 1, 3, func(s *postgresql.Settings) { s.Statements = "%pay_fee(%" })
	quiet := func() { // until whoever was there has told all counts, and they were sampled
		t.Helper()
		conn := r.servers[0].Connect("postgres")
		r.until("nobody is there", func() bool {
			n := 0
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'tenant%'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n == 0
		})
		at := walker.Wall()
		r.until("it is sampled", func() bool { return r.measure(at, walker.Wall().Add(time.Hour)).Baseline.Newest.After(at) })
	}
	quiet()
	began := walker.Wall()
	call := func(database string, calls int, text string) {
		t.Helper()
		conn := r.servers[0].Connect(database)
		for range calls {
			_, _ = conn.Exec(t.Context(), text) // those of the bad version fail
		}
		if err := conn.Close(t.Context()); err != nil { // only then it is sure to have told its counts
			t.Fatal(err)
		}
	}
	first := func() int64 { return r.measure(began, walker.Wall()).Baseline.Requests }
	call("tenant_01", 40, "SELECT pay_fee(100)")
	r.until("41 transactions were counted, one of them to connect", func() bool { return first() >= 41 })
	if n := first(); n != 41 {
		t.Fatalf("%d were counted: %+v", n, r.measure(began, walker.Wall()).Baseline)
	}
	r.settled(engine.Change{Kind: engine.Pin, Version: "1.7.0"}, nil, "pg-1/tenant_02")
	call("tenant_02", 300, "SELECT pay_fee(100)")
	call("tenant_03", 5, "SELECT pay_fee(100)")
	var a engine.Answer
	r.until("300 calls of the bad version were counted", func() bool {
		a = r.measure(began, walker.Wall())
		return a.Candidate.Requests >= 301 && a.Baseline.Requests >= 47
	})
	bad := a.Candidate
	if bad.Requests != 301 || bad.Errors < 50 || bad.Errors > 130 || bad.Tenants != 1 || bad.Worst == nil || bad.Worst.Tenant != "pg-1/tenant_02" || len(bad.PerTenant) != 1 {
		t.Errorf("%+v", bad)
	}
	if a.Baseline.Requests != 47 || a.Baseline.Errors != 0 || a.Baseline.Tenants != 2 || a.Coverage != 1 || a.Baseline.Newest.Before(began) {
		t.Errorf("%+v", a.Baseline)
	}
	r.servers[0].Exec("postgres", "tenant_03", "SELECT pg_stat_reset()")
	call("tenant_03", 7, "SELECT pay_fee(100)")
	until := walker.Wall()
	r.until("8 more", func() bool { return first() >= 47+8 })
	r.servers[0].Shoot()
	r.servers[0].Restart()
	call("tenant_03", 9, "SELECT pay_fee(100)")
	r.until("10 more", func() bool { return r.measure(until, walker.Wall()).Baseline.Requests >= 10 })
	if n := first(); n < 47+8+10 || n > 47+8+10+4 { // to reset statistics is a transaction of somebody's as well
		t.Errorf("%d are counted", n)
	}
	if a.Candidate.Execution.Count != 0 {
		t.Errorf("time is measured, and pg_stat_statements is not there: %+v", a.Candidate.Execution)
	}
	before, err := r.tenants() // which asks each database, and so comes last
	if err != nil || len(before) != 3 || before[1].PriorRequests != 301 || before[1].PriorErrors != bad.Errors || before[0].PriorRequests < 41 || before[0].PriorErrors != 0 {
		t.Errorf("the day before, of the version that each has: %+v, %v", before, err)
	}
	if h, err := r.Describe(t.Context()); err != nil || !h.Capabilities.Can(engine.CanHistory) {
		t.Errorf("it forgot the day before: %+v, %v", h.Capabilities, err)
	}
	if later := r.measure(walker.Wall().Add(time.Hour), walker.Wall().Add(2*time.Hour)); later.Baseline.Requests != 0 || !later.Baseline.Newest.IsZero() || later.Coverage != 0 {
		t.Errorf("%+v", later)
	}
}

// TestLateCounts: what a session did before an update and tells of after it is not the new
// version's. Transactions that touch no table are told of only when one touches some.
func TestLateCounts(t *testing.T) {
	r := start(t, 1, 2)
	began := walker.Wall()
	conn, silent := r.servers[0].Connect("tenant_01"), r.servers[0].Connect("tenant_01")
	call := func(conn *pgx.Conn, calls int, text string) {
		t.Helper()
		for range calls {
			_, _ = conn.Exec(t.Context(), text) // those of the bad version fail
		}
	}
	call(conn, 300, "SELECT 1")
	call(silent, 300, "SELECT 1")
	r.settled(engine.Change{Kind: engine.Pin, Version: "1.7.0"}, nil, "pg-1/tenant_01")
	call(conn, 1, "SELECT pay_fee(100)")
	_ = walker.Pause(t.Context(), 2*time.Second)
	call(silent, 1, "SELECT pay_fee(100)") // only now it tells
	const calls = 40
	served := walker.Wall()
	var a engine.Answer
	r.until("calls of the new version are counted", func() bool {
		call(conn, 1, "SELECT pay_fee(100)")
		_ = walker.Pause(t.Context(), 100*time.Millisecond)
		a = r.measure(began, walker.Wall())
		return a.Candidate.Requests >= calls/2 || walker.Wall().Sub(served) > 40*time.Second
	})
	if c := a.Candidate; c.Requests < calls/2 || c.Requests > 150 || c.Errors == 0 {
		t.Errorf("of the new version %d transactions were counted, %d errors", c.Requests, c.Errors)
	}
}

// TestTimes reads how long the statements took off pg_stat_statements.
func TestTimes(t *testing.T) {
	r := &rig{t: t, servers: pgfleet.Start(t, 1, 1, "shared_preload_libraries=pg_stat_statements"), ordinal: 1}
	r.servers[0].Exec("postgres", "postgres", "CREATE EXTENSION pg_stat_statements")
	r.settings = settingsOf(t, r.servers)
	r.settings.Statements = "%pay_fee(%"
	r.open()
	h, err := r.Describe(t.Context())
	if err != nil || !h.Capabilities.Can(engine.CanExecutionTime) {
		t.Fatalf("%+v, %v", h.Capabilities, err)
	}
	began := walker.Wall()
	r.servers[0].Exec("postgres", "tenant_01", "SELECT pay_fee(1)", "SELECT pay_fee(2)", "SELECT pg_sleep(0.3)")
	var a engine.Answer
	r.until("two calls were timed", func() bool {
		a = r.measure(began, walker.Wall())
		return a.Baseline.Execution.Count >= 2
	})
	if e := a.Baseline.Execution; e.Count != 2 || e.Sum <= 0 || e.Sum > 250 {
		t.Errorf("%+v", e)
	}
}
