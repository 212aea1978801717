package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

func TestConfigProblemsAllAtOnce(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Instances, cfg.Tenants, cfg.RequestsPerSecond, cfg.TenantSpread = 0, 2_000_000, -1, 3
	cfg.InstallSeconds, cfg.ProbeIntervalSeconds = -1, 0
	cfg.Installed = map[string]string{"stripe": ""}
	cfg.Versions = map[string]Behaviour{"1.6.0": {ErrorRate: 0.7, TimeoutRate: 0.7, LatencyP50Ms: 100, LatencyP99Ms: 50, Satisfaction: 9}}
	cfg.Faults = []Fault{{Kind: "flood"}, {Kind: ErrorSpike, FromSeconds: 9, ToSeconds: 8, Magnitude: 2}, {Kind: InstanceLeave}}
	var ps engine.Problems
	if err := cfg.Validate(); !errors.As(err, &ps) {
		t.Fatalf("%v", err)
	}
	text := ps.Error()
	for _, path := range []string{
		"simulated.instances: 0 is not in 1..100000", "simulated.tenants:", "simulated.requests_per_second:", "simulated.tenant_spread:",
		"simulated.install_seconds:", "simulated.probe_interval_seconds:", `simulated.installed["stripe"]:`,
		`simulated.versions["1.6.0"].timeout_rate:`, `simulated.versions["1.6.0"].latency_p99_ms:`, `simulated.versions["1.6.0"].satisfaction:`,
		"simulated.faults[0].kind:", "simulated.faults[1].to_seconds:", "simulated.faults[1].magnitude:", "simulated.faults[2].instances:",
	} {
		if !strings.Contains(text, path) {
			t.Errorf("%s is not among\n%s", path, text)
		}
	}
	if _, err := NewWorld(cfg, engine.QA, stripe); err == nil {
		t.Error("a world can be made of it")
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

// What JSON leaves out gets the default, and what is written is read as it was.
func TestConfigJSON(t *testing.T) {
	var cfg Config
	if err := json.Unmarshal([]byte(`{"instances": 3, "versions": {"2": {"error_rate": 0.5}}}`), &cfg); err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Instances = 3
	b := DefaultBehaviour()
	b.ErrorRate = 0.5
	want.Versions = map[string]Behaviour{"2": b}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("%+v, want %+v", cfg, want)
	}
	data, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var again Config
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, cfg) {
		t.Errorf("%+v, want %+v: %v", again, cfg, err)
	}
}

// With a time scale, the world waits for real time between its events; a wait that
// is cancelled leaves the clock where it stood.
func TestDriveTimeScale(t *testing.T) {
	r := begin(t, installed(DefaultConfig()), to(engine.Direct))
	var slept time.Duration
	ctx, cancel := context.WithCancel(context.Background())
	clock := r.world.Clock(60, func(ctx context.Context, d time.Duration) error {
		if slept += d; r.world.Now().Sub(epoch) >= 4*time.Second {
			cancel()
		}
		return ctx.Err()
	})
	if err := walker.Walk(ctx, r.runner, clock, walker.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if at := r.world.Now().Sub(epoch); at != 4*time.Second {
		t.Errorf("cancelled, the clock stands at %s", at)
	}
	r.resume()
	clock = r.world.Clock(60, func(_ context.Context, d time.Duration) error { slept += d; return nil })
	if err := walker.Walk(context.Background(), r.runner, clock, walker.Options{}); err != nil {
		t.Fatal(err)
	}
	s := r.ends(engine.Succeeded)
	if took := s.Ended.Sub(epoch); slept < took/60 || slept > took/60+time.Second {
		t.Errorf("%s on the world's clock took %s of sleep", took, slept)
	}
}

// Orders are fenced: an older one is refused, the same one is taken again and changes
// nothing.
func TestOrdersAreFenced(t *testing.T) {
	w, plan := canaryAtMinute(t, installed(DefaultConfig()))
	ctx := context.Background()
	was := fleetOf(w)
	last := orderOf(plan, w.Seq, plan.Stages[1].Changes[0])
	if err := w.Make(ctx, last); err != nil || fleetOf(w) != was {
		t.Errorf("the same order again: %v", err)
	}
	old := last
	old.Seq--
	if err := w.Make(ctx, old); !errors.Is(err, engine.ErrSuperseded) {
		t.Errorf("an older order: %v", err)
	}
	newer := last
	newer.Rollout, newer.Seq = w.NextRollout(), 0
	if err := w.Make(ctx, newer); err != nil {
		t.Errorf("a newer rollout: %v", err)
	}
	last.Seq = 1000
	if err := w.Make(ctx, last); !errors.Is(err, engine.ErrSuperseded) {
		t.Errorf("the rollout before: %v", err)
	}
}
