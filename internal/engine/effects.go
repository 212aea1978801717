package engine

import (
	"slices"
	"time"
)

// What the events do.

func measured(s *State, _ *Plan, e *Event) { s.Before, s.Started = e.Before, e.At }

func began(s *State, p *Plan, e *Event) {
	s.Begun, s.StageBegan = s.Stage+1, e.At
	s.afresh()
	s.Verdict, s.Reason, s.By, s.Cause = nil, "", "", ""
	if len(s.changes(p)) > 0 {
		s.Step = StepMake
		return
	}
	s.bake(p, e.At)
}

func made(s *State, p *Plan, e *Event) {
	if s.Made++; s.Touched.IsZero() {
		s.Touched = e.At
	}
	if s.GuardsFrom.IsZero() && s.stage(p).Exposure.Share > 0 {
		s.GuardsFrom = e.At
	}
	if s.Made == len(s.changes(p)) {
		s.Step = StepSettle
		if !s.FailedSince.IsZero() && !p.legacy() {
			s.StageBegan = e.At // the time to settle is not that for which the fleet was away
		}
	}
}

func settled(s *State, p *Plan, e *Event) {
	s.Overruled = false
	if len(e.Behind) > 0 {
		s.Behind = append(slices.Clip(s.Behind), e.Behind...)
	}
	if s.Stage == len(p.Stages) {
		s.afresh()
		s.Step = StepBegin
		s.surveyLater(p, e.At)
		return
	}
	if stage := &p.Stages[s.Stage]; stage.Bake == 0 && stage.Gate.IsZero() {
		s.leave(p, e.At)
		return
	}
	s.bake(p, e.At)
}

func sighted(s *State, p *Plan, e *Event) {
	s.BakeEnds = s.BakeEnds.Add(e.At.Sub(s.BlindSince))
	if last := s.lastEnd(p); s.BakeEnds.After(last) {
		s.BakeEnds = last
	}
	s.BlindSince = time.Time{}
}

func judged(s *State, p *Plan, e *Event) {
	stage := &p.Stages[min(s.Stage, len(p.Stages)-1)]
	policy := stage.Gate.OnFail
	s.Verdict, s.By, s.Cause = e.Verdict, "", ""
	switch {
	case e.Verdict.Result == Pass:
		s.leave(p, e.At)
		return
	case e.Verdict.Guard:
		policy = p.Guards.OnTrip
	case e.Verdict.Result == Inconclusive:
		policy = stage.Gate.OnInconclusive
	}
	if policy == Hold || e.Verdict.Hold {
		s.hold(e.At, e.Verdict.Reason)
		return
	}
	s.walkBack(p, e.At, p.toward(), e.Verdict.Reason)
}

// toward is the outcome of a way back that nobody asked for: a test of which nobody says that B
// is adopted keeps A.
func (p *Plan) toward() Outcome {
	if p.Spec.Strategy == ABTesting && p.Restores == "" {
		return Retained
	}
	return RolledBack
}

func reverting(s *State, _ *Plan, e *Event) {
	s.StageBegan, s.Step = e.At, StepMake
	s.afresh()
}

func reverted(s *State, p *Plan, e *Event) {
	if s.Begun > 0 {
		s.Begun--
	}
	s.toUndo(p)
	s.surveyLater(p, e.At)
}

func surveyed(s *State, _ *Plan, e *Event) {
	if s.Surveyed = len(e.Targets) == 0; s.Surveyed {
		return
	}
	s.Joined, s.Surveys = e.Targets, s.Surveys+1
	s.StageBegan, s.Step = e.At, StepMake
	s.afresh()
}

func finished(s *State, _ *Plan, e *Event) {
	s.Phase, s.Outcome, s.Ended = Phase(e.Outcome), e.Outcome, e.At
}

func paused(s *State, _ *Plan, e *Event) {
	s.Phase, s.By, s.Cause, s.Reason = PhasePaused, e.By, e.Cause, e.Error
}

