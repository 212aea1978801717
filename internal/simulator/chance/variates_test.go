package chance

import (
	"fmt"
	"math"
	"testing"
)

// moments draws many numbers and compares mean and variance with what they should be.
func moments(t *testing.T, what string, mean, variance float64, draw func(s *Stream) int64) {
	t.Helper()
	const n = 20000
	s := StreamOf(7, ForSwarm, Key(what))
	var sum, squares float64
	for range n {
		v := float64(draw(&s)) - mean
		sum += v
		squares += v * v
	}
	if off := sum / n; math.Abs(off) > 5*math.Sqrt(variance/n)+1e-9 {
		t.Errorf("%s: the mean is off by %v of %v", what, off, mean)
	}
	if v := squares / n; math.Abs(v-variance) > 0.06*variance+5/math.Sqrt(n) {
		t.Errorf("%s: the variance is %v, want %v", what, v, variance)
	}
}

func TestVariates(t *testing.T) {
	for _, n := range []int64{1, 7, 64, 150, 5000, 300_000} {
		for _, p := range []float64{0, 0.001, 0.01, 0.3, 0.5, 0.97, 1} {
			nf := float64(n)
			moments(t, fmt.Sprintf("binomial %d %v", n, p), nf*p, nf*p*(1-p), func(s *Stream) int64 { return Binomial(s, n, Of(p)) })
		}
	}
	for _, mean := range []float64{0.01, 0.7, 1, 9.37, 150, 4000.5, 70_000} {
		moments(t, fmt.Sprintf("poisson %v", mean), mean, mean, func(s *Stream) int64 { return Poisson(s, mean) })
		tab := PoissonTable(mean)
		moments(t, fmt.Sprintf("table %v", mean), mean, mean, tab.Draw)
	}
}
