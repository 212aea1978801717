package scenario

import "math"

// Wilson is the interval that holds the true share with a confidence of 95 %, where
// k of n were seen. Where n is 0 it is everything.
func Wilson(k, n int64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	// Explicit conversions keep the bits the same on every machine: they forbid a
	// product and a sum to be fused into one step.
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	zz := float64(z * z)
	middle := p + zz/float64(2*m)
	spread := float64(z * math.Sqrt(float64(p*(1-p))/m+zz/float64(float64(4*m)*m)))
	scale := 1 + zz/m
	low, high = (middle-spread)/scale, (middle+spread)/scale
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}
