package campaign

import (
	"cmp"
	"math"
	"slices"
)

// atLeast is the probability that k or more of n happen where each does with a chance of p:
// the exact one-sided p-value of k against a promise of at most p.
func atLeast(k, n int, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n || p <= 0:
		return 0
	case float64(k) < float64(float64(n)*p): // most of it: what is left is the smaller sum
		return rounded(1 - tail(n-k+1, n, 1-p))
	}
	return rounded(tail(k, n, p))
}

// tail is the probability of k or more, where fewer are expected.
func tail(k, n int, p float64) float64 {
	// The logarithm of the first term, then each from the one before it.
	term := float64(float64(k)*math.Log(p)) + float64(float64(n-k)*math.Log1p(-p))
	for i := range k {
		term += math.Log(float64(n-i)) - math.Log(float64(i+1))
	}
	sum, next, odds := 0.0, math.Exp(term), p/(1-p)
	for i := k; i <= n && next > 1e-18*sum; i++ {
		sum += next
		next = float64(next*float64(n-i)/float64(i+1)) * odds
	}
	return min(1, sum)
}

// rounded is v to three digits: the same on every machine, whatever its last bits are.
func rounded(v float64) float64 {
	if v <= 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(v)))
	if math.IsInf(scale, 0) {
		return 0
	}
	return math.Round(float64(v*scale)) / scale
}

// holm says which of several p-values are rejected, with a probability of at most level that
// any of those is whose hypothesis is true (Holm, 1979).
func holm(p []float64, level float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	rejected := make([]bool, len(p))
	for k, i := range order {
		if float64(p[i]*float64(len(p)-k)) > level {
			break
		}
		rejected[i] = true
	}
	return rejected
}
