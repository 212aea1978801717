package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// poor is a fleet that lacks something.
func poor(lacks ...engine.Capability) engine.Snapshot {
	f := enginetest.NewFleet(engine.Production, "gateway", 10, 150, "1.0.0", 150)
	for i := range f.State.Tenants {
		f.State.Tenants[i].PriorRequests, f.State.Tenants[i].PriorErrors = 100_000, 1000
	}
	s := f.Snapshot()
	s.Capabilities.Lacks = lacks
	for _, what := range lacks {
		switch what {
		case engine.CanTenants:
			s.Tenants = nil
		case engine.CanHistory:
			for i := range s.Tenants {
				s.Tenants[i].PriorRequests, s.Tenants[i].PriorErrors = 0, 0
			}
		}
	}
	return s
}

func rollsOut(s engine.Strategy) engine.Spec {
	return engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: s}
}

// TestEveryStrategyWithoutEveryCapability is the whole table: what is refused, what is
// left out with a warning, and what does not matter.
func TestEveryStrategyWithoutEveryCapability(t *testing.T) {
	var b strings.Builder
	for _, what := range engine.AllCapabilities() {
		fmt.Fprintf(&b, "%-15s", what)
		for _, strategy := range engine.Strategies() {
			plan, err := engine.Compile("r", rollsOut(strategy), poor(what))
			cell := "."
			for _, w := range plan.Warnings {
				if strings.HasSuffix(w.Problem, "left out") || w.Problem == "canary by routes" || w.Problem == "evidence can only hold" {
					cell = "warned"
				}
			}
			if err != nil {
				cell = "refused"
				if !strings.Contains(err.Error(), "fleet") {
					t.Errorf("%s without %s: %v", strategy, what, err)
				}
			}
			fmt.Fprintf(&b, " %-10s", cell)
		}
		b.WriteString("\n")
	}
	head, rows, _ := strings.Cut(strings.TrimPrefix(enginetest.CapabilityTable, "\n"), "\n")
	if got := b.String(); words(got) != words(rows) {
		t.Errorf("%s\n%s", head, got)
	}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestNamedIsRefused asks by name for what the fleet lacks: every one of them is refused,
// naming the attribute and the reason, and none where it is there.
func TestNamedIsRefused(t *testing.T) {
	half, ms, one, three, twice := 0.5, 100.0, 1, 3, 2.0
	gradual := engine.Gradual
	for _, c := range []struct {
		lacks engine.Capability
		spec  func(*engine.Spec)
		want  string
	}{
		{engine.CanLatency, func(s *engine.Spec) {
			s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxLatencyP99Ms: &ms}}
		}, "canary.thresholds.max_latency_p99_ms: the fleet does not measure latencies"},
		{engine.CanTimeouts, func(s *engine.Spec) {
			s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MinSuccessRate: &half}}
		}, "canary.thresholds.min_success_rate: the fleet does not count timeouts"},
		{engine.CanCPU, func(s *engine.Spec) { s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxCPU: &half}} }, "canary.thresholds.max_cpu: the fleet does not measure CPU"},
		{engine.CanMemory, func(s *engine.Spec) {
			s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxMemory: &half}}
		}, "canary.thresholds.max_memory: the fleet does not measure memory"},
		{engine.CanExecutionTime, func(s *engine.Spec) {
			s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxExecutionTimeMs: &ms}}
		}, "canary.thresholds.max_execution_time_ms: the fleet does not measure execution time"},
		{engine.CanByTenant, func(s *engine.Spec) {
			s.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxTenantErrorRate: &half}}
		}, "canary.thresholds.max_tenant_error_rate: the fleet does not count by tenant"},
		{engine.CanProbes, func(s *engine.Spec) { s.Triggers = &engine.TriggerSettings{ConsecutiveHealthFailures: &three} }, "rollback_triggers.consecutive_health_failures: the fleet does not probe health"},
		{engine.CanLatency, func(s *engine.Spec) { s.Triggers = &engine.TriggerSettings{MaxLatencyP99Ratio: &twice} }, "rollback_triggers.max_latency_p99_ratio: the fleet does not measure latencies"},
		{engine.CanTenantsSeen, func(s *engine.Spec) { s.Analysis = &engine.AnalysisSettings{MinTenants: &one} }, "analysis.min_tenants: the fleet does not count the tenants that it saw"},
		{engine.CanSmokeTests, func(s *engine.Spec) {
			s.Strategy, s.BlueGreen = engine.BlueGreen, &engine.BlueGreenSettings{SmokeTests: []string{"pay"}}
		}, "blue_green.smoke_tests: the fleet runs no smoke tests"},
		{engine.CanRoutes, func(s *engine.Spec) {
			s.Strategy, s.BlueGreen = engine.BlueGreen, &engine.BlueGreenSettings{SwitchoverType: &gradual}
		}, "blue_green.switchover_type: the fleet switches all traffic or none: Instant needs no shares"},
		{engine.CanSatisfaction, func(s *engine.Spec) {
			s.Strategy, s.ABTesting = engine.ABTesting, &engine.ABTestingSettings{DecisionMetrics: []engine.Metric{engine.ErrorRate, engine.UserSatisfaction}}
		}, "ab_testing.decision_metrics[1]: the fleet collects no scores"},
	} {
		spec := rollsOut(engine.Canary)
		c.spec(&spec)
		if _, err := engine.Compile("r", spec, poor(c.lacks)); err == nil || err.Error() != c.want {
			t.Errorf("without %s: %v\nwant %s", c.lacks, err, c.want)
		}
		if _, err := engine.Compile("r", spec, poor()); err != nil {
			t.Errorf("with %s: %v", c.lacks, err)
		}
	}
}

