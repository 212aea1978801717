package simulator

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// poor is a fleet that lacks something, with 1.6.0 on all instances beside 1.5.0.
func poor(t *testing.T, lacks ...engine.Capability) *World {
	t.Helper()
	cfg := installed(DefaultConfig())
	cfg.Versions = map[string]Behaviour{"1.5.0": DefaultBehaviour()}
	b := cfg.Versions["1.5.0"]
	b.TimeoutRate = 0.02
	cfg.Versions["1.5.0"] = b
	cfg.Can = map[engine.Capability]bool{}
	for _, what := range lacks {
		cfg.Can[what] = false
	}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestLacksAreTold holds that a fleet tells what it lacks, in the order of the list.
func TestLacksAreTold(t *testing.T) {
	w := poor(t, engine.AllCapabilities()...)
	head, err := w.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, what := range engine.AllCapabilities() {
		if head.Capabilities.Lacks[i] != what {
			t.Errorf("%d: %s, want %s", i, head.Capabilities.Lacks[i], what)
		}
	}
	if head.RequestsPerSecond != 0 || head.ProbeInterval != 0 {
		t.Errorf("%g requests per second, a probe every %s", head.RequestsPerSecond, head.ProbeInterval)
	}
	if c := poor(t).capabilities(); len(c.Lacks) != 0 || c.LatencyBounds != nil || c.Resolution != 0 || c.Delay != 0 {
		t.Errorf("a fleet that lacks nothing says %+v", c)
	}
	cfg := DefaultConfig()
	cfg.Metrics.ByTenant = false
	if lacks := cfg.lacks(); len(lacks) != 1 || lacks[0] != engine.CanByTenant {
		t.Errorf("metrics by no tenant: lacks %v", lacks)
	}
}

// TestOrdersThatCannotBe holds that a fleet refuses for good what it cannot do.
func TestOrdersThatCannotBe(t *testing.T) {
	all := engine.Range{To: 10}
	for _, c := range []struct {
		lacks engine.Capability
		order engine.Change
	}{
		{engine.CanSideBySide, engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: all}},
		{engine.CanSideBySide, engine.Change{Kind: engine.Activate, Version: "1.5.0", Instances: all}},
		{engine.CanTenants, engine.Change{Kind: engine.Pin, Version: "1.5.0", Tenants: engine.Range{To: 3}}},
		{engine.CanTenants, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{To: 3}}},
		{engine.CanSlots, engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.6.0"}},
		{engine.CanSlots, engine.Change{Kind: engine.Retire, Slot: "green"}},
		{engine.CanSlots, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 100}}}},
		{engine.CanRoutes, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 90}, {Slot: "green", Percent: 10}}}},
		{engine.CanSmokeTests, engine.Change{Kind: engine.Smoke, Slot: "blue", Tests: []string{"health"}}},
	} {
		w := poor(t, c.lacks)
		o := engine.Order{Rollout: "r", Seq: 1, Candidate: "1.6.0", Change: c.order}
		var refused *engine.Refused
		if err := w.Make(t.Context(), o); !errors.As(err, &refused) {
			t.Errorf("without %s, %s: %v, want refused", c.lacks, c.order, err)
		}
		if w := poor(t); errors.As(w.Make(t.Context(), o), &refused) {
			t.Errorf("with %s, %s is refused", c.lacks, c.order)
		}
	}
	w := poor(t, engine.CanRoutes)
	whole := engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 100}, {Slot: "green"}}}
	if err := w.Make(t.Context(), engine.Order{Rollout: "r", Seq: 1, Change: whole}); err != nil {
		t.Errorf("all of the traffic to one slot: %v", err)
	}
}

