package engine

import "time"

// Summary is what a person wants to know of a rollout, whatever has become of it.
type Summary struct {
	State State
	// Stage is where it is or ended, or the stage in which its way back began.
	Stage string
	// Cause is the event that it was rolled back for; nil: none was.
	Cause *Event
	// Verdict is the one that the rollout turned on, or that it waits for; nil where none
	// is. Where a person rolled a rollout back that was held, it is what it was held for.
	Verdict *Verdict
	// Progress is how much of the way forward is done, in percent.
	Progress int
	// Most is the most that the candidate was seen to reach, and Now what it reached
	// at the last look.
	Most, Now Exposure
	// Unseen is what it may have reached, by the plan, after a change that nobody could
	// look at; nil: somebody looked after each change.
	Unseen *Exposure
	// ExposedFor is how long tenants were on the candidate: until they were taken
	// back, or until the last event.
	ExposedFor time.Duration
	// Undone are the stages rolled back, in that order, and RollbackTook how long that
	// took; on the way still, until the last event.
	Undone       []string
	RollbackTook time.Duration
	// Took is the time from the first event to the last.
	Took time.Duration
}

// Exposes says whether the candidate served tenants, as far as is known.
func (s *Summary) Exposes() bool { return s.Most.Tenants > 0 || s.Most.Share > 0 }

// Summarize reads a rollout's journal.
func Summarize(p *Plan, events []Event) (Summary, error) {
	f := summing{plan: p, state: NewState()}
	for i := range events {
		if err := f.add(&events[i]); err != nil {
			f.sum.State = f.state
			return f.sum, err
		}
	}
	if len(events) > 0 {
		f.finish(events)
	}
	f.sum.State = f.state
	return f.sum, nil
}

// summing is a summary under way.
type summing struct {
	plan  *Plan
	state State
	sum   Summary

	exposed, unexposed time.Time
}

func (f *summing) add(e *Event) error {
	was := f.state
	if err := f.state.apply(f.plan, e); err != nil {
		return err
	}
	if f.state.Phase == PhaseRollingBack && was.Phase != PhaseRollingBack && was.Phase != PhaseStuck {
		f.sum.Cause, f.sum.Stage = e, (&State{Stage: e.Stage}).StageName(f.plan)
	}
	if e.Exposed != nil {
		f.see(e, &was)
	}
	switch stage := was.stage(f.plan); {
	case e.Kind == Made && was.Phase != PhaseRollingBack && stage.Exposure.reachesTenants():
		if f.exposed.IsZero() {
			f.exposed = e.At
		}
		f.sum.Unseen = &stage.Exposure
	case e.Kind == Reverted:
		f.sum.Undone = append(f.sum.Undone, stage.Name)
	}
	return nil
}

// see takes what somebody saw of the candidate's reach. Before a stage has settled its
// reach still grows, and on the way back it is too late to see what there was.
func (f *summing) see(e *Event, was *State) {
	f.sum.Now, f.sum.Most = *e.Exposed, f.sum.Most.or(*e.Exposed)
	switch {
	case was.Phase == PhaseRollingBack:
	case was.Step != StepSettle, e.Kind == Settled, f.state.Phase == PhaseRollingBack:
		f.sum.Unseen = nil
	}
	if e.Kind == Reverted && e.Exposed.Tenants == 0 && f.unexposed.IsZero() {
		f.unexposed = e.At
	}
}

// finish works out what only the end shows.
func (f *summing) finish(events []Event) {
	s, state, first, last := &f.sum, &f.state, events[0].At, events[len(events)-1].At
	s.Verdict = state.Verdict
	if s.Cause == nil {
		s.Stage = state.StageName(f.plan)
	}
	s.Took = last.Sub(first)
	if !f.exposed.IsZero() {
		if f.unexposed.IsZero() {
			f.unexposed = last
		}
		s.ExposedFor = f.unexposed.Sub(f.exposed)
	}
	if !state.WayBackBegan.IsZero() {
		s.RollbackTook = last.Sub(state.WayBackBegan)
	}
	s.Progress = 100
	if n := len(f.plan.Stages); n > 0 {
		s.Progress = 100 * min(state.Stage, n) / n
		if state.Phase == PhaseRollingBack || state.Outcome == RolledBack || state.Outcome == Retained {
			s.Progress = 100 * state.Begun / n
		}
	}
}

// StageName is the stage that s is at; behind the last one, that one.
func (s *State) StageName(p *Plan) string {
	if s.Stage == len(p.Stages) && len(s.Joined) == 0 && s.Stage > 0 {
		return p.Stages[s.Stage-1].Name
	}
	return s.stage(p).Name
}
