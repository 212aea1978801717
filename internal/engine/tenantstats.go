package engine

import (
	"cmp"
	"slices"
	"strconv"
)

// column is one metric of all tenants that have it, as y over x.
type column struct {
	y, x []float64
	// past is each one's ratio of the time before; nil: that of nobody is known. A tenant
	// without a past, a new one, is taken for a usual one: that says nothing of it, and leaves
	// the others theirs.
	past  []float64
	usual float64 // of both arms together, before
	b     []bool  // who has B
	n     [2]int  // of each arm
	at    []int32 // their places among the plan's tenants; nil where lots is
	lots  *Lots   // that gave them that; nil: they are too many to draw them again

	z, prior []float64 // room for split: its own, or that of x and past
}

func armOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sample is one arm's tenants for one metric.
type sample struct {
	n     int
	ratio float64   // sum(y) / sum(x)
	z     []float64 // linearised: (y - ratio x) / mean(x)
	prior []float64 // the same for the time before, weighted by the traffic of now
	ahead float64   // by how much the arm's ratio was above that of both before
}

// split makes samples of those that have B and those that have not. They hold until the next
// split. What a tenant's past says of it is weighted by what it sends now, and is around the
// arm's own past: around that of both arms, an arm that was ahead would have its tenants'
// traffic among what the past is to explain.
func (c *column) split(b []bool) (arms [2]sample) {
	var sumY, sumX, ahead [2]float64
	for i, x := range c.x {
		arm := armOf(b[i])
		arms[arm].n++
		sumY[arm] += c.y[i]
		sumX[arm] += x
		if c.past != nil {
			ahead[arm] += float64(c.past[i] * x)
		}
	}
	z, prior := c.z[:len(c.y)], c.prior
	for arm := range arms {
		s, from := &arms[arm], arm*arms[0].n
		s.ratio, s.ahead = over(sumY[arm], sumX[arm]), over(ahead[arm], sumX[arm])
		s.z = z[from : from : from+s.n]
		if c.past != nil {
			s.prior = prior[from : from : from+s.n]
		}
	}
	for i, x := range c.x {
		s := &arms[armOf(b[i])]
		mean := sumX[armOf(b[i])] / float64(s.n)
		s.z = append(s.z, (c.y[i]-float64(s.ratio*x))/mean)
		if c.past != nil {
			s.prior = append(s.prior, (c.past[i]-s.ahead)*x/mean)
		}
	}
	arms[0].ahead -= c.usual
	arms[1].ahead -= c.usual
	return arms
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
	if arms[0].prior == nil {
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

// worseOf are the metrics on which B is worse past chance, with the error at testLevel of all that
// were compared, as holm has it.
func worseOf(rows []Comparison) map[Metric]bool {
	var order []int
	for i := range rows {
		if rows[i].P > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[b].P, rows[a].P) })
	worse := map[Metric]bool{}
	for rank, i := range order {
		if 1-rows[i].P >= testLevel/float64(len(order)-rank) {
			break
		}
		worse[rows[i].Metric] = true
	}
	return worse
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
