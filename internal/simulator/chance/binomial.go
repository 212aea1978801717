package chance

import "math"

// Binomial draws how many of n things of a chance happen.
func Binomial(s *Stream, n int64, chance uint64) int64 {
	switch p := float64(float64(chance) * 0x1p-64); {
	case n <= 0 || chance == 0:
		return 0
	case chance == Certain:
		return n
	case chance > 1<<63:
		return n - Binomial(s, n, -chance)
	case float64(float64(n)*p) < often:
		return rare(s, n, p)
	default:
		return common(s, n, p)
	}
}

// often is how many of n things happen on average for common to do.
const often = 10

// rare draws how many of n things of a chance p, 0 < p <= 1/2, happen: it walks up the
// chances of 0, 1, 2, ... until they exceed a number.
func rare(s *Stream, n int64, p float64) int64 {
	x := s.Unit()
	w := power(1-p, n) // chance of k
	odds := p / (1 - p)
	k := int64(0)
	for x >= w && k < n && w > negligible {
		x -= w
		w = float64(float64(w*float64(n-k)) * odds / float64(k+1))
		k++
	}
	return k
}

// common draws how many of n things of a chance p, p <= 1/2 and n*p >= often, happen, by
// transformed rejection: a point under a simple curve gives the answer if it is under
// the chances too, which it mostly is known to be without looking at them.
//
// Algorithm BTRD of W. Hörmann, "The generation of binomial random variates", Journal of
// Statistical Computation and Simulation 46 (1993), 101-110, with its names.
func common(s *Stream, n int64, p float64) int64 {
	nf := float64(n)
	r := p / (1 - p)
	nr := float64((nf + 1) * r)
	npq := float64(float64(nf*p) * (1 - p))
	root := math.Sqrt(npq)
	b := 1.15 + float64(2.53*root)
	a := -0.0873 + float64(0.0248*b) + float64(0.01*p)
	c := float64(nf*p) + 0.5
	vr := 0.92 - 4.2/b
	at := func(u float64) float64 { return math.Floor(float64((2*a/(0.5-math.Abs(u))+b)*u) + c) }
	for {
		v := s.Unit()
		if v <= float64(0.86*vr) {
			return int64(at(v/vr - 0.43))
		}
		var u float64
		if v >= vr {
			u = s.Unit() - 0.5
		} else {
			u = float64(v/vr) - 0.93
			u = math.Copysign(0.5, u) - u
			v = float64(s.Unit() * vr)
		}
		k := at(u)
		if !(k >= 0 && k <= nf) {
			continue
		}
		us := 0.5 - math.Abs(u)
		alpha := float64((2.83 + 5.1/b) * root)
		v = float64(v*alpha) / (a/float64(us*us) + b)
		if under(v, k, nf, p, r, nr, npq) {
			return int64(k)
		}
	}
}

// under says whether v is at most the chance of k relative to that of the likeliest
// number.
func under(v, k, n, p, r, nr, npq float64) bool {
	m := math.Floor(float64((n + 1) * p))
	km := math.Abs(k - m)
	if km <= 15 {
		f := 1.0
		for i := m + 1; i <= k; i++ {
			f = float64(f * (nr/i - r))
		}
		for i := k + 1; i <= m; i++ {
			v = float64(v * (nr/i - r))
		}
		return v <= f
	}
	v = Log(max(v, 1e-300))
	rho := float64((km / npq) * (float64(float64(float64(km/3+0.625)*km)+1.0/6)/npq + 0.5))
	switch t := -float64(km*km) / float64(2*npq); {
	case v < t-rho:
		return true
	case v > t+rho:
		return false
	}
	nm, nk := n-m+1, n-k+1
	h := float64((m+0.5)*Log((m+1)/float64(r*nm))) + stirling(m) + stirling(n-m)
	return v <= h+float64((n+1)*Log(nm/nk))+float64((k+0.5)*Log(float64(nk*r)/(k+1)))-stirling(k)-stirling(n-k)
}

// stirling is how much Stirling's approximation, (k+1/2) ln(k+1) - (k+1) + ln(2 pi)/2,
// falls short of the logarithm of k!.
func stirling(k float64) float64 {
	if k < float64(len(stirlings)) {
		return stirlings[int(k)]
	}
	x := 1 / (k + 1)
	xx := float64(x * x)
	return float64((1.0/12 - float64((1.0/360-float64(1.0/1260*xx))*xx)) * x)
}

// stirlings are the first ones, for which the series is too short.
var stirlings = func() (list [10]float64) {
	factorial := 0.0 // its logarithm
	for k := range list {
		if k > 0 {
			factorial += Log(float64(k))
		}
		n := float64(k)
		list[k] = factorial - float64((n+0.5)*Log(n+1)) + (n + 1) - float64(Log(2*math.Pi)/2)
	}
	return list
}()
