package engine

import "time"

// Judge turns measurements into verdicts. It is pure.
type Judge interface {
	// Bounds are the latencies in ms, ascending, that a gate needs counted.
	Bounds(g Gate) []float64
	// Judge judges a stage's gate on the bake so far.
	Judge(g Gate, e Evidence) Verdict
}

// Evidence is what a judge sees.
type Evidence struct {
	Candidate Measurement
	Baseline  Measurement  // the concurrent control
	Before    *Measurement // the fleet before the first stage; nil: not measured
	Bounds    []float64    // what Slower counts against, in Candidate and Baseline
	Window    time.Duration
	End       bool // the bake is over: there is no more to come
}

// LatencyGrid are the bounds in ms on which percentiles are read: 1 ms to 60 s in
// equal ratios of about 1.25, so that a percentile in between is good to a few per cent.
func LatencyGrid() []float64 { return latencyGrid }

var latencyGrid = []float64{
	1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8, 10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80, 100, 125, 160, 200, 250, 320,
	400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000, 32000, 60000,
}
