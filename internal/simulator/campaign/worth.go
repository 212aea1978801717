package campaign

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// worth is what is true of B in an A/B test. A B that is a little better, by less than the
// test asks for, is neither: whatever is decided about it is right.
type worth struct {
	test   bool // it is an A/B test
	better bool // by as much as the test asks for on a decision metric, and not worse on any
	worse  bool // or the same: there is nothing for which to adopt it
}

// worthOf compares how both versions of s behave.
func worthOf(s *scenario.Scenario) worth {
	spec := s.Deployment.Resolve()
	if spec.Strategy != engine.ABTesting {
		return worth{}
	}
	cfg := s.Config(s.Seed)
	a, b := cfg.Behaviour(spec.PluginID, s.Installed), cfg.Behaviour(spec.PluginID, s.Candidate())
	margin, threshold := 0.05, *spec.ABTesting.WinnerThreshold
	if spec.Analysis != nil && spec.Analysis.Margin != nil {
		margin = *spec.Analysis.Margin
	}
	const close = 1e-9 // what differs by less is the same
	gains, harms := math.Inf(-1), false
	for _, m := range spec.ABTesting.DecisionMetrics {
		gains = max(gains, advantage(m, a, b))
	}
	for _, m := range append([]engine.Metric{engine.ErrorRate, engine.LatencyP99, engine.SuccessRate}, spec.ABTesting.DecisionMetrics...) {
		harms = harms || advantage(m, a, b) < -margin-close
	}
	harms = harms || s.Bad()
	return worth{test: true, better: gains >= threshold-close && !harms, worse: gains <= close || harms}
}

// advantage is how much better b is than a, as a part of a: 0.05 is 5 % better.
func advantage(m engine.Metric, a, b simulator.Behaviour) float64 {
	from, to := figure(m, a), figure(m, b)
	if m.LowerIsBetter() {
		from, to = -from, -to
	}
	if from == to {
		return 0
	}
	return (to - from) / math.Abs(from)
}

// figure is the metric of a version. That of the throughput is the users' and no version's.
func figure(m engine.Metric, b simulator.Behaviour) float64 {
	success := 1 - b.ErrorRate - b.TimeoutRate
	switch m {
	case engine.ErrorRate:
		return b.ErrorRate
	case engine.SuccessRate:
		return success
	case engine.ConversionRate:
		return float64(b.ConversionRate * success)
	case engine.UserSatisfaction:
		return b.Satisfaction
	case engine.LatencyP99:
		return b.LatencyP99Ms
	case engine.Latency: // the mean of the log-normal distribution with these quantiles
		s := math.Log(b.LatencyP99Ms/b.LatencyP50Ms) / 2.3263478740408408
		return float64(b.LatencyP50Ms * math.Exp(float64(s*s)/2))
	default:
		return 0
	}
}

// weigh fills f with how often the wrong thing happened, by what is true of the candidate.
func (f *Figures) weigh(s *scenario.Scenario, outcomes []outcome) {
	w, n := worthOf(s), len(outcomes)
	ended := func(endings ...scenario.Ending) int {
		return countOf(outcomes, func(o *outcome) bool { return slices.Contains(endings, o.ending) })
	}
	f.FalseRollback = shareOf("false rollback", countOf(outcomes, func(o *outcome) bool { return o.turned }), n)
	f.GoodStopped = shareOf("good stopped", countOf(outcomes, func(o *outcome) bool { return o.stopped }), n)
	f.Missed = shareOf("missed regression", ended(scenario.Succeeded), n)
	f.KeptThoughBetter = shareOf("kept though better", ended(scenario.Retained, scenario.RolledBack), n)
	f.AdoptedThoughWorse = shareOf("adopted though worse", ended(scenario.Succeeded), n)
	f.FalseRollback.Absent, f.GoodStopped.Absent, f.Missed.Absent = w.test || f.Bad, w.test || f.Bad, w.test || !f.Bad
	f.KeptThoughBetter.Absent, f.AdoptedThoughWorse.Absent = !w.better, !w.worse
	f.Test = w.test
}

// Risks are the shares of runs in which the wrong thing happened, as far as it could.
func (f *Figures) Risks() []Share {
	all := []Share{f.FalseRollback, f.GoodStopped, f.Missed, f.KeptThoughBetter, f.AdoptedThoughWorse}
	return slices.DeleteFunc(all, func(s Share) bool { return s.Absent })
}

// detects says whether there is anything to be detected: a B that does no harm has none.
func (f *Figures) detects() bool { return f.Bad || !f.Test }
