package engine

import (
	"cmp"
	"slices"
	"strconv"
)

// sample is one arm's tenants for one metric.
type sample struct {
	n     int
	ratio float64   // sum(y) / sum(x)
	z     []float64 // linearised: (y - ratio x) / mean(x)
	prior []float64 // the same for the time before, weighted by the traffic of now
	ahead float64   // by how much the arm's ratio was above that of both before
	known bool      // what some tenants did before
}

func newSample(m Metric, pairs []Pair, arm int) sample {
	var s sample
	var sumY, sumX, beforeY, beforeX float64
	for i := range pairs {
		p := &pairs[i]
		if by, bx := fractionOf(m, &p.Before); p.BeforeIsKnown {
			beforeY, beforeX = beforeY+by, beforeX+bx
		}
		if armOf(p) != arm {
			continue
		}
		y, x := fractionOf(m, &p.Now)
		if x <= 0 {
			continue
		}
		s.n++
		sumY, sumX = sumY+y, sumX+x
	}
	if s.n == 0 || sumX <= 0 {
		return sample{}
	}
	s.ratio = sumY / sumX
	usual := 0.0
	if s.known = beforeX > 0; s.known {
		usual = beforeY / beforeX
	}
	s.linearise(m, pairs, arm, sumX/float64(s.n), usual)
	s.ahead -= usual
	return s
}

// linearise lists what each tenant adds to the error of the arm's ratios, now and
// before; mean is that of x. What a tenant's past says of it is weighted by what it
// sends now, and is around the arm's own past: around that of both arms, an arm that
// was ahead would have its tenants' traffic among what the past is to explain. A
// tenant without a past, a new one, is taken for a usual one: that says nothing of it,
// and leaves the others theirs.
func (s *sample) linearise(m Metric, pairs []Pair, arm int, mean, usual float64) {
	room := make([]float64, 3*s.n)
	xs, past := room[:0:s.n], room[s.n:s.n:2*s.n]
	s.z, s.prior = room[2*s.n:2*s.n], nil
	for i := range pairs {
		p := &pairs[i]
		y, x := fractionOf(m, &p.Now)
		if armOf(p) != arm || x <= 0 {
			continue
		}
		s.z, xs = append(s.z, (y-float64(s.ratio*x))/mean), append(xs, x)
		if s.known {
			rate := usual
			if by, bx := fractionOf(m, &p.Before); p.BeforeIsKnown && bx > 0 {
				rate = by / bx
			}
			past = append(past, rate)
			s.ahead += rate * x / mean / float64(s.n)
		}
	}
	s.prior = past
	for i, rate := range past {
		s.prior[i] = (rate - s.ahead) * xs[i] / mean
	}
}

// adjustment says how much of a difference of the past is taken off that of now.
type adjustment struct {
	theta    float64 // 0: there is none
	spread   float64 // of the past: the sum of its squares
	variance float64 // of theta
}

// residual squares what of a tenant's z is not explained by its past. A tenant whose
// past stands out draws theta to itself, and seems to be explained better than it is;
// the share of that is put right (J. MacKinnon, H. White, 1985).
func (a adjustment) residual(z, prior float64) float64 {
	d := z - float64(a.theta*prior)
	return d * d / max(1e-3, 1-float64(prior*prior)/a.spread)
}

// adjust finds the adjustment that takes most of the variance away: the pooled
// covariance with the time before over its variance, within the arms.
func adjust(arms *[2]sample) (a adjustment) {
	if !arms[0].known || !arms[1].known {
		return a
	}
	var cov, spread float64
	for _, s := range arms {
		for i := range s.z {
			cov += float64(s.z[i] * s.prior[i])
			spread += float64(s.prior[i] * s.prior[i])
		}
	}
	if spread <= 0 {
		return a
	}
	a.theta, a.spread = cov/spread, spread
	for _, s := range arms {
		for i, p := range s.prior {
			a.variance += float64(a.residual(s.z[i], p)*p*p) / spread / spread
		}
	}
	return a
}

// adjusted is the ratio without what the tenants' own past explains.
func (s sample) adjusted(a adjustment) float64 { return s.ratio - float64(a.theta*s.ahead) }

// variance is that of the adjusted ratio.
func (s sample) variance(a adjustment) float64 {
	var sum float64
	for i, z := range s.z {
		if a.theta == 0 {
			sum += float64(z * z)
		} else {
			sum += a.residual(z, s.prior[i])
		}
	}
	n := float64(s.n)
	return sum / (n - 1) / n
}

// rounded is v to six significant digits: what processors with fused
// multiplication make of the last bits must not be told apart.
func rounded(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// welch is the number of degrees of freedom of a difference (B. Welch, 1947).
func welch(va, vb float64, na, nb int) float64 {
	v := va + vb
	if v <= 0 {
		return float64(na + nb - 2)
	}
	return max(1, v*v/(va*va/float64(na-1)+vb*vb/float64(nb-1)))
}

// holm marks the decision metrics that are significant with the family's error at
// testLevel (S. Holm, 1979).
func holm(rows []Comparison) {
	var order []int
	for i, r := range rows {
		if r.Decides && r.Word != "no data" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[a].P, rows[b].P) })
	for rank, i := range order {
		if rows[i].P >= testLevel/float64(len(order)-rank) {
			break
		}
		rows[i].Significant = true
	}
}
