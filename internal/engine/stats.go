package engine

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Tails of the exact test, one-sided.
const (
	tail999 = 0.001 // a rate is looked at every few seconds
	// tailTenant is that of the worst of some hundred tenants, looked at again and again.
	tailTenant = 3e-5
)

// exceeds says whether k failures out of n are past chance under a rate of limit:
// whether k or more have a probability below tail (the exact binomial test; its
// bound is that of C. Clopper and E. Pearson, 1934). Wilson's interval is no use
// here: below some dozen requests it calls one failure of one request proof.
func exceeds(k, n int64, limit, tail float64) bool {
	switch {
	case float64(k) <= limit*float64(n):
		return false
	case limit <= 0:
		return k > 0
	default:
		return mathext.RegIncBeta(float64(k), float64(n-k+1), limit) < tail
	}
}

// quantile reads the latency below which the share q of requests falls, from the
// counts of slower ones: interpolated between two bounds. It is NaN
// without requests, and the last bound where more are slower than that.
func quantile(q float64, requests int64, bounds []float64, slower []int64) float64 {
	if requests == 0 || len(bounds) == 0 || len(slower) != len(bounds) {
		return math.NaN()
	}
	target := float64(float64(1-q) * float64(requests))
	above, lower := float64(requests), 0.0
	for i, b := range bounds {
		s := float64(slower[i])
		if s <= target {
			if above == s {
				return b
			}
			part := (above - target) / (above - s)
			return lower + float64(part*(b-lower))
		}
		above, lower = s, b
	}
	return bounds[len(bounds)-1]
}

// percentile is the 99th of m's latencies, ms; NaN where there is no histogram of them.
func (m *Measurement) percentile() float64 {
	return quantile(0.99, m.Requests, m.Histogram.Bounds, m.Histogram.Slower)
}

// ratio is k/n, NaN where n is 0.
func ratio(k, n int64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(k) / float64(n)
}

// value is the mean of m, NaN where there is none.
func (m Mean) value() float64 {
	if m.Count == 0 {
		return math.NaN()
	}
	return m.Sum / float64(m.Count)
}

// mean is that of a metric which has one.
func (m *Measurement) mean(of Metric) Mean {
	switch of {
	case CPU:
		return m.CPU
	case Memory:
		return m.Memory
	default:
		return m.Execution
	}
}

// failures are the requests that did not succeed.
func (m Measurement) failures() int64 { return m.Errors + m.Timeouts }
