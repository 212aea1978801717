package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// SequentialJudge fails on evidence whose error is controlled over the whole
// rollout, however often one looks: the candidate against the concurrent
// baseline, and against the caps. It passes, at the end of the bake, where one-sided
// 95 % upper bounds are below the caps. In between it does not know.
//
// A gate that needs no requests cannot ask for bounds, which only requests bring down: it
// passes where nothing bad was seen, that is, where no rate is above its cap at the 5 %
// level.
type SequentialJudge struct{}

// passConfidence is the level of the upper bounds that a pass needs.
const passConfidence = 0.95

// relativeShare is the part of a gate's alpha that the comparison with the baseline
// may spend: it finds what caps let through, and finds it first.
const relativeShare = 0.5

// A baseline is compared with once its level is known: once it had so many failures, or
// so many requests, however few of them failed. The evidence itself is valid with any
// number of failures, none included, since it is conditional on those of both arms.
const (
	leastBaseline         = 5
	leastBaselineRequests = 1000
)

// Judge implements Judge.
func (SequentialJudge) Judge(g *Gate, e *Evidence) Verdict {
	v := passOf(e)
	if g.Smoke {
		return judgeSmoke(v, e.Condition.Smoke)
	}
	if !e.End && !suspicious(g, e) {
		v.Result, v.Reason = Inconclusive, notOver
		return v
	}
	v.Findings = append(v.Findings, judgeRelative(g, e))
	for _, c := range g.Checks {
		v.Findings = append(v.Findings, judgeCap(c, e, g.capAlpha(), g.MinRequests == 0))
	}
	failed, short := v.details(Fail), shortOf(g, &e.Candidate)
	switch {
	case len(failed) > 0:
		adjusted := slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Result == Fail && !f.Unadjusted })
		v.Result, v.Harm, v.Hold, v.Reason = Fail, g.Compare != nil, !adjusted, strings.Join(failed, "; ")
	case !e.End:
		v.Result, v.Reason = Inconclusive, notOver
	case g.Compare != nil:
		return decideTest(g, e, v)
	case len(short) > 0: // then the bounds are wide, and there is no need to say so
		v.Result, v.Reason = Inconclusive, strings.Join(short, "; ")
	default:
		return passOr(g, e, v, v.details(Inconclusive))
	}
	return v
}

// passOr passes v unless something is missing.
func passOr(g *Gate, e *Evidence, v Verdict, missing []string) Verdict {
	c := &e.Condition
	switch {
	case g.MinRequests == 0 && e.Candidate.Requests == 0 && !c.unwell():
		v.Reason = fmt.Sprintf("no requests, none needed; %d of %d instances are ready", c.Ready, c.Watched)
	case len(missing) > 0:
		v.Result, v.Reason = Inconclusive, strings.Join(missing, "; ")
	case c.unwell():
		v.Result, v.Reason = Inconclusive, fmt.Sprintf("%d of %d instances are ready", c.Ready, c.Watched)
	default:
		v.Reason = fmt.Sprintf("%s within bounds over %s", Plural(v.Requests, "request"), Spoken(e.Window))
	}
	return v
}

// suspicious says whether any evidence is over its boundary. It is what most looks
// come to, and costs no more than the logarithms.
func suspicious(g *Gate, e *Evidence) bool {
	if r := compareErrors(g, e); r.convinces() {
		return true
	}
	for _, c := range g.Checks {
		if o, rate := overCap(c, e); rate && convinces(o.evidence, g.capAlpha()) || c.Metric == TenantErrorRate && pastChance(c, e) {
			return true
		}
	}
	return false
}

// capAlpha is the part of a gate's alpha that each of its caps may spend.
func (g Gate) capAlpha() float64 {
	return g.Alpha * (1 - relativeShare) / float64(max(1, len(g.Checks)))
}

// relation is the candidate's errors against the concurrent baseline's.
type relation struct {
	ratio      float64 // how many times as often the candidate errs, tenants allowed for
	infinite   bool    // the baseline never errs, and the candidate does: there is no ratio
	evidence   float64 // logarithm
	alpha      float64 // what it may spend; 0: there is nothing to compare with
	unadjusted bool    // how the tenants did before is not known
}

// boundary is how much evidence proves that the candidate is worse: a logarithm.
func (r relation) boundary() float64 { return -math.Log(r.alpha) }

func (r relation) convinces() bool { return convinces(r.evidence, r.alpha) }

// convinces says whether evidence, a logarithm, is over the boundary of an alpha. Most
// evidence speaks for the candidate, which is known at once.
func convinces(evidence, alpha float64) bool { return evidence > 0 && evidence >= -math.Log(alpha) }

