package telling

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// rolling is the plan of a rollout over n instances, one stage for each.
func rolling(n int) engine.Plan {
	p := engine.Plan{Rollout: "r1", Baseline: "1.5.0", Candidate: "1.6.0", Spec: engine.Spec{PluginID: "stripe", Environment: engine.Production, Strategy: engine.Rolling}}
	for i := range n {
		p.Stages = append(p.Stages, engine.Stage{Name: fmt.Sprintf("batch %d of %d", i+1, n), Undo: []engine.Change{{Kind: engine.Replace}}})
	}
	return p
}

// TestTextsAreShort: a text names ten of what it is about and counts the rest, however large
// the fleet is.
func TestTextsAreShort(t *testing.T) {
	const n = 2000
	var targets, reasons, stages []string
	for i := range n {
		targets = append(targets, fmt.Sprintf("instance-%04d", i))
		reasons = append(reasons, targets[i]+": the install of 1.6.0 failed")
		stages = append(stages, fmt.Sprintf("batch %d of %d", i+1, n))
	}
	ro := &Rollout{Plan: rolling(n), State: engine.State{Phase: engine.PhaseRolledBack, Outcome: engine.RolledBack, Undone: targets}}
	story := func() *Story {
		return &Story{
			Of: ro, Turn: engine.Event{Kind: engine.Failed, Error: engine.Reasons(reasons), Targets: targets},
			Summary: engine.Summary{Stage: stages[n-1], Undone: stages},
		}
	}
	going := &Rollout{Plan: ro.Plan, State: engine.State{Phase: engine.PhaseRollingBack, Begun: n}}
	for name, text := range map[string]func() (string, string){
		"rolled back": func() (string, string) { return story().RolledBack("next") },
		"stuck":       func() (string, string) { return story().Stuck("next") },
		"on the way":  func() (string, string) { s := story(); s.Of = going; return s.RolledBack("next") },
	} {
		summary, detail := text()
		if !strings.Contains(detail, "and 1990 more") || len(summary)+len(detail) > 4096 {
			t.Errorf("%s: %d bytes: %.1000s", name, len(summary)+len(detail), detail)
		}
	}
}

// TestNamesOfTenantsStay: a tenant may be called like a metric.
func TestNamesOfTenantsStay(t *testing.T) {
	ro := &Rollout{Plan: rolling(1), State: engine.State{Phase: engine.PhaseHeld, Reason: "tenant errorRate-1 has an error rate of 20 %"}}
	if _, detail := Tell(ro, ro.Began()).Held("next"); !strings.Contains(detail, "tenant errorRate-1 has") {
		t.Error(detail)
	}
}

// tested is a rollout whose A/B test of a minute ended with a verdict, A stays.
func tested(v *engine.Verdict) *Story {
	p := rolling(1)
	p.Spec.Strategy, p.Stages[0].Bake = engine.ABTesting, time.Minute
	ro := &Rollout{Plan: p, State: engine.State{Phase: engine.PhaseRetained, Outcome: engine.Retained, Reason: v.Reason}}
	return &Story{Of: ro, Turn: engine.Event{Kind: engine.Judged, Verdict: v}}
}

// TestHarmIsNoStop: only a test that was cut short was stopped.
func TestHarmIsNoStop(t *testing.T) {
	for _, c := range []struct {
		v    engine.Verdict
		says string
	}{
		{engine.Verdict{Reason: "error rate 20 %", Window: 20 * time.Second}, "did harm and was stopped: error rate 20 %."},
		{engine.Verdict{Reason: "error rate 20 %", Window: time.Minute, Guard: true}, "did harm and was stopped: error rate 20 %."},
		{engine.Verdict{Reason: "A stays: B is worse: latency 9 % worse", Window: time.Minute}, "did harm, as the whole test of 1m showed: B is worse: latency 9 % worse."},
	} {
		c.v.Result, c.v.Harm = engine.Fail, true
		if _, detail := tested(&c.v).Retained("next"); !strings.Contains(detail, c.says) {
			t.Errorf("%q is not in %s", c.says, detail)
		}
	}
}

// TestFiguresThatDoNotFit: where B's edge is adjusted, the table says so, once and only there.
func TestFiguresThatDoNotFit(t *testing.T) {
	for edge, want := range map[float64]int{0.193: 1, 0.1116: 0} {
		v := &engine.Verdict{Result: engine.Fail, Reason: "A stays: B is not better", Comparison: []engine.Comparison{
			{Metric: engine.ErrorRate, A: 0.00457, B: 0.00406, Advantage: edge, P: 0.01},
			{Metric: engine.SuccessRate, A: 0.99, B: 0.95, Advantage: edge, P: 0.01},
		}}
		v.Comparison[1].Advantage = (0.95 - 0.99) / 0.99
		if _, detail := tested(v).Retained("next"); strings.Count(detail, engine.EdgeText) != want {
			t.Errorf("edge %g: %s", edge, detail)
		}
	}
}

// TestErrorsAgainstTheOldVersion: a ratio that is reckoned with the tenants is among like ones.
func TestErrorsAgainstTheOldVersion(t *testing.T) {
	for unadjusted, want := range map[bool]string{
		false: "error rate 27.2 times the old version's among like tenants, allowed is at most 1.25 times",
		true:  "error rate 27.2 times the old version's, allowed is at most 1.25 times",
	} {
		v := &engine.Verdict{Result: engine.Fail, Findings: []engine.Finding{{Metric: string(engine.ErrorRatio), Observed: 27.2, Allowed: 1.25, Result: engine.Fail, Unadjusted: unadjusted}}}
		if got := tested(v).FirstFailure(); got != want {
			t.Error(got)
		}
	}
}

// TestNotCompared: what there was nothing to compare with did not pass.
func TestNotCompared(t *testing.T) {
	v := &engine.Verdict{Result: engine.Fail, Findings: []engine.Finding{{Metric: string(engine.ErrorRatio), Result: engine.Uncompared, Detail: "too few"}}}
	if _, detail := tested(v).RolledBack("next"); !strings.Contains(detail, "Measured     not compared: too few") {
		t.Error(detail)
	}
}
