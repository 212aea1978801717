package engine

import "time"

// Judge turns measurements into verdicts. It is pure.
type Judge interface {
	// Bounds are the latencies in ms that a gate needs counted.
	Bounds(g Gate) []float64
	// Judge judges a stage's gate on the bake so far.
	Judge(g Gate, e Evidence) Verdict
}

// Evidence is what a judge sees.
type Evidence struct {
	Candidate Measurement
	Baseline  Measurement  // the concurrent control
	Before    *Measurement // the fleet before the first stage
	Bounds    []float64    // what Slower counts against, in all of them
	Window    time.Duration
	End       bool // the bake is over: there is no more to come
}
