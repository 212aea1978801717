package postgresql_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// rig is a fleet over real servers.
type rig struct {
	*postgresql.Fleet
	t        *testing.T
	servers  []*pgfleet.Server
	settings postgresql.Settings
	ordinal  int64
	seq      int64
}

var clock = postgresql.Clock{Now: walker.Wall, Wait: walker.Pause}

func start(t *testing.T, servers, databases int, change ...func(*postgresql.Settings)) *rig {
	t.Helper()
	r := &rig{t: t, servers: pgfleet.Start(t, servers, databases), ordinal: 1}
	r.settings = settingsOf(t, r.servers)
	for _, c := range change {
		c(&r.settings)
	}
	r.open()
	return r
}

func settingsOf(t *testing.T, servers []*pgfleet.Server) postgresql.Settings {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(pgfleet.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	of := postgresql.Settings{Path: "postgresql", Include: []string{"tenant_*"}, Resolution: time.Second, LockTimeout: time.Second}
	for i, s := range servers {
		of.Servers = append(of.Servers, postgresql.Server{Name: []string{"pg-1", "pg-2", "pg-3"}[i], URL: s.URL(pgfleet.Role, "postgres"), PasswordFile: password})
	}
	return of
}

func (r *rig) open() {
	r.t.Helper()
	f, err := postgresql.Open(engine.QA, pgfleet.Extension, r.settings, clock)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Fleet = f
	r.t.Cleanup(f.Close)
}

// make sends an order.
func (r *rig) make(c engine.Change, instances []string, tenants ...string) error {
	r.seq++
	o := engine.Order{Rollout: "r", Ordinal: r.ordinal, Seq: r.seq, Candidate: "1.6.0", Change: c}
	for _, name := range instances {
		o.Instances = append(o.Instances, engine.PlanInstance{ID: name})
	}
	for _, name := range tenants {
		o.Tenants = append(o.Tenants, engine.Tenant{ID: name})
	}
	return r.Make(r.t.Context(), o)
}

// settled waits until nothing is pending, and gives what the condition then is.
func (r *rig) settled(c engine.Change, instances []string, tenants ...string) (got engine.Condition) {
	r.t.Helper()
	if err := r.make(c, instances, tenants...); err != nil {
		r.t.Fatalf("%s: %v", c.Kind, err)
	}
	r.until("nothing is pending", func() bool {
		got = r.look()
		return got.Pending == 0
	})
	if got.BrokenCount > 0 {
		r.t.Fatalf("%s: %+v", c.Kind, got.Broken)
	}
	return got
}

func (r *rig) look() engine.Condition {
	r.t.Helper()
	c, err := r.Look(r.t.Context(), engine.Watch{Rollout: "r", Candidate: "1.6.0", Slot: "servers"})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// until waits for something.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	deadline := walker.Wall().Add(time.Minute)
	for !is() {
		if walker.Wall().After(deadline) {
			r.t.Fatalf("after a minute not yet: %s", what)
		}
		if err := walker.Pause(r.t.Context(), 50*time.Millisecond); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) instances() (all []engine.Instance) {
	r.t.Helper()
	for i, err := range r.Instances(r.t.Context()) {
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, i)
	}
	return all
}

func (r *rig) tenants() (all []engine.Tenant, err error) {
	for one, err := range r.Tenants(context.WithoutCancel(r.t.Context())) {
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// lackingJournal is a fleet beside which nothing keeps journals.
type lackingJournal struct{ *rig }

func (l lackingJournal) Describe(ctx context.Context) (engine.Head, error) {
	h, err := l.rig.Describe(ctx)
	h.Capabilities.Lacks = append(h.Capabilities.Lacks, engine.CanJournal)
	return h, err
}
