package engine

import "time"

// MoveKind says what the runner has to do.
type MoveKind string

// The kinds of moves.
const (
	MoveMeasure MoveKind = "measure" // measure the fleet before the first stage
	MoveMake    MoveKind = "make"    // ask the fleet for Move.Change
	MoveLook    MoveKind = "look"    // measure, and write what follows from it
	MoveSurvey  MoveKind = "survey"  // search the fleet for instances that joined
	MoveWrite   MoveKind = "write"   // write an event of kind Move.Event
	MoveWait    MoveKind = "wait"    // call again at Move.Until; zero: when a person has spoken
)

// Move is what to do now.
type Move struct {
	Kind    MoveKind
	Change  Change
	Event   EventKind
	Reason  string  // of the event, where it has one
	Outcome Outcome // of a finished event, or of the survey that finds nobody on the way back
	// Until is when to look again if nothing follows from this look, and Deadline
	// when what is waited for has run out; zero: never.
	Until    time.Time
	Deadline time.Time
}

// moves is the way forward and back as a table: what to do in a phase at a step.
// Phases that are not in it wait for a person, or have ended.
var moves = []struct {
	phase Phase
	step  Step
	move  func(s *State, p *Plan, now time.Time) Move
}{
	{PhaseProgressing, StepBake, moveBake},
	{PhaseProgressing, StepSettle, moveSettle},
	{PhaseProgressing, StepMake, moveMake},
	{PhaseProgressing, StepBegin, moveBegin},
	{PhaseRollingBack, StepBegin, moveUndo},
	{PhaseRollingBack, StepMake, moveMake},
	{PhaseRollingBack, StepSettle, moveSettle},
	{PhaseHeld, StepMake, moveHeld},
	{PhaseHeld, StepSettle, moveHeld},
	{PhaseHeld, StepBake, moveHeld},
	{PhasePaused, StepBegin, moveGuard},
	{PhasePaused, StepMake, moveGuard},
	{PhasePaused, StepSettle, moveGuard},
	{PhasePaused, StepBake, moveGuard},
}

// Next says what to do now. It is pure, and asking twice gives the same answer.
func (s *State) Next(p *Plan, now time.Time) Move {
	for i := range moves {
		if m := &moves[i]; m.phase == s.Phase && m.step == s.Step {
			return m.move(s, p, now)
		}
	}
	return Move{Kind: MoveWait}
}

func moveBegin(s *State, p *Plan, now time.Time) Move {
	switch {
	case s.Before == nil:
		return Move{Kind: MoveMeasure}
	case s.Stage < len(p.Stages):
		return Move{Kind: MoveWrite, Event: Began}
	case s.Surveyed:
		return Move{Kind: MoveWrite, Event: Finished, Outcome: Succeeded}
	case now.Before(s.NotBefore):
		return Move{Kind: MoveWait, Until: s.NotBefore}
	default:
		return Move{Kind: MoveSurvey}
	}
}

func moveUndo(s *State, _ *Plan, now time.Time) Move {
	switch {
	case s.Begun > 0:
		return Move{Kind: MoveWrite, Event: Reverting}
	case now.Before(s.NotBefore):
		return Move{Kind: MoveWait, Until: s.NotBefore}
	default:
		return Move{Kind: MoveSurvey, Outcome: s.Toward}
	}
}

func moveMake(s *State, p *Plan, now time.Time) Move {
	if now.Before(s.NotBefore) {
		if s.Phase == PhaseRollingBack || s.Touched.IsZero() {
			return Move{Kind: MoveWait, Until: s.NotBefore}
		}
		m := moveGuard(s, p, now) // somebody may be exposed while the fleet is away
		m.Until = earlier(m.Until, s.NotBefore)
		return m
	}
	deadline := s.StageBegan.Add(s.stage(p).Settle)
	return Move{Kind: MoveMake, Change: s.changes(p)[s.Made], Until: tick(s.StageBegan, now, shortestLook, deadline), Deadline: deadline}
}

func moveSettle(s *State, p *Plan, now time.Time) Move {
	settle := s.settleTime(p)
	deadline := s.StageBegan.Add(settle)
	every := shortestLook
	if !now.Before(s.StageBegan.Add(oftenFor)) {
		every = clamp(settle / 30)
	}
	return Move{Kind: MoveLook, Until: tick(s.StageBegan, now, every, deadline), Deadline: deadline}
}

// settleTime is how long what was made may take to be in effect. On the way back each try
// has twice the time of the one before, as far as there is time for trying: a fleet that
// begins anew with each order is done once.
func (s *State) settleTime(p *Plan) time.Duration {
	settle := s.stage(p).Settle
	if s.Phase != PhaseRollingBack {
		return settle
	}
	settle = max(settle, leastSettle)
	if p.legacy() || s.Tries == 0 {
		return settle
	}
	left := s.FailedSince.Add(p.retries(true)).Sub(s.StageBegan)
	return max(settle, min(settle<<min(s.Tries, 10), left))
}

func moveBake(s *State, p *Plan, now time.Time) Move {
	every := p.lookEvery(s.Stage)
	end := s.BakeEnds
	if !now.Before(end) { // extended, or blind
		end = s.lastEnd(p)
	}
	return Move{Kind: MoveLook, Until: tick(s.BakeBegan, now, every, end), Deadline: s.lastEnd(p)}
}

// lookEvery is the time between two looks at the bake of a stage.
func (p *Plan) lookEvery(stage int) time.Duration {
	return max(clamp(p.Stages[stage].Bake/5), p.Pace.LookEvery)
}

// moveGuard lets the guards watch while nothing else is to be done.
func moveGuard(s *State, p *Plan, now time.Time) Move {
	if s.Touched.IsZero() {
		return Move{Kind: MoveWait}
	}
	return Move{Kind: MoveLook, Until: tick(s.StageBegan, now, max(longestLook, p.Pace.LookEvery), time.Time{})}
}

// oftenFor is how long settling is looked at every second: most changes are in
// effect by then, and a way back should not wait for the next look.
const oftenFor = 30 * time.Second

// Looks are this far apart.
const (
	shortestLook = time.Second
	longestLook  = 10 * time.Second
)

func clamp(d time.Duration) time.Duration { return min(longestLook, max(shortestLook, d)) }

// tick is the first moment after now on the grid that starts at from, and not
// after the end, where that is still to come. The grid makes looks independent of
// when the runner was called, so that a resumed rollout looks when it would have.
func tick(from, now time.Time, every time.Duration, end time.Time) time.Time {
	next := from.Add(every)
	if !now.Before(from) {
		next = from.Add((now.Sub(from)/every + 1) * every)
	}
	if !next.After(now) { // further off than a duration can be
		next = now.Add(every)
	}
	if end.After(now) && next.After(end) {
		return end
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
