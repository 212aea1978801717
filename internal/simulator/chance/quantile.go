package chance

import "math"

// Quantile is the number that a standard normal variate does not exceed with a chance
// of p, 0 < p < 1, to nine digits: a ratio of polynomials by P. J. Acklam, one for the
// middle and one for the ends.
func Quantile(p float64) float64 {
	const end = 0.02425
	switch {
	case p > 1-end:
		return -Quantile(1 - p)
	case p < end:
		q := math.Sqrt(-2 * Log(p))
		return polynomial(q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783) /
			polynomial(q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1)
	default:
		q := p - 0.5
		r := float64(q * q)
		return float64(polynomial(r, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239)*q) /
			polynomial(r, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1)
	}
}

// polynomial is the one with these coefficients, the highest power's first, at x.
func polynomial(x float64, coefficients ...float64) float64 {
	sum := 0.0
	for _, c := range coefficients {
		sum = float64(sum*x) + c
	}
	return sum
}
