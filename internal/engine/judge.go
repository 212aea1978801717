package engine

import (
	"slices"
	"time"
)

// Judge turns measurements into verdicts. It is pure.
type Judge interface {
	// Judge judges a stage's gate on the bake so far.
	Judge(g *Gate, e *Evidence) Verdict
}

// Evidence is what a judge sees.
type Evidence struct {
	// Answer is what was measured. Its baseline is the concurrent control: no more than its
	// counts, but for the decision of an A/B test.
	Answer
	// NoData is why nothing was measured; "": it was.
	NoData string
	// Condition is that of the instances at the end of the bake, and Unseen why it is not
	// known; "": it is.
	Condition Condition
	Unseen    string
	Before    *Measurement // the fleet before the first stage; nil: not measured
	// Bounds are what Slower counts against, in Candidate and Baseline, ascending: the
	// gate's latency caps.
	Bounds []float64
	Prior  Prior
	// Expected is the count under "no change", tenant by tenant; nil: not counted.
	Expected *Expected
	// Pairs are the tenants of an A/B test, each with its own time before; nil: not counted.
	Pairs []Pair
	// Lots are how they were given their variant; nil: there are too many to count chance.
	Lots   *Lots
	Window time.Duration
	// Noise is how unlike minutes are, a coefficient of variation, and Minutes of how many
	// there are counts; 0: those of Window.
	Noise, Minutes float64
	End            bool // the bake is over: there is no more to come
}

// LatencyGrid are bounds in ms for percentiles, for fleets that have none of their own: 1 ms to 60 s in
// equal ratios of about 1.25, so that a percentile in between is good to a few per cent.
func LatencyGrid() []float64 { return latencyGrid }

var latencyGrid = []float64{
	1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8, 10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80, 100, 125, 160, 200, 250, 320,
	400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000, 32000, 60000,
}

// bounds are the latencies that g needs counted.
func (g Gate) bounds() []float64 {
	var bounds []float64
	for _, c := range g.Checks {
		if at, found := slices.BinarySearch(bounds, c.Bound); c.Metric == LatencyP99 && !found {
			bounds = slices.Insert(bounds, at, c.Bound)
		}
	}
	return bounds
}

// showsPercentiles says whether g's verdict shows the 99th percentile.
func (g Gate) showsPercentiles() bool {
	return g.Compare != nil || slices.ContainsFunc(g.Checks, func(c Check) bool { return c.Metric == LatencyP99 })
}

// Pair is one tenant of an A/B test.
type Pair struct {
	B           bool         // served by the candidate
	At          int32        // its place among the plan's tenants
	Now, Before *TenantCount // Before is nil where nothing is known of it
}
