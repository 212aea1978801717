package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// ThresholdJudge compares the whole bake with the caps of the gate when it ends.
// Before, it fails only what is past chance: when the exact one-sided 99.9 % lower
// bound is over the cap. A point estimate looked at every few seconds would alarm
// in nearly every healthy rollout with little traffic.
type ThresholdJudge struct{}

// Judge implements Judge.
func (j ThresholdJudge) Judge(g *Gate, e *Evidence) Verdict {
	v := passOf(e)
	if g.Smoke {
		return judgeSmoke(v, e.Condition.Smoke)
	}
	sure := slices.ContainsFunc(g.Checks, func(c Check) bool { return pastChance(c, e) })
	if !e.End && !sure {
		v.Result, v.Reason = Inconclusive, notOver // most looks come to this, and cost no words
		return v
	}
	for _, c := range g.Checks {
		v.Findings = append(v.Findings, judgeCheck(c, e, g.MinRequests == 0))
	}
	failed, short := v.details(Fail), shortOf(g, &e.Candidate)
	switch {
	case len(failed) > 0 && (len(short) == 0 || sure):
		v.Result, v.Reason, v.Harm = Fail, strings.Join(failed, "; "), g.Compare != nil
	case !e.End:
		v.Result, v.Reason = Inconclusive, notOver
	case g.Compare != nil:
		return decide(g, e, v)
	case len(short) > 0:
		v.Result, v.Reason = Inconclusive, strings.Join(short, "; ")
	case e.Condition.unwell():
		v.Result, v.Reason = Inconclusive, fmt.Sprintf("%d of %d instances are ready", e.Condition.Ready, e.Condition.Watched)
	default:
		return passOr(g, e, v, v.details(Inconclusive))
	}
	return v
}

// passOf is a verdict on what was seen, before anything speaks against it.
func passOf(e *Evidence) Verdict {
	c := &e.Candidate
	return Verdict{Result: Pass, Requests: c.Requests, Tenants: c.Tenants, Window: e.Window, Worst: c.Worst}
}

// details are the words of the findings with a result.
func (v *Verdict) details(r Result) []string {
	var of []string
	for _, f := range v.Findings {
		if f.Result == r {
			of = append(of, f.Detail)
		}
	}
	return of
}

// notOver is the reason of every look before the end that finds nothing.
const notOver = "the bake is not over"

// pastChance says whether a rate is over its cap however little was seen: its lower
// confidence bound is.
func pastChance(c Check, e *Evidence) bool {
	if c.Metric == TenantErrorRate {
		w := e.Candidate.Worst
		return w != nil && exceeds(w.Errors, w.Requests, c.Bound, tailTenant)
	}
	o, rate := counted(c, e)
	return rate && exceeds(o.k, e.Candidate.Requests, o.limit, tail999)
}

// shortOf says in which respects m is too little to judge.
func shortOf(g *Gate, m *Measurement) []string {
	var short []string
	if m.Requests < g.MinRequests {
		short = append(short, fmt.Sprintf("%d of at least %d requests", m.Requests, g.MinRequests))
	}
	if m.Tenants < g.MinTenants {
		short = append(short, fmt.Sprintf("requests of %d of at least %d tenants", m.Tenants, g.MinTenants))
	}
	return short
}

func judgeSmoke(v Verdict, s SmokeTests) Verdict {
	switch {
	case s.Failed > 0:
		v.Result, v.Reason = Fail, fmt.Sprintf("%d of %d smoke tests failed: %s", s.Failed, s.Failed+s.Passed+s.Running, Reasons(s.Failures))
	case s.Running > 0 || s.Passed == 0:
		v.Result, v.Reason = Inconclusive, fmt.Sprintf("%d smoke tests passed, %d are running", s.Passed, s.Running)
	default:
		v.Reason = fmt.Sprintf("%s passed", Plural(s.Passed, "smoke test"))
	}
	return v
}

