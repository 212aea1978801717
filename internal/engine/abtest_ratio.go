package engine

import "math"

// compareRatio fills row with the comparison of a ratio metric: each arm's ratio of
// sums, its variance by the delta method over tenants, both adjusted by the tenants'
// own time before (CUPED: A. Deng et al., 2013). How probable it is by chance is counted
// where the tenants are few.
func compareRatio(row *Comparison, c *column, m Metric, g *Gate, e *Evidence) {
	if c.n[0] < leastOfArm || c.n[1] < leastOfArm {
		return
	}
	arms := c.arms()
	row.A, row.B, row.Word = arms[0].ratio, arms[1].ratio, "same"
	if row.A <= 0 {
		compareWithNone(row, m, g, e, c)
		return
	}
	q, df := quotientOf(&arms, m.LowerIsBetter())
	fillChance(row, q, df)
	if c.counted() {
		// The judge's own figure, as it would come out if others had B.
		row.P = c.permuted(q.apart(), func(b []bool) float64 {
			arms := c.split(b)
			q, _ := quotientOf(&arms, m.LowerIsBetter())
			return q.apart()
		})
	}
}

// arms are the samples of the tenants as they are.
func (c *column) arms() [2]sample { return c.split(c.b) }

// quotientOf is how the arms compare, and with how many degrees of freedom that is known.
func quotientOf(arms *[2]sample, lower bool) (q quotient, df float64) {
	adj := adjust(arms)
	a, b := arms[0].adjusted(adj), arms[1].adjusted(adj)
	if a <= 0 { // its tenants' past explains more than there is
		adj = adjustment{}
		a, b = arms[0].ratio, arms[1].ratio
	}
	va, vb := arms[0].variance(adj), arms[1].variance(adj)
	df = welch(va, vb, arms[0].n, arms[1].n)
	if adj.theta != 0 { // it was found in the same tenants, and moves both arms
		apart := arms[1].ahead - arms[0].ahead
		df, vb = max(1, df-1), vb+float64(apart*apart*adj.variance)
	}
	return quotient{a, b, va, vb, lower}, df
}

// fillChance fills in what a quotient says of B's advantage.
func fillChance(row *Comparison, q quotient, df float64) {
	gain, sd := q.gain(), q.deviation()
	row.Advantage = max(-1, min(1, gain))
	if sd <= 0 {
		row.P, row.Least = 0.5, gain
		switch {
		case gain > 0:
			row.P = 0
		case gain < 0:
			row.P = 1
		}
		return
	}
	t := studentQuantile(testLevel, df)
	row.P = studentTail(gain/sd, df)
	row.Least = min(row.Advantage, q.least(t)) // which is within -1..1
	row.Detectable = (t + normalQuantile(testPower)) * sd
}

// apart is how many of its own deviations B is better; infinite where there is none.
func (q quotient) apart() float64 {
	d := q.b - q.a
	if q.lower {
		d = -d
	}
	switch sd := math.Sqrt(q.va + q.vb); {
	case d == 0:
		return 0
	case sd <= 0:
		return math.Inf(1) * d
	default:
		return d / sd
	}
}
