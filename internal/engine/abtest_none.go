package engine

import "math"

// absoluteMargin is how high an error rate B may have where A has none: the margin of the
// cap on errors.
func (g *Gate) absoluteMargin() float64 {
	limit := 0.05
	for _, c := range g.Checks {
		if c.Metric == ErrorRate {
			limit = c.Bound
		}
	}
	return g.Margin * limit
}

// compareWithNone compares a metric of which A has none, so that B's is no share of A's.
// Of what is to be had, any is better. Error rates are held against an absolute margin: with
// none of B's own, their bound is that of the rule of three (J. Hanley, A. Lippman-Hand, 1983),
// and row.Advantage and row.Least are on a scale on which the margin is the margin.
func compareWithNone(row *Comparison, m Metric, g *Gate, e *Evidence, c *column) {
	row.P = 0.5
	switch {
	case m == ErrorRate:
		scaled := func(rate float64) float64 {
			if allowed := g.absoluteMargin(); allowed > 0 {
				return max(-1, -g.Margin*rate/allowed)
			}
			return -1
		}
		requests, errors := sumOf(e.Pairs, func(p *Pair) int64 { return p.Now.Errors })
		row.Least = scaled(upperBound(errors[1], requests[1], 1-testLevel))
		if row.B > 0 {
			row.Advantage, row.P = scaled(row.B), c.noneByChance(m)
		}
	case row.B <= 0:
		row.Word = "unknown"
	case m == ConversionRate:
		row.Advantage, row.P = 1, c.noneByChance(m)
	default:
		row.Word = "unknown"
	}
}

// noneByChance is how probable an advantage of B is by chance where A has none at all.
func (c *column) noneByChance(m Metric) float64 {
	difference := func(b []bool) float64 {
		arms := c.split(b)
		if m.LowerIsBetter() {
			return arms[0].ratio - arms[1].ratio
		}
		return arms[1].ratio - arms[0].ratio
	}
	if c.counted() {
		return c.permuted(difference(c.b), difference)
	}
	having := 0 // that not one of the tenants that have some falls to A
	for _, y := range c.y {
		if y > 0 {
			having++
		}
	}
	p := math.Pow(float64(c.n[1])/float64(len(c.y)), float64(having))
	if m.LowerIsBetter() {
		return 1 - p
	}
	return p
}

// sumOf sums each arm's requests, and something else that is counted of them.
func sumOf(pairs []Pair, of func(*Pair) int64) (requests, counted [2]int64) {
	for i := range pairs {
		arm := armOf(pairs[i].B)
		requests[arm] += pairs[i].Now.Requests
		counted[arm] += of(&pairs[i])
	}
	return requests, counted
}