// TestMeasurementsLeaveOut holds that what a fleet lacks is in no measurement, and that
// nothing else is missing.
func TestMeasurementsLeaveOut(t *testing.T) {
	everything := engine.WantCounts | engine.WantSlower | engine.WantMinutes | engine.WantHistogram | engine.WantMeans | engine.WantTenants | engine.WantByTenant
	measure := func(w *World) engine.Measurement {
		w.RunUntil(epoch.Add(10 * time.Minute))
		a, err := w.Measure(t.Context(), engine.Question{
			Rollout: "r", Version: "1.6.0", From: epoch, To: w.Now(), Baseline: everything, Bounds: []float64{100}, TenantBound: 100,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a.Baseline
	}
	has := map[engine.Capability]func(m *engine.Measurement) bool{
		engine.CanTraffic: func(m *engine.Measurement) bool { return m.Requests > 0 && !m.Newest.IsZero() },
		engine.CanLatency: func(m *engine.Measurement) bool {
			return m.Slower != nil && m.Histogram.Slower != nil && m.Latency.Count > 0
		},
		engine.CanTimeouts:      func(m *engine.Measurement) bool { return m.Timeouts > 0 },
		engine.CanConversions:   func(m *engine.Measurement) bool { return m.Conversions > 0 },
		engine.CanSatisfaction:  func(m *engine.Measurement) bool { return m.Satisfaction.Count > 0 },
		engine.CanExecutionTime: func(m *engine.Measurement) bool { return m.Execution.Count > 0 },
		engine.CanCPU:           func(m *engine.Measurement) bool { return m.CPU.Count > 0 },
		engine.CanMemory:        func(m *engine.Measurement) bool { return m.Memory.Count > 0 },
		engine.CanTenantsSeen:   func(m *engine.Measurement) bool { return m.Tenants > 0 },
		engine.CanByTenant:      func(m *engine.Measurement) bool { return m.Worst != nil && len(m.PerTenant) > 0 },
	}
	for lacking := range has {
		m := measure(poor(t, lacking))
		for what, there := range has {
			if want := what != lacking && lacking != engine.CanTraffic; there(&m) != want {
				t.Errorf("without %s: %s is there: %v", lacking, what, !want)
			}
		}
	}
	m := measure(poor(t, engine.CanLatency, engine.CanTimeouts, engine.CanConversions, engine.CanSatisfaction))
	for _, one := range m.PerTenant {
		if one.Slower+one.Timeouts+one.Conversions > 0 || one.Latency.Count+one.Satisfaction.Count > 0 {
			t.Fatalf("of a tenant there is %+v", one)
		}
	}
}

// TestTenantsAndTheirPast holds that who knows no tenants lists none, and that who does
// not know their past knows none of it, whoever asks.
func TestTenantsAndTheirPast(t *testing.T) {
	if s := poor(t, engine.CanTenants).Snapshot(); len(s.Tenants) != 0 {
		t.Errorf("%d tenants that nobody knows", len(s.Tenants))
	}
	w := poor(t, engine.CanHistory)
	for _, one := range w.Snapshot().Tenants {
		if one.PriorRequests != 0 || one.PriorErrors != 0 {
			t.Fatalf("%+v has a past", one)
		}
	}
	ask := func(from, to time.Duration) engine.Measurement {
		a, err := w.Measure(t.Context(), engine.Question{
			Rollout: "r", Version: "1.6.0", From: epoch.Add(from), To: epoch.Add(to), Baseline: engine.WantCounts | engine.WantByTenant,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a.Baseline
	}
	if m := ask(-24*time.Hour, 0); m.PerTenant != nil || m.Requests == 0 {
		t.Errorf("the day before: %d requests, of %d tenants", m.Requests, len(m.PerTenant))
	}
	w.RunUntil(epoch.Add(time.Minute))
	if m := ask(0, time.Minute); len(m.PerTenant) == 0 {
		t.Error("the time since it began is not by tenant")
	}
}

// TestLooksLeaveOut holds that nobody is told of probes and deaths that are not counted.
func TestLooksLeaveOut(t *testing.T) {
	look := func(lacks ...engine.Capability) engine.Condition {
		cfg := installed(DefaultConfig())
		cfg.Can = map[engine.Capability]bool{}
		for _, what := range lacks {
			cfg.Can[what] = false
		}
		cfg.Faults = []Fault{{Kind: Hang, Absolute: true}, {Kind: CrashLoop, Instances: []string{"instance-01"}, Absolute: true}}
		w, err := NewWorld(cfg, engine.Production, stripe)
		if err != nil {
			t.Fatal(err)
		}
		w.RunUntil(epoch.Add(2*time.Minute + 7*time.Second)) // between two deaths
		c, err := w.Look(t.Context(), engine.Watch{
			Rollout: "r", Candidate: "1.6.0", Slot: "blue", Failures: 2, Since: epoch, AnyVersion: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := look(); c.Failing != 10 || c.Exposed.Tenants != 0 {
		t.Errorf("of instances that hang, %d fail", c.Failing)
	}
	if c := look(engine.CanProbes); c.Failing != 1 || c.Unproven != 0 || len(c.Ailing) != 1 || c.Ailing[0].Failures != 0 {
		t.Errorf("without probes: %+v", c)
	}
	if c := look(engine.CanProbes, engine.CanDeaths); c.Failing != 0 || len(c.Ailing) > 1 {
		t.Errorf("without probes and deaths: %+v", c)
	}
}

// TestCanIsValidated finds everything that is wrong at once.
func TestCanIsValidated(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Can = map[engine.Capability]bool{"fly": false, engine.CanByTenant: true, engine.CanProbes: false}
	cfg.Metrics = Metrics{Resolution: engine.Duration(time.Millisecond), Delay: engine.Duration(2 * time.Hour), Bounds: []float64{5, 5, 0}, Coverage: 2, Resets: -1, Missing: 1}
	cfg.Faults = []Fault{{Kind: ProbesFail}}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		`simulated.can["fly"]: is not a capability`, "simulated.metrics.by_tenant: false contradicts", "simulated.metrics.resolution: 1ms is not in 1s..1h",
		"simulated.metrics.delay: 2h0m0s is not in 0s..1h", "simulated.metrics.bounds[1]: 5 is not above", "simulated.metrics.bounds[2]: 0 is not in",
		"simulated.metrics.coverage: 2 is not in 0..1", "simulated.metrics.resets: -1 is not in 0..60", "simulated.metrics.missing: 1 is not in 0..0.9",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	idle := DefaultConfig()
	idle.Can, idle.Faults = map[engine.Capability]bool{engine.CanProbes: false}, []Fault{{Kind: ProbesFail}}
	idle.Metrics.Resets, idle.Metrics.Missing = 1, 0.5
	for _, want := range []string{"simulated.faults[0].kind: probes_fail strikes nobody", "metrics.resets: does nothing without resolution", "metrics.missing: does nothing"} {
		if err := idle.Idle(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
