package engine

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// upperBound is the one-sided Clopper-Pearson upper bound at level confidence for k
// successes out of n: the largest rate under which k or fewer are not rarer than
// 1-confidence (C. Clopper, E. Pearson, 1934). It is 1 where n is 0 or k is n.
func upperBound(k, n int64, confidence float64) float64 {
	if n == 0 || k >= n {
		return 1
	}
	return mathext.InvRegIncBeta(float64(k+1), float64(n-k), confidence)
}

// atMost says whether upperBound(k, n, confidence) is at most rate, which costs a tenth
// of the bound itself.
func atMost(k, n int64, confidence, rate float64) bool {
	switch {
	case rate >= 1:
		return true
	case n == 0 || k >= n || rate <= 0:
		return false
	default:
		return mathext.RegIncBeta(float64(k+1), float64(n-k), rate) >= confidence
	}
}

// normalQuantile is the point below which a standard normal variate falls with
// probability p, 0 < p < 1.
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// studentTail is the probability that Student's t with df degrees of freedom exceeds t.
func studentTail(t, df float64) float64 {
	tail := mathext.RegIncBeta(df/2, 0.5, df/(df+float64(t*t))) / 2
	if t < 0 {
		return 1 - tail
	}
	return tail
}

// studentQuantile is the point that Student's t with df degrees of freedom exceeds
// with probability p, 0 < p < 0.5.
func studentQuantile(p, df float64) float64 {
	x := mathext.InvRegIncBeta(df/2, 0.5, 2*p)
	return math.Sqrt(df * (1 - x) / x)
}

// chiSquaredTail is the probability that a chi-squared variate with df degrees of
// freedom exceeds x.
func chiSquaredTail(x, df float64) float64 { return mathext.GammaIncRegComp(df/2, x/2) }
