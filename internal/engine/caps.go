package engine

import (
	"fmt"
	"math"
)

// excess is the count that a cap bounds.
type excess struct {
	k        int64
	limit    float64 // cap on the rate, as a share of the requests
	mix      float64 // how much more the candidate's tenants err by themselves
	evidence float64 // logarithm
}

// counted reads the count that c bounds. rate is false for the checks of means,
// which are no rates.
func counted(c Check, e *Evidence) (o excess, rate bool) {
	m := &e.Candidate
	o = excess{mix: 1, limit: c.Bound}
	switch c.Metric {
	case ErrorRate:
		o.k, o.mix = m.Errors, e.mix()
	case SuccessRate:
		o.k, o.mix, o.limit = m.failures(), e.mix(), 1-c.Bound
	case LatencyP99:
		o.k, o.limit = slowerThan(c.Bound, e), 0.01
	default:
		return o, false
	}
	return o, true
}

// mix is how much more the candidate's tenants err by themselves than all do: as counted, or
// as the plan has it.
func (e *Evidence) mix() float64 {
	if e.Expected != nil {
		return e.Expected.mix()
	}
	return e.Prior.mix()
}

// doubt is the variance of a factor on what is expected of the candidate's errors: its minutes
// are unlike others, and its tenants are not known well.
func (e *Evidence) doubt() float64 {
	minutes := e.Minutes
	if minutes == 0 {
		minutes = minutesIn(e.Window)
	}
	d := doubtOf(e.Noise, minutes)
	if e.Expected != nil && !e.Expected.Guessed {
		d += e.Expected.DoubtCandidate
	}
	return d
}

// overCap is the count with the evidence that its rate is over the cap.
func overCap(c Check, e *Evidence) (o excess, rate bool) {
	if o, rate = counted(c, e); !rate {
		return o, false
	}
	o.evidence = excessOf(o.k, e.Candidate.Requests, o.limit*o.mix, e.doubt())
	return o, true
}

// excessOf is the evidence that k of n requests are more than a rate makes of them.
func excessOf(k, n int64, rate, doubt float64) float64 {
	switch {
	case rate > 0:
		return excessMixture.excess(k, float64(n)*min(1, rate), doubt)
	case k > 0: // nothing is allowed, and every failure is proof
		return math.Inf(1)
	}
	return 0
}

// worstEvidence is that of the tenant that fares worst. It is the worst of many, each of
// which may spend as much.
func worstEvidence(c Check, e *Evidence) (evidence float64, many int) {
	w := e.Candidate.Worst
	if w == nil {
		return 0, 1
	}
	return excessOf(w.Errors, w.Requests, c.Bound, doubtOf(e.Noise, minutesIn(e.Window))), max(1, e.Candidate.Tenants)
}

// convicts says whether the evidence against a cap is over its boundary.
func (c Check) convicts(e *Evidence, alpha float64) bool {
	if c.Metric == TenantErrorRate {
		evidence, many := worstEvidence(c, e)
		return convinces(evidence, alpha/float64(many))
	}
	o, rate := overCap(c, e)
	return rate && convinces(o.evidence, alpha)
}

// judgeCap looks for evidence that the candidate is over a cap, and, at the end of
// the bake, for a bound that shows it is not.
func judgeCap(c Check, e *Evidence, alpha float64, needsNone bool) Finding {
	o, rate := overCap(c, e)
	f := judgeCheck(c, e, false)
	if c.Metric == TenantErrorRate {
		judgeWorst(c, e, &f, alpha, needsNone)
		return f
	}
	if !rate && f.Result == Fail {
		c.doubtMean(e, &f, alpha)
	}
	if !rate || e.Candidate.Requests == 0 {
		return f
	}
	f.weigh(o.evidence, alpha)
	f.Result = Inconclusive
	f.Detail += o.mixText()
	if convinces(o.evidence, alpha) {
		f.Result = Fail
		f.Detail += fmt.Sprintf("; evidence %s, boundary %s", odds(o.evidence), odds(-math.Log(alpha)))
		return f
	}
	if e.End {
		o.bound(&f, e.Candidate.Requests, needsNone)
	}
	return f
}

