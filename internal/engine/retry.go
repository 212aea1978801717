package engine

import "time"

// What follows where something fails: another try, the way back, or nothing any more.

// failed tries again, as long as there is time for it: a fleet that is away comes back,
// one that cannot carry a change out seldom can later, and one that refuses never will.
func failed(s *State, p *Plan, e *Event) {
	s.Made, s.Tries = 0, s.Tries+1
	broke := s.Step == StepSettle && s.Phase != PhaseRollingBack
	if broke {
		s.Broke++
	}
	if s.FailedSince.IsZero() || broke && !p.legacy() && !s.PastReturn(p) {
		s.FailedSince = e.At // it took the change, and so was not away; such tries are counted
	}
	if s.Step != StepBegin { // a survey that failed has nothing to make again
		s.Step = StepMake
	}
	s.NotBefore = later(e.At.Add(backoff(s.Tries)), e.Until)
	if s.Phase == PhaseRollingBack { // each try has the whole time to take effect
		s.StageBegan = s.NotBefore
	}
	if s.spent(p, e) {
		s.giveUp(p, e)
	}
}

// spent says whether a failed try was the last one.
func (s *State) spent(p *Plan, e *Event) bool {
	back := s.Phase == PhaseRollingBack || s.PastReturn(p)
	switch {
	case p.legacy() && back:
		return s.Tries >= triesBack
	case p.legacy():
		return s.Tries >= triesForward
	case e.Refused:
		return true
	case !back && s.Broke >= triesBroken:
		return true
	}
	return e.At.Sub(s.FailedSince) >= p.retries(back)
}

// ranOut ends a stage whose settle deadline passed; on the way back, where there
// is nothing else to try, the undo is made again.
func ranOut(s *State, p *Plan, e *Event) {
	if s.Phase == PhaseHeld {
		s.heldTooLong(p, e)
		return
	}
	if s.Phase == PhaseRollingBack {
		failed(s, p, e)
		if s.Step != StepBegin || p.legacy() {
			s.StageBegan, s.NotBefore = e.At, e.At // it has waited long enough
		}
		return
	}
	s.giveUp(p, e)
}

// giveUp rolls back, or is stuck where there is no way.
func (s *State) giveUp(p *Plan, e *Event) {
	if s.Phase == PhaseRollingBack || s.PastReturn(p) {
		s.Phase, s.Outcome, s.Ended = PhaseStuck, Stuck, e.At
		s.Reason, s.Undone = e.Error, e.Targets
		return
	}
	s.walkBack(p, e.At, RolledBack, e.Error)
}

// surveyLater lets the next survey wait, longer with each that found somebody: what joins
// again and again is not read again and again at once.
func (s *State) surveyLater(p *Plan, at time.Time) {
	if s.Surveys > 0 && s.Stage == len(p.Stages) && !p.legacy() {
		s.NotBefore = at.Add(backoff(s.Surveys))
	}
}

// afresh begins a step that nobody has tried.
func (s *State) afresh() {
	s.Made, s.Tries, s.Broke = 0, 0, 0
	s.NotBefore, s.FailedSince = time.Time{}, time.Time{}
}

// walkBack begins the way back. Stages without an undo have nothing to reverse.
func (s *State) walkBack(p *Plan, at time.Time, toward Outcome, reason string) {
	s.Phase, s.Toward, s.WayBackBegan = PhaseRollingBack, toward, at
	s.Reason, s.Turned = reason, reason
	if s.Started.IsZero() {
		s.Started = at
	}
	s.toUndo(p)
}

func (s *State) toUndo(p *Plan) {
	for s.Begun > 0 && len(p.Stages[s.Begun-1].Undo) == 0 {
		s.Begun--
	}
	s.Stage, s.Step = s.Begun-1, StepBegin
	if s.Begun == 0 { // then those who joined on the candidate follow
		s.Stage = len(p.Stages)
	}
	s.afresh()
}

func backoff(tries int) time.Duration {
	return min(lastBackoff, firstBackoff<<min(tries-1, 10))
}
