package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What bit the users of other rollout systems, as scenarios. Each names its
// incident in its first line; the checkers watch all of them.
func TestLessons(t *testing.T) {
	for _, lesson := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"01 metrics are empty or not numbers", emptyMetrics},
		{"02 metrics go stale", staleMetrics},
		{"03 no successful measurement", nothingMeasured},
		{"04 inconclusive promotes itself", inconclusiveStays},
		{"05 a failed analysis goes on", failedStops},
		{"07 stuck after a restart", restarted},
		{"08 a new version arrives mid-rollout", newVersionMidway},
		{"09 traffic to what is still scaling up", notReadyNoTraffic},
		{"10 the way back below capacity", capacityOnTheWayBack},
		{"11 abort with nothing running", abortWithNothingBegun},
		{"12 abort after full promotion", abortAfterTheEnd},
		{"13 a retry sticks on leftovers", retryIsNew},
		{"14 a broken baseline blocks the fix", brokenBaseline},
		{"15 rollback after the point of no return", noWayBackAfterFinal},
		{"16 instant return of traffic", capacityBeforeTraffic},
		{"17 stuck despite a deadline", deadlineHolds},
		{"18 rounding at small counts", smallCounts},
		{"19 affinity inflates the share", stickyShare},
		{"20 splits by tenant", splitByTenant},
		{"21 a great regression passes", greatRegression},
		{"27 analysis before traffic", analysisAfterSettle},
		{"28 freeze instead of rollback", freeze},
		{"29 one tenant at 100 % errors", hiddenTenant},
		{"30 the metrics backend is down for minutes", backendDown},
	} {
		t.Run(lesson.name, lesson.run)
	}
}

func faulty(faults ...Fault) Config {
	cfg := installed(DefaultConfig())
	cfg.Faults = faults
	return cfg
}

// noNews drives a rollout that gets no data: it must not succeed.
func noNews(t *testing.T, cfg Config, env engine.Environment) *run {
	t.Helper()
	spec := to(engine.Canary)
	spec.Environment = env
	r := begin(t, cfg, spec)
	s := r.drive()
	onward := func(e engine.Event) bool { return e.Kind == engine.Began && e.Stage > 1 }
	if s.Outcome == engine.Succeeded || slices.ContainsFunc(r.runner.Events(), onward) {
		t.Errorf("without data the rollout went on: %s\n%s", s, r.story())
	}
	return r
}

// argo-rollouts #1466, #1905; flagger #1633, #1090, #1035: metrics are empty or NaN,
// or there is no traffic yet.
func emptyMetrics(t *testing.T) {
	for _, env := range []engine.Environment{engine.Production, engine.QA} {
		quiet := installed(DefaultConfig())
		quiet.RequestsPerSecond = 0
		r := noNews(t, quiet, env)
		if s := r.runner.State(); env == engine.Production && s.Phase != engine.PhaseHeld || env == engine.QA && s.Outcome != engine.RolledBack {
			t.Errorf("%s without traffic: %s", env, s)
		}
		r.kept()
		r = noNews(t, faulty(Fault{Kind: MetricsGap}), env)
		if !r.happened(engine.Blinded) {
			t.Errorf("%s: the gap went unnoticed\n%s", env, r.story())
		}
		r.kept()
	}
	// Sums that are not numbers leave the counts: the rollout is judged on those.
	begin(t, faulty(Fault{Kind: MetricsNaN}), to(engine.Canary)).ends(engine.Succeeded)
}

// flagger #1011: metrics go stale after traffic stopped.
func staleMetrics(t *testing.T) {
	r := noNews(t, faulty(Fault{Kind: MetricsGap, FromSeconds: 300}), engine.Production)
	if s := r.runner.State(); s.Phase != engine.PhaseHeld || !r.happened(engine.Blinded) {
		t.Errorf("%s\n%s", s, r.story())
	}
	r.kept()
}

// argo-rollouts #4479, #1329, #943; PipeCD and Kayenta sources (row 6): a run in which
// nothing could be measured is reported successful.
func nothingMeasured(t *testing.T) {
	noNews(t, faulty(Fault{Kind: MeasureFails}), engine.Production).kept()
}

// argo-rollouts #3850: an inconclusive analysis was begun again until it promoted itself.
func inconclusiveStays(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.RequestsPerSecond = 1 // some 60 requests of 15 tenants in ten minutes
	r := noNews(t, cfg, engine.Production)
	for range 3 {
		r.signal(engine.Resumed)
		if s := r.drive(); s.Phase != engine.PhaseHeld || s.Stage != 1 {
			t.Errorf("judged again: %s", s)
		}
	}
	r.kept()
}

// argo-rollouts #1411: a failed analysis did not stop the rollout.
func failedStops(t *testing.T) {
	r := begin(t, faulty(Fault{Kind: ErrorSpike, Version: "1.6.0", Magnitude: 0.3, FromSeconds: 1500}), to(engine.Canary))
	r.ends(engine.RolledBack)
	if kinds := r.kinds(); slices.Index(kinds, engine.Reverting) < slices.Index(kinds, engine.Judged) {
		t.Errorf("%v", kinds)
	}
}

// argo-rollouts #1707, #1713, PR #1759: rounding at small counts.
func smallCounts(t *testing.T) {
	for tenants := 1; tenants <= 12; tenants++ {
		cfg := installed(DefaultConfig())
		cfg.Tenants, cfg.Instances = tenants, 1+tenants/4
		r := begin(t, cfg, shorter(to(engine.Canary)))
		last := 0
		for _, stage := range r.plan.Stages {
			if e := stage.Exposure.Tenants; e < last {
				t.Errorf("%d tenants: exposure falls from %d to %d", tenants, last, e)
			} else {
				last = e
			}
		}
		r.ends(engine.Succeeded)
	}
}