// unlikeSamples are the coefficients of variation that are taken of what means are made of: of
// single executions, which differ by as much as their mean, and of samples of an instance's load.
var unlikeSamples = map[Metric]float64{ExecutionTime: 1, CPU: 0.25, Memory: 0.25}

// doubtMean leaves open what chance makes of the mean of so few samples at its cap: nobody tells
// how unlike they are.
func (c Check) doubtMean(e *Evidence, f *Finding, alpha float64) {
	n := e.Candidate.mean(c.Metric).Count
	if room := normalQuantile(1-alpha) * unlikeSamples[c.Metric] / math.Sqrt(float64(n)); f.Observed*(1-room) <= c.Bound {
		f.Result = Inconclusive
		f.Detail += fmt.Sprintf("; of %s that is no proof", Plural(n, "sample"))
	}
}

// mixText says how the bound is moved for the tenants that the candidate has; "": it is not.
func (o excess) mixText() string {
	more, higher := "more", "higher"
	if o.mix < 1 {
		more, higher = "fewer", "lower"
	}
	by := math.Abs(o.mix - 1)
	if by < 0.005 {
		return ""
	}
	return fmt.Sprintf("; its tenants had %s %s errors than the average tenant before the rollout, so that the bound for them is %s %s", pct(by), more, pct(by), higher)
}

// judgeWorst is what the sequential judge makes of the tenant that fares worst.
func judgeWorst(c Check, e *Evidence, f *Finding, alpha float64, needsNone bool) {
	evidence, many := worstEvidence(c, e)
	f.weigh(evidence, alpha/float64(many))
	switch {
	case e.Candidate.Worst == nil && needsNone && e.End:
		f.Result = Pass
	case e.Candidate.Worst == nil:
	case c.convicts(e, alpha):
		f.Result = Fail
	case e.End && c.suspects(e, alpha/float64(many)):
		f.Result = Inconclusive
		f.Detail += "; that is no proof yet, and more than chance makes of a rate at the cap"
	default:
		f.Result = Pass
	}
}

// suspects says whether the tenant that fares worst is over the cap by more than chance makes of
// its requests once, with room for minutes that are worse than others: what many looks do not
// prove is not for that reason fine.
func (c Check) suspects(e *Evidence, alpha float64) bool {
	w := e.Candidate.Worst
	return exceeds(w.Errors, w.Requests, min(1, c.Bound*(1+2*e.Noise)), alpha)
}

// bound passes f where a bound shows that the cap is kept, or, where no requests are
// needed, where nothing bad was seen in n of them.
func (o excess) bound(f *Finding, n int64, needsNone bool) {
	limit := min(1, o.limit*o.mix)
	switch {
	case atMost(o.k, n, passConfidence, limit) || o.k == 0 && limit == 0:
		f.Result = Pass
	case needsNone && !exceeds(o.k, n, limit, 1-passConfidence):
		f.Result = Pass
		f.Detail += "; too few requests to tell, and none were needed"
	case needsNone:
		f.Detail += fmt.Sprintf("; more than chance makes of a rate at the cap in %s of times", pct(1-passConfidence))
	default:
		f.Needs = requestsToPass(ratio(o.k, n), limit)
		f.Detail += fmt.Sprintf("; with 95 %% confidence that share is only known to be at most %s", pct(upperBound(o.k, n, passConfidence)/o.mix))
	}
}

// odds writes a logarithm of evidence as "412:1".
func odds(log float64) string {
	if math.IsInf(log, 1) {
		return "beyond doubt, as none is allowed"
	}
	if log > 20 {
		return fmt.Sprintf("10^%.0f:1", log/math.Ln10)
	}
	return fmt.Sprintf("%.0f:1", math.Exp(log))
}
