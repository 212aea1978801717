package engine

import (
	"fmt"
	"time"
)

// guardRequests is how many requests each arm needs before the latency guard may
// speak: a 99th percentile of fewer than 300 says nothing.
const guardRequests = 300

// healthBudget is how many of n instances may be unwell without turning a rollout
// round: one in twenty. With checks that fail by themselves one time in a thousand,
// "any failed instance" rolls 63 of 100 healthy rollouts over 1,000 instances back.
// Below twenty instances none may.
func healthBudget(n int) int { return n / 20 }

// ailing is the guard on health: more instances than the budget allows failed their
// probes too often in a row, or died as often while the guard looks back. The probes of
// what ran before are not held against the candidate: it may be the cure.
func (g *Guards) ailing(c *Condition, w *Watch) (Verdict, bool) {
	budget := healthBudget(c.Watched)
	if g.ConsecutiveHealthFailures <= 0 || c.Failing <= budget {
		return Verdict{}, false
	}
	var sick []string
	what := "health probes in a row"
	for i := range c.Ailing {
		switch a := &c.Ailing[i]; {
		case !w.Fails(a):
		case a.Failures >= w.Failures && w.counts(a.Version):
			sick = append(sick, a.Instance)
		default:
			sick = append(sick, fmt.Sprintf("%s (died %d times)", a.Instance, a.Deaths))
			what = "health probes in a row, or died as often"
		}
	}
	return Verdict{Result: Fail, Guard: true, Reason: fmt.Sprintf("%d of %s failed at least %d %s, at most %d may: %s",
		c.Failing, Plural(c.Watched, "instance"), w.Failures, what, budget, namesAmong(sick, c.Failing))}, true
}

// allowance is what a guard allows for, and what it may spend.
type allowance struct {
	mix   float64 // how much more the tenants that were measured err by themselves
	doubt float64 // see mixture.excess
	alpha float64
}

// errors is the guard on the error rate over its window. It looks every few seconds and so
// speaks only past chance. What is known of the tenants that were measured is allowed for,
// where they are worse than others.
func (g *Guards) errors(m *Measurement, window time.Duration, a allowance) (Verdict, bool) {
	evidence := excessOf(m.Errors, m.Requests, g.MaxErrorRate*max(1, a.mix), a.doubt)
	if g.MaxErrorRate <= 0 || !convinces(evidence, a.alpha) {
		return Verdict{}, false
	}
	rate := ratio(m.Errors, m.Requests)
	return m.tripped(Finding{
		Metric: string(ErrorRate), Observed: rate, Allowed: g.MaxErrorRate, Result: Fail,
		Detail: fmt.Sprintf("error rate %s against at most %s over %s (%d of %s)",
			pct(rate), pct(g.MaxErrorRate), Spoken(window), m.Errors, Plural(m.Requests, "request")),
	}, window), true
}

// latency is the guard on the 99th percentile against baseline's: bound is that
// many ms, and slow the candidate's requests above it.
func (g *Guards) latency(m *Measurement, baseline, bound float64, slow int64, window time.Duration, a allowance) (Verdict, bool) {
	if m.Requests < guardRequests || !convinces(excessOf(slow, m.Requests, 0.01, a.doubt), a.alpha) {
		return Verdict{}, false
	}
	return m.tripped(Finding{
		Metric: string(LatencyP99), Observed: ratio(slow, m.Requests), Allowed: bound, Result: Fail,
		Detail: fmt.Sprintf("p99 latency above %g times the baseline's %s: %s of %s are slower than %s over %s",
			g.MaxLatencyP99Ratio, ms(baseline), pct(ratio(slow, m.Requests)), Plural(m.Requests, "request"), ms(bound), Spoken(window)),
	}, window), true
}

func (m *Measurement) tripped(f Finding, window time.Duration) Verdict {
	return Verdict{
		Result: Fail, Guard: true, Reason: f.Detail, Findings: []Finding{f},
		Requests: m.Requests, Tenants: m.Tenants, Window: window, Worst: m.Worst,
	}
}

// p99 is the 99th percentile of a measurement with a histogram, ms; 0 where there are
// too few requests, or no measurement at all.
func (m *Measurement) p99() float64 {
	if m == nil || m.Requests < guardRequests || len(m.Histogram.Bounds) == 0 {
		return 0
	}
	return m.percentile()
}