// resumed starts the step's clock again, so that what was seen before the pause,
// or what led to the hold, is judged anew.
func resumed(s *State, p *Plan, e *Event) {
	s.By, s.Cause, s.Reason, s.StageBegan = e.By, e.Cause, "", e.At
	s.FailedSince, s.Overruled = time.Time{}, false
	s.answered(e.At)
	switch {
	case s.Phase == PhaseStuck:
		s.Outcome, s.Ended, s.Undone = "", time.Time{}, nil
		if !p.legacy() {
			s.Surveys = 0
		}
		s.afresh()
		if s.Step != StepBegin {
			s.Step = StepMake
		}
		if !s.PastReturn(p) {
			s.Phase, s.Reason = PhaseRollingBack, s.Turned
			return
		}
	case s.Step == StepBake:
		s.bake(p, e.At)
	}
	s.Phase = PhaseProgressing
}

// promoted leaves a stage that has settled, and was judged: whoever promotes overrules the
// verdict. One that a guard stopped before goes on where it is, with new time, and the
// guards leave it alone until it has settled.
func promoted(s *State, p *Plan, e *Event) {
	s.Phase, s.By, s.Cause, s.Reason = PhaseProgressing, e.By, e.Cause, ""
	s.answered(e.At)
	if p.legacy() || s.Step == StepBake {
		s.next()
		return
	}
	s.Overruled, s.StageBegan, s.FailedSince = true, e.At, time.Time{}
}

func aborted(s *State, p *Plan, e *Event) {
	s.By, s.Cause, s.Outcome, s.Ended, s.Undone = e.By, e.Cause, "", time.Time{}, nil
	if s.Phase == PhaseStuck { // on the way back already: go on from where it stuck
		resumed(s, p, e)
		return
	}
	reason := "asked for by " + e.By
	if e.Error != "" {
		reason += ": " + e.Error
	}
	s.walkBack(p, e.At, RolledBack, reason)
}

// Helpers of the rows above.

// stage is the stage that s is at. Behind the last one of the plan comes, where
// instances joined, the one that brings them along.
func (s *State) stage(p *Plan) Stage {
	if s.Stage < len(p.Stages) {
		return p.Stages[s.Stage]
	}
	late := Stage{Name: "latecomers", Settle: 5 * time.Minute, Final: true}
	if len(s.Joined) > 0 {
		late.Changes = []Change{replaceNamed(p.Candidate, p.Baseline, s.Joined)}
		late.Undo = []Change{replaceNamed(p.Baseline, p.Candidate, s.Joined)}
	}
	return late
}

// replaceNamed brings instances that are not in the plan from one default to
// another; "" is no plugin at all.
func replaceNamed(to, from string, named []string) Change {
	c := replaceWith(to, from, Range{})
	c.Named = named
	return c
}

// changes are those that s has to make: the stage's, or its undo.
func (s *State) changes(p *Plan) []Change {
	stage := s.stage(p)
	if s.Phase == PhaseRollingBack {
		return stage.Undo
	}
	return stage.Changes
}

// PastReturn says whether s can only go forward: a final stage has begun, or all stages are done.
func (s *State) PastReturn(p *Plan) bool {
	return s.Toward == "" && (s.Stage >= len(p.Stages) || s.Begun > 0 && p.Stages[s.Begun-1].Final)
}

func (s *State) bake(p *Plan, at time.Time) {
	s.Step, s.BakeBegan, s.BakeEnds = StepBake, at, at.Add(p.Stages[s.Stage].Bake)
	s.BlindSince, s.Extended = time.Time{}, false
	if p.Stages[s.Stage].Gate.Mode == Sequential {
		s.Bakes++
	}
}

// lastEnd is when even an extended bake is over.
func (s *State) lastEnd(p *Plan) time.Time {
	stage := &p.Stages[s.Stage]
	return s.BakeBegan.Add(extended(stage.Bake, stage.Gate.MaxExtension))
}

// extended is d times factor, and d where factor is below 1.
func extended(d time.Duration, factor float64) time.Duration {
	return max(d, time.Duration(float64(d)*factor))
}

func (s *State) leave(p *Plan, at time.Time) {
	if p.Stages[s.Stage].Hold {
		if !p.legacy() {
			s.Step = StepBake // also where it has none: it is settled, and judged
		}
		why := "the plan holds here for a person"
		if s.Verdict != nil {
			why = s.Verdict.Reason
		}
		s.hold(at, why)
		return
	}
	s.next()
}

// answered lets the guards forget what the person who spoke has seen.
func (s *State) answered(at time.Time) {
	if !s.GuardsFrom.IsZero() {
		s.GuardsFrom = at
		s.Answers++
	}
}

func (s *State) next() {
	s.Stage, s.Step = s.Stage+1, StepBegin
	s.afresh()
}
