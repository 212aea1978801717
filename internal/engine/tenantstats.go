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
	prior []float64 // the same for the time before, around the ratio of both arms
	known bool
}

func newSample(m Metric, pairs []Pair, arm int) sample {
	var s sample
	var sumY, sumX, beforeY, beforeX float64
	s.known = true
	for _, p := range pairs {
		by, bx := fractionOf(m, p.Before)
		beforeY, beforeX = beforeY+by, beforeX+bx
		if armOf(p) != arm {
			continue
		}
		y, x := fractionOf(m, p.Now)
		if x <= 0 {
			continue
		}
		s.n++
		sumY, sumX = sumY+y, sumX+x
		s.known = s.known && p.BeforeIsKnown && bx > 0
	}
	if s.n == 0 || sumX <= 0 {
		return sample{}
	}
	s.ratio = sumY / sumX
	mean := sumX / float64(s.n)
	s.known = s.known && beforeX > 0
	for _, p := range pairs {
		if armOf(p) != arm {
			continue
		}
		y, x := fractionOf(m, p.Now)
		if x <= 0 {
			continue
		}
		s.z = append(s.z, (y-float64(s.ratio*x))/mean)
		if s.known {
			// Weighted by the traffic of now: what this tenant's own past says of it.
			by, bx := fractionOf(m, p.Before)
			s.prior = append(s.prior, (by/bx-beforeY/beforeX)*x/mean)
		}
	}
	return s
}

// adjust finds the coefficient that takes most of the variance away: the pooled
// covariance with the time before over its variance, within the arms.
func adjust(arms *[2]sample) float64 {
	if !arms[0].known || !arms[1].known {
		return 0
	}
	var cov, spread float64
	for _, s := range arms {
		zm, pm := mean(s.z), mean(s.prior)
		for i := range s.z {
			cov += float64((s.z[i] - zm) * (s.prior[i] - pm))
			spread += float64((s.prior[i] - pm) * (s.prior[i] - pm))
		}
	}
	if spread <= 0 {
		return 0
	}
	return cov / spread
}

// adjusted is the ratio without what the tenants' own past explains.
func (s sample) adjusted(theta float64) float64 {
	if theta == 0 {
		return s.ratio
	}
	return s.ratio - float64(theta*mean(s.prior))
}

// variance is that of the adjusted ratio.
func (s sample) variance(theta float64) float64 {
	var sum float64
	zm, pm := mean(s.z), 0.0
	if theta != 0 {
		pm = mean(s.prior)
	}
	for i := range s.z {
		d := s.z[i] - zm
		if theta != 0 {
			d -= float64(theta * (s.prior[i] - pm))
		}
		sum += float64(d * d)
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

func mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
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