func compareErrors(g *Gate, e *Evidence) relation {
	c, b := &e.Candidate, &e.Baseline
	if b.Errors < leastBaseline && b.Requests < leastBaselineRequests || b.Requests == 0 || c.Requests == 0 {
		return relation{}
	}
	rel := relation{alpha: g.Alpha * relativeShare}
	r := ratio(c.Requests, b.Requests)
	switch {
	case e.Expected != nil:
		r = e.Expected.Candidate / e.Expected.Baseline
	case e.Prior.Known():
		r *= e.Prior.Candidate / e.Prior.Baseline
	default:
		rel.unadjusted = true
	}
	if b.Errors > 0 {
		rel.ratio = float64(c.Errors) / float64(b.Errors) / r
	}
	rel.infinite = b.Errors == 0 && c.Errors > 0
	rel.evidence = relativeMixtureOf(g.MinEffect).relative(c.Errors, b.Errors, r)
	return rel
}

// judgeRelative is the finding that compares with the baseline.
func judgeRelative(g *Gate, e *Evidence) Finding {
	c, b, rel := &e.Candidate, &e.Baseline, compareErrors(g, e)
	f := Finding{Metric: string(ErrorRatio), Observed: rel.ratio, Allowed: 1 + g.MinEffect, Result: Pass, Unadjusted: rel.unadjusted, Infinite: rel.infinite}
	switch {
	case rel.alpha == 0:
		f.Detail = fmt.Sprintf("the baseline has too few requests to compare with (%d, with %s)", b.Requests, Plural(b.Errors, "error"))
		return f
	case !rel.convinces() && rel.infinite:
		f.Detail = fmt.Sprintf("%s where the baseline has none in %s: no proof yet", Plural(c.Errors, "error"), Plural(b.Requests, "request"))
		return f
	case !rel.convinces():
		f.Detail = fmt.Sprintf("errors %.3g times the baseline's", f.Observed)
		return f
	}
	f.Result = Fail
	f.Detail = fmt.Sprintf("error rate %s (%d of %s) against %s on the baseline; evidence %s, boundary %s",
		pct(ratio(c.Errors, c.Requests)), c.Errors, Plural(c.Requests, "request"), pct(ratio(b.Errors, b.Requests)), odds(rel.evidence), odds(rel.boundary()))
	if e.Expected != nil {
		f.Detail += fmt.Sprintf("; %d of %s affected", e.Expected.Affected, Plural(e.Expected.Tenants, "tenant"))
	}
	if f.Unadjusted {
		f.Detail += "; unadjusted: how these tenants did before is not known"
	}
	return f
}

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
		o.k, o.mix = m.Errors, e.Prior.mix()
	case SuccessRate:
		o.k, o.mix, o.limit = m.failures(), e.Prior.mix(), 1-c.Bound
	case LatencyP99:
		o.k, o.limit = slowerThan(c.Bound, e), 0.01
	default:
		return o, false
	}
	return o, true
}

// overCap is the count with the evidence that its rate is over the cap.
func overCap(c Check, e *Evidence) (o excess, rate bool) {
	if o, rate = counted(c, e); !rate {
		return o, false
	}
	switch p0 := min(0.95, o.limit*o.mix); {
	case p0 > 0:
		o.evidence = excessMixture.absolute(o.k, e.Candidate.Requests, p0)
	case o.k > 0: // nothing is allowed, and every failure is proof
		o.evidence = math.Inf(1)
	}
	return o, true
}

// judgeCap looks for evidence that the candidate is over a cap, and, at the end of
// the bake, for a bound that shows it is not.
func judgeCap(c Check, e *Evidence, alpha float64, needsNone bool) Finding {
	o, rate := overCap(c, e)
	f := judgeCheck(c, e, false)
	if needsNone && c.Metric == TenantErrorRate && e.End && e.Candidate.Worst == nil {
		f.Result = Pass
	}
	if !rate || e.Candidate.Requests == 0 {
		return f
	}
	f.Result = Inconclusive
	if math.Abs(o.mix-1) >= 0.005 {
		f.Detail += fmt.Sprintf("; its tenants erred %.2f times as often as all before, which is allowed for", o.mix)
	}
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

// relativeMixtureOf caches the mixture of the default effect.
func relativeMixtureOf(minEffect float64) *mixture {
	if minEffect == defaultMinEffect {
		return &defaultMixture
	}
	m := relativeMixture(minEffect)
	return &m
}

// defaultMinEffect is the relative worsening that is tolerated unless the user says
// otherwise.
const defaultMinEffect = 0.25

var defaultMixture = relativeMixture(defaultMinEffect)

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
