package engine

import "time"

// Summary is what a person wants to know of a rollout, whatever has become of it.
type Summary struct {
	State State
	// Stage is where it is, or the stage whose verdict turned it round.
	Stage string
	// Verdict is the one that the rollout turned on; nil where none did.
	Verdict *Verdict
	// Progress is how much of the way forward is done, in percent.
	Progress int
	// Most is the most that the candidate was seen to reach, and Now what it reached
	// at the last look.
	Most, Now Exposure
	// ExposedFor is how long tenants were on the candidate: until they were taken
	// back, or until the last event.
	ExposedFor time.Duration
	// Undone are the stages taken back, in that order, and RollbackTook how long that
	// took; on the way still, until the last event.
	Undone       []string
	RollbackTook time.Duration
	// Took is the time from the first event to the last.
	Took time.Duration
}

// Summarize reads a rollout's journal.
func Summarize(p *Plan, events []Event) (Summary, error) {
	state, err := Fold(p, events)
	if err != nil || len(events) == 0 {
		return Summary{State: state}, err
	}
	s := Summary{State: state, Stage: state.stageName(p), Verdict: state.Verdict}
	last := events[len(events)-1].At
	var exposed, unexposed time.Time
	turned := false
	for _, e := range events {
		stage := (&State{Stage: e.Stage}).stage(p)
		if e.Exposed != nil {
			s.Now = *e.Exposed
			s.Most = Exposure{max(s.Most.Tenants, s.Now.Tenants), max(s.Most.Instances, s.Now.Instances), max(s.Most.Share, s.Now.Share)}
		}
		switch e.Kind {
		case Made:
			if exposed.IsZero() && stage.Exposure.Tenants > 0 {
				exposed = e.At
			}
		case Judged:
			if e.Verdict.Result != Pass {
				s.Stage, turned = stage.Name, true
			}
		case Failed, RanOut, Aborted:
			if state.Toward != "" && !turned {
				s.Stage = stage.Name
			}
		case Reverting:
			turned = true
		case Reverted:
			s.Undone = append(s.Undone, stage.Name)
			if e.Exposed != nil && e.Exposed.Tenants == 0 && unexposed.IsZero() {
				unexposed = e.At
			}
		}
	}
	s.Took = last.Sub(events[0].At)
	if !exposed.IsZero() {
		if unexposed.IsZero() {
			unexposed = last
		}
		s.ExposedFor = unexposed.Sub(exposed)
	}
	if !state.WayBackBegan.IsZero() {
		s.RollbackTook = last.Sub(state.WayBackBegan)
	}
	s.Progress = 100
	if n := len(p.Stages); n > 0 {
		s.Progress = 100 * min(state.Stage, n) / n
		if state.Phase == PhaseRollingBack || state.Outcome == RolledBack || state.Outcome == Retained {
			s.Progress = 100 * state.Begun / n
		}
	}
	return s, nil
}

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

// Longest is how long the plan can take, there and back again.
func Longest(p *Plan) time.Duration {
	var sum time.Duration
	for _, s := range p.Stages {
		sum += s.Settle + extended(s.Bake, s.Gate.MaxExtension)
		if len(s.Undo) > 0 {
			sum += max(s.Settle, leastSettle)
		}
	}
	return sum
}

// stageName is the stage that s is at; behind the last one, that one.
func (s *State) stageName(p *Plan) string {
	if s.Stage == len(p.Stages) && len(s.Joined) == 0 && s.Stage > 0 {
		return p.Stages[s.Stage-1].Name
	}
	return s.stage(p).Name
}
