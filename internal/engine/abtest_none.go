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

// compareWithNone compares error rates where A has no errors at all, and B's can be no
// share of A's: they are held against an absolute margin. With none of B's own, their bound
// is that of the rule of three (J. Hanley, A. Lippman-Hand, 1983). Row.Advantage and
// Row.Least are on a scale on which the margin is the margin.
func compareWithNone(row *Comparison, g *Gate, pairs []Pair) {
	requests, errors := sumOf(pairs, func(p *Pair) int64 { return p.Now.Errors })
	scaled := func(rate float64) float64 {
		if allowed := g.absoluteMargin(); allowed > 0 {
			return max(-1, -g.Margin*rate/allowed)
		}
		return -1
	}
	row.P, row.Advantage = 0.5, 0
	row.Least = scaled(upperBound(errors[1], requests[1], 1-testLevel))
	if errors[1] > 0 {
		row.Advantage = scaled(row.B)
		row.P = 1 - math.Pow(ratio(requests[1], requests[0]+requests[1]), float64(errors[1])) // that not one of them falls to A
	}
}

// sumOf sums each arm's requests, and something else that is counted of them.
func sumOf(pairs []Pair, of func(*Pair) int64) (requests, counted [2]int64) {
	for i := range pairs {
		arm := armOf(&pairs[i])
		requests[arm] += pairs[i].Now.Requests
		counted[arm] += of(&pairs[i])
	}
	return requests, counted
}
