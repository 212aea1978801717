package engine

import "math"

// z999 is the one-sided 99.9 % point of the normal distribution.
const z999 = 3.0902

// zTenant is the one-sided 99.997 % point: the worst of some hundred tenants is
// looked at, again and again.
const zTenant = 4.0

// wilsonLower is the lower bound of Wilson's score interval for k successes out of
// n at z standard deviations (E. B. Wilson, 1927). It is 0 where n is 0.
func wilsonLower(k, n int64, z float64) float64 {
	if n == 0 {
		return 0
	}
	nf := float64(n)
	p, zz := float64(k)/nf, z*z
	centre := p + zz/(2*nf)
	// The conversions keep the compiler from fusing, so that every machine agrees.
	spread := float64(z * math.Sqrt(float64(p*(1-p)/nf)+float64(zz/(4*nf*nf))))
	return max(0, (centre-spread)/(1+zz/nf))
}

// quantile reads the latency below which the share q of requests falls, from the
// counts of slower ones: interpolated between two bounds. It is NaN
// without requests, and the last bound where more are slower than that.
func quantile(q float64, requests int64, bounds []float64, slower []int64) float64 {
	if requests == 0 || len(bounds) == 0 || len(slower) != len(bounds) {
		return math.NaN()
	}
	target := float64(1-q) * float64(requests)
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

// failures are the requests that did not succeed.
func (m Measurement) failures() int64 { return m.Errors + m.Timeouts }

// sane is m without the means that are not numbers: no data, as JSON can say it.
func (m Measurement) sane() Measurement {
	for _, mean := range []*Mean{&m.Latency, &m.Satisfaction, &m.Execution, &m.CPU, &m.Memory} {
		if math.IsNaN(mean.Sum) || math.IsInf(mean.Sum, 0) {
			*mean = Mean{}
		}
	}
	return m
}