// flagger #1532, #1647: session affinity inflated the canary's share. Exposure is
// what the fleet measures; the checker of promise 4 compares it with the plan.
func stickyShare(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.TenantSpread = 2
	r := begin(t, cfg, to(engine.Canary))
	r.pass(5 * time.Minute)
	e := r.world.exposure("1.6.0")
	if plan := r.plan.Stages[1].Exposure; e.Tenants != plan.Tenants || e.Share > plan.Share+0.01 {
		t.Errorf("measured %v, planned %v", e, plan)
	}
	r.ends(engine.Succeeded)
}

// flagger #901: A/B and weights excluded each other.
func splitByTenant(t *testing.T) {
	for _, b := range []int{10, 30, 50} {
		spec := shorter(to(engine.ABTesting))
		spec.ABTesting.TrafficSplit = &engine.TrafficSplit{A: 100 - b, B: b}
		r := begin(t, installed(DefaultConfig()), spec)
		r.pass(time.Minute)
		if e := r.world.exposure("1.6.0"); e.Share > float64(b)+0.01 || e.Share < float64(b)-3 {
			t.Errorf("B has %v %% of the traffic, asked for were %d", e.Share, b)
		}
		r.drive()
		r.kept()
	}
}

// kayenta #780, #633: a regression of 650 % passed.
func greatRegression(t *testing.T) {
	cfg := behaves(installed(DefaultConfig()), func(b *Behaviour) { b.LatencyP50Ms, b.LatencyP99Ms = 300, 1500 })
	for _, strategy := range engine.Strategies() {
		s := begin(t, cfg, to(strategy)).drive()
		if s.Outcome != engine.RolledBack && s.Outcome != engine.Retained {
			t.Errorf("%s: %s", strategy, s)
		}
	}
}

// argo-rollouts PR #4864: the analysis began before the canary had traffic.
func analysisAfterSettle(t *testing.T) {
	r := begin(t, faulty(Fault{Kind: SlowStart, Version: "1.6.0", Magnitude: 20}), to(engine.Canary))
	r.until(func(s engine.State) bool { return s.Step == engine.StepBake })
	if e := r.world.exposure("1.6.0"); e.Tenants != 15 {
		t.Errorf("the bake begins with %d tenants on the candidate", e.Tenants)
	}
	r.ends(engine.Succeeded)
}

// argo-rollouts #2866; flagger #1186: users want a freeze, not a rollback.
func freeze(t *testing.T) {
	spec := to(engine.Canary)
	spec.Canary = &engine.CanarySettings{AutoRollback: ptr(false)}
	r := begin(t, bad(installed(DefaultConfig())), spec)
	if s := r.drive(); s.Phase != engine.PhaseHeld || s.Reason == "" {
		t.Errorf("%s", s)
	}
	if e := r.world.exposure("1.6.0"); e.Tenants != 15 {
		t.Errorf("%d tenants are exposed", e.Tenants)
	}
	r.world.RunUntil(r.world.Now().Add(24 * time.Hour))
	if s := r.drive(); s.Phase != engine.PhaseHeld {
		t.Errorf("a day later: %s", s)
	}
	r.signal(engine.Promoted)
	r.pass(time.Second)
	if e := r.world.exposure("1.6.0"); e.Tenants != 45 {
		t.Errorf("after the promotion %d tenants are exposed", e.Tenants)
	}
	r.drive()
	r.signal(engine.Aborted)
	r.ends(engine.RolledBack)
}

// One tenant at 100 % errors inside an aggregate of 1 %: the caps alone let it
// through to the end of the bake, where the measurement names it. Against the
// baseline it is found before it has the 20 requests that naming takes.
func hiddenTenant(t *testing.T) {
	spec, mode := to(engine.Canary), string(engine.Threshold)
	spec.Analysis = &engine.AnalysisSettings{Mode: &mode}
	r := begin(t, installed(DefaultConfig()), spec)
	victim := r.plan.Tenants[3].ID
	cfg := faulty(Fault{Kind: TenantFails, Tenants: []string{victim}, Magnitude: 1, Version: "1.6.0"})
	sequential := begin(t, cfg, to(engine.Canary))
	sequential.drive()
	sequential.ends(engine.RolledBack)
	r = begin(t, cfg, spec)
	r.drive()
	found := slices.ContainsFunc(r.runner.Events(), func(e engine.Event) bool {
		return e.Verdict != nil && e.Verdict.Worst != nil && e.Verdict.Worst.Tenant == victim && e.Verdict.Worst.Errors == e.Verdict.Worst.Requests
	})
	if !found {
		t.Errorf("no verdict names %s\n%s", victim, r.story())
	}
}

// A provider's outage aborts after 50 seconds: a few minutes without metrics are
// waited out.
func backendDown(t *testing.T) {
	r := begin(t, faulty(
		Fault{Kind: MetricsGap, FromSeconds: 200, ToSeconds: 440},
		Fault{Kind: MeasureFails, FromSeconds: 900, ToSeconds: 1140},
	), to(engine.Canary))
	s := r.ends(engine.Succeeded)
	if took := s.Ended.Sub(epoch); took < 44*time.Minute || !strings.Contains(r.story(), "sampl") {
		t.Errorf("it took %s\n%s", took, r.story())
	}
}
