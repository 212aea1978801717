package server_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// place is a fleet without chance that lives in real time, and keeps no journals.
type place struct {
	mu    sync.Mutex
	fleet *enginetest.Fleet
	clock walker.Time
	looks func() // before each look, where it is set
	keeps engine.Journals
}

func (p *place) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fleet.Advance(p.clock.Now())
	f()
}

func (p *place) Describe(ctx context.Context) (h engine.Head, err error) {
	p.do(func() { h, err = p.fleet.Describe(ctx) })
	return h, err
}

func (p *place) Make(ctx context.Context, o engine.Order) (err error) {
	p.do(func() { err = p.fleet.Make(ctx, o) })
	return err
}

func (p *place) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	if p.looks != nil {
		p.looks()
	}
	p.do(func() { c, err = p.fleet.Look(ctx, w) })
	return c, err
}

func (p *place) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	p.do(func() { a, err = p.fleet.Measure(ctx, q) })
	return a, err
}

// world is a place behind the port of the server.
type world struct{ *place }

func (w world) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return w.fleet.Instances(ctx)
}

func (w world) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return w.fleet.Tenants(ctx)
}
func (w world) Now() time.Time                                        { return w.clock.Now() }
func (world) Complete(context.Context, *engine.Snapshot) error        { return nil }
func (w world) Journals() engine.Journals                             { return w.keeps }
func (world) Began(string) error                                      { return nil }
func (world) Attend(context.Context, string, string, time.Time) error { return nil }
func (world) Leave(context.Context, string, string)                   {}

// places are some of them, in Production.
type places map[string]*place

func newPlaces(n int) places {
	all := places{}
	for i := range n {
		name := fmt.Sprintf("p%d", i)
		p := &place{fleet: enginetest.NewFleet(engine.Production, name, 5, 40, "1.0.0", 20_000)}
		p.fleet.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.3, Latency: 40}
		p.do(func() {})
		all[name] = p
	}
	return all
}

func (p places) World(e engine.Environment, plugin string) (server.World, error) {
	if one := p[plugin]; one != nil && e == engine.Production {
		return world{one}, nil
	}
	return nil, &server.NoWorldError{Environment: e, Plugin: plugin, Why: "there is no such plugin"}
}

func (places) Environments() []server.Environment {
	return []server.Environment{{Name: engine.Production}}
}

// rig is a server that runs on a store.
type rig struct {
	*server.Server
	t    *testing.T
	stop func()
}

func openStore(t *testing.T) *sql.Store {
	t.Helper()
	s, err := sql.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "hotswap.db"), sql.Options{Now: new(walker.Time).Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// run runs a server.
func run(t *testing.T, holder string, s store.Store, w server.Worlds, change ...func(*server.Options)) *rig {
	t.Helper()
	var clock walker.Time
	o := server.Options{
		Store: s, Worlds: w, Holder: holder, Now: clock.Now, Wait: walker.Pause, Writer: rand.Text, Lease: 2 * time.Second,
		Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	r := &rig{Server: server.New(o), t: t}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(r.stop)
	return r
}

// begin starts a canary whose stages take a second.
func (r *rig) begin(plugin, version string) string { return r.beginFor(plugin, version, "PT1S") }

// beginFor starts a canary whose stages take so long.
func (r *rig) beginFor(plugin, version, length string) string {
	r.t.Helper()
	text := fmt.Sprintf(`{"pluginId": %q, "environment": "Production", "version": %q, "strategy": "Canary",
		"canaryConfig": {"stages": [10, 100], "evaluationPeriod": %q}, "analysis": {"minRequests": 10, "minTenants": 1}}`, plugin, version, length)
	spec, err := engine.DecodeSpec([]byte(text))
	if err != nil {
		r.t.Fatal(err)
	}
	started, fresh, err := r.Start(r.t.Context(), &server.Asked{
		Environment: engine.Production, Plugin: plugin, Deployment: &spec, Text: json.RawMessage(text), By: "a test",
	})
	if err != nil || !fresh {
		r.t.Fatal(fresh, err)
	}
	return started.RolloutHead.Rollout
}

// until waits until a rollout is as is wanted.
func until(t *testing.T, s store.Store, id string, wanted func(store.Rollout) bool) store.Rollout {
	t.Helper()
	var last store.Rollout
	for range 600 {
		r, err := s.Rollout(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if last = r; wanted(r) {
			return r
		}
		_ = walker.Pause(t.Context(), 50*time.Millisecond)
	}
	t.Fatalf("%s is still %s at %s, with %d events", id, last.Phase, last.Stage, last.Events)
	return last
}

func ended(r store.Rollout) bool { return r.Outcome != "" }

// began counts how often the stages of a rollout began.
func began(t *testing.T, s store.Store, id string) map[int]int {
	t.Helper()
	j, err := s.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	_, events, _, err := engine.LoadState(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	n := map[int]int{}
	for _, e := range events {
		if e.Kind == engine.Began {
			n[e.Stage]++
		}
	}
	return n
}
