package fleet_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

const secret = "a-token-that-nobody-reads"

// reach is a client of the server at an address.
func reach(t testing.TB, address string, edit ...func(*connect.Settings)) *client.Client {
	t.Helper()
	s := connect.Settings{Path: "fleet", Address: address, HTTP: config.DefaultHTTPClientConfig}
	s.HTTP.Authorization = &config.Authorization{Credentials: secret}
	for _, f := range edit {
		f(&s)
	}
	c, err := client.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// served is a world of the simulator behind the contract.
func served(w *simulator.World, journals engine.Journals) server.World {
	var mu sync.Mutex
	head, _ := w.Describe(context.Background()) // which never fails without a fault
	return server.World{
		Environment: head.Environment, Plugin: head.Plugin, Fleet: w, Meter: w, Journals: journals, Now: w.Now,
		Do: func(f func()) {
			mu.Lock()
			defer mu.Unlock()
			f()
		},
	}
}

func handle(t testing.TB, now func() time.Time, worlds ...server.World) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(server.New(server.Options{Token: func() (string, error) { return secret, nil }, Now: now}, worlds...))
	t.Cleanup(s.Close)
	return s
}

// TestFleetOverHTTP holds the port of fleets against a simulated one, there and back over
// HTTP, with every capability and without some.
func TestFleetOverHTTP(t *testing.T) {
	for name, edit := range map[string]func(*simulator.Config){
		"all":             func(*simulator.Config) {},
		"without tenants": func(c *simulator.Config) { c.Can = map[engine.Capability]bool{engine.CanTenants: false} },
		"without slots": func(c *simulator.Config) {
			c.Can = map[engine.Capability]bool{engine.CanSlots: false, engine.CanSmokeTests: false}
		},
		"without by tenant": func(c *simulator.Config) {
			c.Can = map[engine.Capability]bool{engine.CanByTenant: false, engine.CanHistory: false}
		},
		"one at a time":      func(c *simulator.Config) { c.Can = map[engine.Capability]bool{engine.CanSideBySide: false} },
		"without latencies":  func(c *simulator.Config) { c.Can = map[engine.Capability]bool{engine.CanLatency: false} },
		"with slow scrapes":  func(c *simulator.Config) { c.Metrics.Resolution = engine.Duration(15 * time.Second) },
		"without any counts": func(c *simulator.Config) { c.Can = map[engine.Capability]bool{engine.CanTraffic: false} },
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Fleets(t, func(t *testing.T) enginetest.Place {
				cfg := simulator.DefaultConfig()
				cfg.Installed = map[string]string{"gateway": "1.5.0"}
				edit(&cfg)
				w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
				if err != nil {
					t.Fatal(err)
				}
				s := handle(t, w.Now, served(w, engine.NewMemoryJournals()))
				far := reach(t, s.URL).World(engine.Production, "gateway")
				return enginetest.Place{Fleet: far, Meter: far, Now: w.Now, Pass: func(d time.Duration) { w.RunUntil(w.Now().Add(d)) }}
			})
		})
	}
}

// everyWorld are the journals of all plugins in all environments that a server has, each
// behind an address of its own.
type everyWorld struct {
	of func(e engine.Environment, plugin string) engine.Journals
	mu *sync.Mutex
	at map[string]engine.Journals // by rollout

	whose map[string]string // plugins, by rollout
}

func (w everyWorld) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	js := w.of(p.Spec.Environment, p.Spec.PluginID)
	w.mu.Lock()
	other, taken := w.whose[p.Rollout]
	w.mu.Unlock()
	if taken && other != p.Spec.PluginID { // the contract has ids below each plugin
		return nil, &engine.RolloutTakenError{Rollout: p.Rollout}
	}
	j, err := js.Begin(ctx, p)
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.at[p.Rollout], w.whose[p.Rollout] = js, p.Spec.PluginID
	}
	return j, err
}

func (w everyWorld) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	w.mu.Lock()
	js := w.at[rollout]
	w.mu.Unlock()
	if js == nil {
		js = w.of(engine.Production, "gateway")
	}
	return js.Open(ctx, rollout)
}

func (w everyWorld) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	return w.of(e, plugin).List(ctx, e, plugin, f)
}

// nowhere is a fleet that is only there for its journals.
type nowhere struct{ engine.Fleet }

func (nowhere) Describe(context.Context) (engine.Head, error) {
	return engine.Head{}, errors.New("nobody asks")
}

// TestJournalsOverHTTP holds the port of journals against what a server keeps, there and
// back over HTTP: the engine's journals, and its own as the texts that they are.
func TestJournalsOverHTTP(t *testing.T) {
	journals := engine.NewMemoryJournals()
	for name, keep := range map[string]func(w *server.World){
		"journals": func(w *server.World) { w.Journals = journals },
		"ledger":   func(w *server.World) { w.Ledger = server.NewLedger(server.NewMemory()) },
		"ledger on disk": func(w *server.World) {
			w.Keeper = server.NewFolder(t.TempDir())
			w.Ledger = server.NewLedger(w.Keeper)
		},
	} {
		t.Run(name, func(t *testing.T) { journalsOverHTTP(t, keep) })
	}
}

func journalsOverHTTP(t *testing.T, keep func(w *server.World)) {
	now := func() time.Time { return enginetest.Start }
	var worlds []server.World
	add := func(e engine.Environment, plugin string) {
		w := server.World{Environment: e, Plugin: plugin, Fleet: nowhere{}, Now: now}
		keep(&w)
		worlds = append(worlds, w)
	}
	add(engine.Production, "gateway")
	for _, plugin := range []string{"second", "third", "listed", "unlisted", "off"} {
		add(engine.QA, plugin)
	}
	add(engine.Staging, "second")
	for round := range 10 {
		for _, which := range []string{"a", "b"} {
			add(engine.QA, "race-"+string(rune('0'+round))+"-"+which)
		}
	}
	s := handle(t, now, worlds...)
	at, whose := map[string]engine.Journals{}, map[string]string{}
	var mu sync.Mutex
	enginetest.Journals(t, func() engine.Journals {
		c := reach(t, s.URL)
		return everyWorld{of: func(e engine.Environment, plugin string) engine.Journals { return c.World(e, plugin) }, mu: &mu, at: at, whose: whose}
	})
}
