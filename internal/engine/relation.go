package engine

import (
	"fmt"
	"math"
)

// A baseline is compared with once its level is known: once it had so many failures, or
// so many requests, however few of them failed. The evidence itself is valid with any
// number of failures, none included, since it is conditional on those of both arms.
const (
	leastBaseline         = 5
	leastBaselineRequests = 1000
)

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
	r, doubt := ratio(c.Requests, b.Requests), 0.0
	switch x := e.Expected; {
	case x != nil && x.Baseline > 0:
		r, doubt, rel.unadjusted = x.Candidate/x.Baseline, x.DoubtCandidate+x.DoubtBaseline, x.Unadjusted
	case e.Prior.Known():
		r *= e.Prior.Candidate / e.Prior.Baseline
	default:
		rel.unadjusted = true
	}
	if b.Errors > 0 {
		rel.ratio = float64(c.Errors) / float64(b.Errors) / r
	}
	rel.infinite = b.Errors == 0 && c.Errors > 0
	rel.evidence = relativeMixtureOf(g.MinEffect).relative(c.Errors, b.Errors, r, doubt)
	return rel
}

// weigh notes evidence, a logarithm, and what an alpha wants of it.
func (f *Finding) weigh(evidence, alpha float64) {
	if tens := min(evidence/math.Ln10, mostTens); alpha > 0 && tens >= leastTens {
		f.Evidence, f.Boundary = math.Round(tens*100)/100, math.Round(-math.Log10(alpha)*100)/100
	}
}

// The least evidence that is worth telling, and the most that is told: where nothing is allowed,
// one failure is evidence without end.
const (
	leastTens = 0.005
	mostTens  = 99
)

// judgeRelative is the finding that compares with the baseline.
func judgeRelative(g *Gate, e *Evidence) Finding {
	c, b, rel := &e.Candidate, &e.Baseline, compareErrors(g, e)
	f := Finding{Metric: string(ErrorRatio), Observed: rel.ratio, Allowed: 1 + g.MinEffect, Result: Pass, Unadjusted: rel.unadjusted, Infinite: rel.infinite}
	f.weigh(rel.evidence, rel.alpha)
	switch {
	case rel.alpha == 0:
		f.Result = Uncompared
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
	if plain := ratio(c.Errors, c.Requests) / ratio(b.Errors, b.Requests); !f.Unadjusted && !f.Infinite && math.Abs(rel.ratio/plain-1) >= 0.01 {
		f.Detail += fmt.Sprintf("; %s times as often among like tenants", Significant(rel.ratio))
	}
	if e.Expected != nil && !f.Unadjusted {
		f.Detail += fmt.Sprintf("; %d of %s affected", e.Expected.Affected, Plural(e.Expected.Tenants, "tenant"))
	}
	if f.Unadjusted {
		f.Detail += "; unadjusted: how these tenants did before is not known"
	}
	return f
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
