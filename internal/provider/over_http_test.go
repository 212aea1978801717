package provider

import (
	"context"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// overHTTP has the tests that play Terraform reach their fleets over HTTP, by the contract.
var overHTTP = os.Getenv("HOTSWAP_TEST_OVER_HTTP") != ""

// farWorlds are memory worlds behind the contract. Their clocks are the near ones', so that
// a rollout of an hour takes no longer than it has to.
type farWorlds struct {
	near *memoryWorlds
	mu   sync.Mutex
	far  map[*memoryWorld]*fleet.Fleet
}

func newFarWorlds(near *memoryWorlds) *farWorlds {
	return &farWorlds{near: near, far: map[*memoryWorld]*fleet.Fleet{}}
}

// farWorld is a real fleet's world on a near one's clock.
type farWorld struct {
	*fleetWorld
	near *memoryWorld
}

func (w *farWorld) Now() time.Time                { return w.near.Now() }
func (w *farWorld) Clock(hurry bool) walker.Clock { return w.near.Clock(hurry) }
func (w *farWorld) Close() error                  { return w.near.Close() }

func (f *farWorlds) at(e engine.Environment, plugin string) (*farWorld, error) {
	near, err := f.near.at(e, plugin)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.far[near] == nil {
		f.far[near] = f.serve(near, e, plugin)
	}
	reached := &fleetWorlds{f.far[near]}
	far, err := reached.world(e, plugin)
	return &farWorld{far, near}, err
}

// serve puts a near world behind the contract.
func (f *farWorlds) serve(near *memoryWorld, e engine.Environment, plugin string) *fleet.Fleet {
	f.near.t.Helper()
	const secret = "for tests"
	s := httptest.NewServer(server.New(server.Options{Token: func() (string, error) { return secret, nil }, Now: near.Now}, server.World{
		Environment: e, Plugin: plugin, Fleet: near, Meter: near, Journals: near.Journals(), Now: near.Now,
	}))
	f.near.t.Cleanup(s.Close)
	settings := connect.Settings{Path: "fleet", Address: s.URL, HTTP: config.DefaultHTTPClientConfig}
	settings.HTTP.Authorization = &config.Authorization{Credentials: secret}
	far, err := fleet.Open(fleet.Settings{API: settings})
	if err != nil {
		f.near.t.Fatal(err)
	}
	f.near.t.Cleanup(far.Close)
	return far
}

func (f *farWorlds) peek(_ context.Context, e engine.Environment, plugin string) (view, error) {
	return f.at(e, plugin)
}

func (f *farWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	if _, err := f.near.open(ctx, e, plugin); err != nil {
		return nil, err
	}
	return f.at(e, plugin)
}

// near is w where its fleets are in this process, and far ones otherwise.
func nearOrFar(t *testing.T, w worlds) worlds {
	t.Helper()
	if m, ok := w.(*memoryWorlds); ok && overHTTP {
		return m.overHTTP()
	}
	return w
}

// overHTTP are the same worlds, reached over HTTP.
func (m *memoryWorlds) overHTTP() worlds {
	if m.far == nil {
		m.far = newFarWorlds(m)
	}
	return m.far
}

// TestLifecyclesOverHTTP takes a deployment of each strategy through its life, reached over
// HTTP: what the tests of the provider ask of fleets in this process.
// HOTSWAP_TEST_OVER_HTTP=1 has all of them do so.
func TestLifecyclesOverHTTP(t *testing.T) {
	for name, settings := range strategies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, w := context.Background(), newMemoryWorlds(t, better)
			core := newCore(t, w.overHTTP())
			good, bad := deployment("1.6.0", settings), deployment("9.9.9", settings)
			expectGood(t, core.apply(ctx, good))
			expect(t, core, map[string]string{"status": "succeeded", "previous_version": "1.5.0", "rollout_id": "stripe-production-1"})
			expectServed(t, w, "1.6.0", nil)
			expectQuiet(t, core, good)
			if diags := core.apply(ctx, bad); name == "ABTesting" {
				expectGood(t, diags)
				expect(t, core, map[string]string{"status": "retained"})
			} else {
				expectError(t, diags, "rolled back")
				expect(t, core, map[string]string{"status": "rolled_back", "rollout_id": "stripe-production-2"})
			}
			expectServed(t, w, "1.6.0", nil)
			expectGood(t, core.destroy(ctx))
			expectServed(t, w, "1.5.0", nil)
		})
	}
}