// TestHealthAlone rolls out on a fleet that counts no traffic, by health alone.
func TestHealthAlone(t *testing.T) {
	none := int64(0)
	for _, strategy := range engine.Strategies() {
		spec := rollsOut(strategy)
		spec.Analysis = &engine.AnalysisSettings{MinRequests: &none}
		plan, err := engine.Compile("r", spec, poor(engine.CanTraffic))
		if goes := strategy == engine.Direct || strategy == engine.Rolling; goes != (err == nil) {
			t.Errorf("%s: %v", strategy, err)
		}
		for _, s := range plan.Stages {
			if len(s.Gate.Checks) > 0 {
				t.Errorf("%s: stage %s checks %v", strategy, s.Name, s.Gate)
			}
		}
	}
}

// TestCanaryByRoutes compiles a canary for fleets that cannot move tenants: to shares of
// the traffic of a second slot, under the canary's own gates.
func TestCanaryByRoutes(t *testing.T) {
	for _, lacks := range [][]engine.Capability{{engine.CanTenants}, {engine.CanSideBySide}, {engine.CanTenants, engine.CanSideBySide, engine.CanByTenant, engine.CanHistory}} {
		plan, err := engine.Compile("r", rollsOut(engine.Canary), poor(lacks...))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range plan.Stages {
			names = append(names, s.Name)
			if strings.HasSuffix(s.Name, "%") && (s.Changes[0].Kind != engine.Shift || len(s.Gate.Checks) != 3 || s.Bake != 10*time.Minute) {
				t.Errorf("%v: stage %s: %v, %v", lacks, s.Name, s.Changes, s.Gate)
			}
		}
		if got := strings.Join(names, " "); got != "provision green 10% 30% 50% 100% retire blue" {
			t.Errorf("%v: %s", lacks, got)
		}
	}
	for _, lacks := range []engine.Capability{engine.CanSlots, engine.CanRoutes} {
		if _, err := engine.Compile("r", rollsOut(engine.Canary), poor(engine.CanTenants, lacks)); err == nil || !strings.Contains(err.Error(), "Rolling needs neither") {
			t.Errorf("without tenants and %s: %v", lacks, err)
		}
	}
}

// TestCapsAreRoundedUp has a fleet that counts latencies against bounds of its own.
func TestCapsAreRoundedUp(t *testing.T) {
	limit := 450.0
	for _, c := range []struct {
		bounds  []float64
		named   bool
		checked float64 // 0: not
		says    string
	}{
		{[]float64{100, 450, 1000}, true, 450, ""},
		{[]float64{100, 400, 500, 1000}, true, 500, "thresholds.max_latency_p99_ms = 450 is checked as 500 ms, the next bound that the fleet counts against (400 ms below)"},
		{[]float64{100, 400}, true, 0, "canary.thresholds.max_latency_p99_ms: 450 is above the last bound that the fleet counts latencies against, 400 ms"},
		{[]float64{100, 400}, false, 0, "thresholds.max_latency_p99_ms left out: its cap is above the last bound"},
		{[]float64{100, 1000}, false, 1000, "thresholds.max_latency_p99_ms = 500 is checked as 1000 ms"},
	} {
		spec, s := rollsOut(engine.Canary), poor()
		s.Capabilities.LatencyBounds = c.bounds
		if c.named {
			spec.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxLatencyP99Ms: &limit}}
		}
		plan, err := engine.Compile("r", spec, s)
		text := fmt.Sprint(plan.Warnings, err)
		if !strings.Contains(text, c.says) {
			t.Errorf("%v: %s\nwant %s", c.bounds, text, c.says)
		}
		checked := 0.0
		for _, stage := range plan.Stages {
			for _, k := range stage.Gate.Checks {
				if k.Metric == engine.LatencyP99 {
					checked = k.Bound
				}
			}
		}
		if checked != c.checked {
			t.Errorf("%v: checked is %v, want %v", c.bounds, checked, c.checked)
		}
	}
}

// TestPaceIsTheFleets takes the times between looks from the fleet, writes them into the
// plan, and goes by them: scrapes of 60 s that come 15 s late blind no gate.
func TestPaceIsTheFleets(t *testing.T) {
	f, r := canaryOn(t, 3)
	if p := r.Plan().Pace; p.LookEvery != time.Second || p.StaleAfter != time.Minute || p.Forward != 5*time.Minute || p.Back != 15*time.Minute {
		t.Errorf("the usual pace is %+v", p)
	}
	_ = f
	slow := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	slow.State.Capabilities.Resolution, slow.State.Capabilities.Delay = time.Minute, 15*time.Second
	r, err := enginetest.Begin(slow, engine.NewMemoryJournals(), "r1", rollsOut(engine.Canary))
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Plan().Pace; p.LookEvery != time.Minute || p.StaleAfter != 3*time.Minute+15*time.Second {
		t.Errorf("the pace of slow metrics is %+v", p)
	}
	slow.AlterAnswer = func(a *engine.Answer) { // the newest scrape that is there
		last := slow.Now.Add(-15 * time.Second).Truncate(time.Minute)
		for _, m := range []*engine.Measurement{&a.Candidate, &a.Baseline} {
			if m.Newest.After(last) {
				m.Newest = last
			}
		}
	}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	blinded := 0
	for _, e := range r.Events() {
		if e.Kind == engine.Blinded {
			blinded++
		}
	}
	if took := slow.Now.Sub(enginetest.Start); r.State().Outcome != engine.Succeeded || took > 41*time.Minute || blinded > 0 {
		t.Errorf("%s after %s, blinded %d times; want succeeded after 40 minutes", r.State(), took, blinded)
	}
	if slow.Measured > 200 {
		t.Errorf("it was measured %d times in 40 minutes of one sample a minute", slow.Measured)
	}
}
