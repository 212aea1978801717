package engine

import "math"

// mostNeeded is where requestsToPass gives up: no fleet has so many requests.
const mostNeeded = int64(1) << 40

// requestsToPass is about how many requests the sequential judge needs to pass a rate
// under a limit, both 0..1: the least power of two times ten at which the 95 % upper
// bound is below the limit, refined to a tenth. It is the largest number where none do,
// because the rate is not below the limit.
//
// The plan's warnings and the advice of a verdict both ask it: what is warned of is what
// happens.
func requestsToPass(rate, limit float64) int64 {
	passes := func(n int64) bool {
		return atMost(int64(math.Ceil(rate*float64(n)-1e-9)), n, passConfidence, limit)
	}
	if rate >= limit {
		return math.MaxInt64
	}
	high := int64(10)
	for !passes(high) {
		if high *= 2; high > mostNeeded {
			return math.MaxInt64
		}
	}
	low := high / 2
	for high-low > max(1, low/50) {
		if middle := (low + high) / 2; passes(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// needs is how many requests a gate needs to pass a version whose requests fail at the
// rate, and the check that needs the most; "": its minimum is what binds. A gate whose
// minimum is 0 passes without any. The largest number: it cannot pass.
func (g *Gate) needs(rate float64) (requests int64, binds Metric) {
	requests = g.MinRequests
	if g.Mode != Sequential || g.MinRequests == 0 {
		return requests, ""
	}
	for _, c := range g.Checks {
		n := int64(0)
		switch c.Metric {
		case ErrorRate:
			n = requestsToPass(rate, c.Bound)
		case SuccessRate:
			n = requestsToPass(rate, 1-c.Bound)
		case LatencyP99: // how many are slow is not known before
			n = requestsToPass(0, 0.01)
		}
		if n > requests {
			requests, binds = n, c.Metric
		}
	}
	return requests, binds
}
