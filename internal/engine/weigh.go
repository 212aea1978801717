package engine

import "math"

// Weight is what one test of the sequential judge weighs: its evidence that something
// is wrong, and the boundary that fails the gate, both as logarithms to base 10. 0 is
// no evidence either way.
type Weight struct {
	Metric             string // errorRatio: against the version that still runs; otherwise against the gate's cap
	Evidence, Boundary float64
}

// Weigh lists what the sequential judge weighs in a look, for whoever wants to see how
// near it is to a verdict: the judge itself only says so when it fails. The comparison
// with the baseline comes first, and is left out while the baseline has too few errors.
func Weigh(g *Gate, e *Evidence) []Weight {
	var out []Weight
	add := func(metric string, evidence, boundary float64) {
		out = append(out, Weight{metric, evidence / math.Ln10, boundary / math.Ln10})
	}
	if r := compareErrors(g, e); r.alpha > 0 {
		add(string(ErrorRatio), r.evidence, r.boundary())
	}
	for _, c := range g.Checks {
		if o, rate := overCap(c, e); rate {
			add(string(c.Metric), o.evidence, -math.Log(g.capAlpha()))
		}
	}
	return out
}
