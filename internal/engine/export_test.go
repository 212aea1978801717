package engine

import (
	"math"
	"strconv"
)

// What tests of the package's users' side need from its inside.
var (
	Exceeds  = exceeds
	Quantile = quantile

	UpperBound      = upperBound
	AtMost          = atMost
	StudentTail     = studentTail
	StudentQuantile = studentQuantile
	ChiSquaredTail  = chiSquaredTail
	NormalQuantile  = normalQuantile
	DoubtOf         = doubtOf
	NoiseOf         = noiseOf
)

// PriorRates are nil where too little is known.
func PriorRates(tenants []Tenant) []float64 {
	if s := shrink(tenants); s != nil {
		rates := make([]float64, len(tenants))
		for i := range tenants {
			rates[i] = s.own(&tenants[i])
		}
		return rates
	}
	return nil
}

func GuardOnHealth(g Guards, watched int, ailing []Ailing) (Verdict, bool) {
	w, c := &Watch{Failures: g.ConsecutiveHealthFailures}, &Condition{Watched: watched}
	for _, a := range ailing {
		c.Add(w, a)
	}
	return g.ailing(c, w)
}

// RelativeEvidence and ExcessEvidence are logarithms, with the default effects.
func RelativeEvidence(kc, k0 int64, r, doubt float64) float64 {
	return defaultMixture.relative(kc, k0, r, doubt)
}

func ExcessEvidence(k int64, expected, doubt float64) float64 {
	return excessMixture.excess(k, expected, doubt)
}

// Effects are the grids of the two.
func Effects() (relative, absolute []float64) {
	return defaultMixture.effect[:], excessMixture.effect[:]
}

// EffectWeights are the parts of the effects, from the smallest on.
func EffectWeights() []float64 {
	var weights []float64
	for _, w := range defaultMixture.weight {
		weights = append(weights, math.Exp(w))
	}
	return weights
}

// LeastGain is the lower bound of a quotient's gain at t deviations.
func LeastGain(a, b, va, vb float64, lower bool, t float64) float64 {
	return quotient{a, b, va, vb, lower}.least(t)
}

// ChanceOf is how probable an advantage of B like that of pairs is by chance.
func ChanceOf(m Metric, pairs []Pair) float64 {
	var row Comparison
	compareRatio(&row, (&columns{pairs: pairs, lots: evenLots(pairs)}).column(m), m, &Gate{Margin: 0.05}, &Evidence{Pairs: pairs})
	return row.P
}

// evenLots gave B to as many of pairs, all alike, as have it, whatever they are like.
func evenLots(pairs []Pair) *Lots {
	plan, ofB := Plan{Rollout: "even", Movable: len(pairs)}, 0
	for i := range pairs {
		plan.Tenants = append(plan.Tenants, Tenant{ID: strconv.Itoa(i), Weight: 1})
		pairs[i].At = int32(i)
		ofB += armOf(pairs[i].B)
	}
	return plan.newLots(&Compare{MostB: Percent(float64(ofB), float64(len(pairs)))})
}

// DecideTest decides a test of tenants who were given their variant by chance, one like the other.
func DecideTest(g *Gate, e *Evidence, v Verdict) Verdict {
	e.Lots = evenLots(e.Pairs)
	return decideTest(g, e, v)
}

// ChanceByStudent is the same by Student's law, whatever the number of tenants.
func ChanceByStudent(m Metric, pairs []Pair) float64 {
	var row Comparison
	arms := (&columns{pairs: pairs}).column(m).arms()
	q, df := quotientOf(&arms, m.LowerIsBetter())
	fillChance(&row, q, df)
	return row.P
}

// Pct writes a share as a percentage.
func Pct(v float64) string { return pct(v) }

// DigestOf is the digest of a plan that was written down so.
var DigestOf = digestOf

// AlphaOfBake is what the bake of r may spend.
func (r *Runner) AlphaOfBake() float64 { return r.gate().Alpha }
