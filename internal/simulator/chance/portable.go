package chance

import "math"

// The functions of this file give the same bits on every machine. Those of the
// math package need not: a compiler may fuse a product and a sum into one step
// with one rounding, and some machines have their own code. An explicit
// conversion after every product forbids the fusion.

// Log is the natural logarithm of x, above 0.
func Log(x float64) float64 {
	m, e := math.Frexp(x) // exact
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	// ln m = 2 artanh z, as a series in z^2, which is at most 0.03.
	z := (m - 1) / (m + 1)
	zz := float64(z * z)
	sum := 0.0
	for k := 21; k >= 1; k -= 2 {
		sum = float64(sum*zz) + 1/float64(k)
	}
	return float64(2*float64(z*sum)) + float64(float64(e)*math.Ln2)
}

// Exp is e to the power of x; x from -700 to 700.
func Exp(x float64) float64 {
	n := math.Floor(x/math.Ln2 + 0.5)
	r := x - float64(n*math.Ln2)
	sum := 1.0
	for k := 18; k >= 1; k-- {
		sum = 1 + float64(sum*r)/float64(k)
	}
	return math.Ldexp(sum, int(n)) // exact
}

// UpperTail is the chance that a standard normal variate exceeds z.
func UpperTail(z float64) float64 {
	if z < 0 {
		return 1 - UpperTail(-z)
	}
	density := float64(Exp(-float64(z*z)/2) * (1 / math.Sqrt(2*math.Pi)))
	if z > 4 { // the continued fraction converges quickly here
		t := z
		for k := 60; k >= 1; k-- {
			t = z + float64(k)/t
		}
		return density / t
	}
	// 1/2 - density * (z + z^3/3 + z^5/15 + ...)
	term, sum := z, z
	for k := 3; k < 200; k += 2 {
		term = float64(float64(term*z)*z) / float64(k)
		sum += term
	}
	return 0.5 - float64(density*sum)
}

// Cosine is the cosine of so many turns.
func Cosine(turns float64) float64 {
	turns -= math.Floor(turns + 0.5) // -1/2 .. 1/2
	x := float64(turns * (2 * math.Pi))
	xx := float64(x * x)
	sum := 1.0
	for k := 24.0; k >= 2; k -= 2 {
		sum = 1 - float64(float64(sum*xx)/float64(k*(k-1)))
	}
	return sum
}
