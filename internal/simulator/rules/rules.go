package rules

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Rule is a judge and its name.
type Rule struct {
	Name  string
	Judge engine.Judge
}

// All are the rules, in the order in which they are shown.
func All() []Rule {
	return []Rule{
		{"independent", UsualIndependent()},
		{"threshold", engine.ThresholdJudge{}},
		{"kayenta", UsualKayenta()},
		{"argo-rollouts", UsualArgo()},
		{"flagger", UsualFlagger()},
	}
}

// minutes has a rule see the counts of each minute of both arms.
type minutes struct{}

// Wants implements [engine.Wanter].
func (minutes) Wants() (candidate, baseline engine.Want) {
	return engine.WantCounts | engine.WantMinutes, engine.WantCounts | engine.WantMinutes
}

// whole are the minutes of a list that are over.
func whole(m *engine.Measurement) []engine.MinuteCount {
	list := m.Minutes
	for len(list) > 0 && list[len(list)-1].Start.Add(time.Minute-time.Second).After(m.Newest) {
		list = list[:len(list)-1]
	}
	return list
}

// rate is how many of the requests erred.
func rate(errors, requests int64) float64 { return float64(errors) / float64(requests) }

// capOf is the gate's cap of the error rate; 1: it has none.
func capOf(g *engine.Gate) float64 {
	for _, c := range g.Checks {
		if c.Metric == engine.ErrorRate {
			return c.Bound
		}
	}
	return 1
}

// begin is a verdict on what was seen, before a rule speaks. Smoke tests are no matter of
// these rules: decided says that the engine's own judge has spoken.
func begin(g *engine.Gate, e *engine.Evidence) (v engine.Verdict, decided bool) {
	if g.Smoke {
		return engine.ThresholdJudge{}.Judge(g, e), true
	}
	c := &e.Candidate
	v = engine.Verdict{Result: engine.Inconclusive, Reason: "the bake is not over", Requests: c.Requests, Tenants: c.Tenants, Window: e.Window}
	return v, false
}

// fail makes a failure of v.
func fail(v engine.Verdict, observed, allowed float64, format string, args ...any) engine.Verdict {
	v.Result, v.Reason = engine.Fail, fmt.Sprintf(format, args...)
	v.Findings = []engine.Finding{{Metric: string(engine.ErrorRate), Observed: observed, Allowed: allowed, Result: engine.Fail, Detail: v.Reason}}
	return v
}

// pass makes a pass of v where the bake is over and something was seen.
func pass(v engine.Verdict, end bool, seen int) engine.Verdict {
	switch {
	case end && seen == 0:
		v.Reason = "there are no points to judge"
	case end:
		v.Result, v.Reason = engine.Pass, fmt.Sprintf("%d points", seen)
	}
	return v
}
