package engine

import "time"

// Span is when a stage can end, counted from the rollout's start.
type Span struct {
	Earliest time.Duration // everything settles at once
	Latest   time.Duration // settling and inconclusive bakes take all the time they may
}

// Timeline is the span of each stage. Holds for a person are not counted.
func Timeline(p *Plan) []Span {
	spans := make([]Span, len(p.Stages))
	var at Span
	for i, s := range p.Stages {
		at.Earliest += s.Bake
		at.Latest += s.Settle + extended(s.Bake, s.Gate.MaxExtension)
		spans[i] = at
	}
	return spans
}

// Longest is how long the plan can take, there and back again, with the waits for a person
// where those have an end.
func Longest(p *Plan) time.Duration {
	var sum time.Duration
	for _, s := range p.Stages {
		sum += s.Settle + extended(s.Bake, s.Gate.MaxExtension)
		if s.Hold || !s.Gate.IsZero() {
			sum += p.Spec.holdTimeout()
		}
		if len(s.Undo) > 0 {
			sum += max(s.Settle, leastSettle)
		}
	}
	return sum
}
