package engine

import "math"

// quotient is how an arm's ratio b compares with the other's, a above 0, as b/a; va
// and vb are their variances.
type quotient struct {
	a, b, va, vb float64
	lower        bool // lower is better
}

// gain is how much better b is, relative to a.
func (q quotient) gain() float64 {
	if q.lower {
		return (q.a - q.b) / q.a
	}
	return (q.b - q.a) / q.a
}

// deviation is that of gain if nothing has changed, given a. The quotient's own, which
// weighs va by what the quotient came out as, takes a high a for a good b: with few
// tenants it finds a winner among equals in twice as many tests as it should.
func (q quotient) deviation() float64 { return math.Sqrt(q.va+q.vb) / q.a }

// least is the lower bound of the gain at t deviations: the least gain that is not
// refused by its own deviation (E. Fieller, 1954). -1: a is not known well enough for
// any bound.
func (q quotient) least(t float64) float64 {
	tt := float64(t * t)
	lead := float64(q.a*q.a) - float64(tt*q.va)
	if lead <= 0 {
		return -1
	}
	// The quotients x with (b - a x)^2 = t^2 (vb + va x^2).
	middle := float64(q.a * q.b)
	root := math.Sqrt(max(0, float64(middle*middle)-float64(lead*(float64(q.b*q.b)-float64(tt*q.vb)))))
	if q.lower {
		return 1 - (middle+root)/lead
	}
	return (middle-root)/lead - 1
}