// judgeCheck compares one metric with its bound: the point estimate at the end of
// the bake, the lower confidence bound before it. A gate that needs no requests may get a
// handful, of which one error is a high rate: there only what chance makes of a rate at
// the bound in less than one of twenty times is over it.
func judgeCheck(c Check, e *Evidence, needsNone bool) Finding {
	f := Finding{Metric: string(c.Metric), Allowed: c.Bound, Result: Inconclusive}
	if c.Metric == TenantErrorRate {
		return judgeTenant(c, e, f)
	}
	var failed bool
	if o, rate := counted(c, e); rate {
		f.Observed, f.Detail = rateText(c, &e.Candidate, o.k)
		over, chance := isOver(&o, e, needsNone)
		failed = e.End && over && !chance || pastChance(c, e)
		if e.End && chance {
			f.Detail += "; chance makes as much of a rate at the bound, and no requests were needed"
		}
	} else {
		f.Observed, f.Detail = judgeMean(c, &e.Candidate)
		failed = e.End && f.Observed > c.Bound
	}
	switch {
	case failed:
		f.Result = Fail
	case math.IsNaN(f.Observed):
		f.Observed, f.Detail = 0, fmt.Sprintf("no data for %s", c.Metric.Name())
	case e.End:
		f.Result = Pass
	}
	return f
}

// isOver says whether a rate is over its limit, and whether chance makes as much of one that is
// not, which counts where no requests were needed.
func isOver(o *excess, e *Evidence, needsNone bool) (over, chance bool) {
	requests := e.Candidate.Requests
	over = ratio(o.k, requests) > o.limit
	return over, over && needsNone && !exceeds(o.k, requests, o.limit, 1-passConfidence)
}

// rateText is a rate of the requests, k of which count against it, beside its bound.
func rateText(c Check, m *Measurement, k int64) (observed float64, detail string) {
	requests := Plural(m.Requests, "request")
	switch c.Metric {
	case ErrorRate:
		observed = ratio(m.Errors, m.Requests)
		return observed, fmt.Sprintf("error rate %s against at most %s (%d of %s)", pct(observed), pct(c.Bound), m.Errors, requests)
	case SuccessRate:
		observed = 1 - ratio(m.failures(), m.Requests)
		return observed, fmt.Sprintf("success rate %s against at least %s (%d of %s failed or timed out)", pct(observed), pct(c.Bound), m.failures(), requests)
	default:
		observed = m.percentile()
		return observed, fmt.Sprintf("p99 latency about %s against at most %s (%d of %s slower than that, %s)", ms(observed), ms(c.Bound), k, requests,
			pct(ratio(k, m.Requests)))
	}
}

// judgeTenant checks the tenant that fares worst. The worst of many is always above
// the mean, so that only what is past chance counts, even at the end.
func judgeTenant(c Check, e *Evidence, f Finding) Finding {
	w := e.Candidate.Worst
	if w == nil {
		f.Observed, f.Detail = 0, "no tenant has the 20 requests that its error rate needs"
		return f
	}
	f.Observed, f.Result = ratio(w.Errors, w.Requests), Pass
	f.Detail = fmt.Sprintf("tenant %s has an error rate of %s (%d of %s) against at most %s", w.Tenant, pct(f.Observed), w.Errors, Plural(w.Requests, "request"), pct(c.Bound))
	if pastChance(c, e) {
		f.Result = Fail
	}
	return f
}

func judgeMean(c Check, m *Measurement) (observed float64, detail string) {
	observed = m.mean(c.Metric).value()
	switch c.Metric {
	case CPU:
		return observed, fmt.Sprintf("CPU %s of its limit against at most %s", pct(observed), pct(c.Bound))
	case Memory:
		return observed, fmt.Sprintf("memory %s of its limit against at most %s", pct(observed), pct(c.Bound))
	default:
		return observed, fmt.Sprintf("execution time %s against at most %s", ms(observed), ms(c.Bound))
	}
}

// slowerThan is the count of the candidate's requests slower than bound.
func slowerThan(bound float64, e *Evidence) int64 {
	if at, found := slices.BinarySearch(e.Bounds, bound); found && at < len(e.Candidate.Slower) {
		return e.Candidate.Slower[at]
	}
	return 0
}
