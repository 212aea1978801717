package engine

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of the machine (promise 6).
const (
	triesBroken  = 3                // tries of a stage whose changes break before it is rolled back
	triesForward = 3                // plans of format 2: failed tries of a stage before it is rolled back
	triesBack    = 35               // plans of format 2: failed tries of an undo before the rollout is stuck
	maxSurveys   = 5                // rounds of bringing instances along, beside one for each that was there
	firstBackoff = time.Second      // wait after the first failed try; doubled with each
	lastBackoff  = 30 * time.Second // but at most this
	leastSettle  = 30 * time.Second // an undo has at least this long to take effect
)

// rule says in which phases an event is legal and what it does. why, where it is
// set, gives the reason against it, or "".
type rule struct {
	phases []Phase
	why    func(s *State, p *Plan, e *Event) string
	apply  func(s *State, p *Plan, e *Event)
}

// rules is the whole machine, one row for each kind of event.
var rules = map[EventKind]rule{
	Measured:  {in(PhaseProgressing), notMeasured, measured},
	Began:     {in(PhaseProgressing), stageLeft, began},
	Made:      {in(PhaseProgressing, PhaseRollingBack), inOrder, made},
	Failed:    {in(PhaseProgressing, PhaseRollingBack), nil, failed},
	Settled:   {in(PhaseProgressing), atStep(StepSettle), settled},
	RanOut:    {in(PhaseProgressing, PhaseHeld, PhaseRollingBack), heldLong, ranOut},
	Blinded:   {in(PhaseProgressing), atStep(StepBake), func(s *State, _ *Plan, e *Event) { s.BlindSince = e.Until }},
	Sighted:   {in(PhaseProgressing), atStep(StepBake), sighted},
	Extended:  {in(PhaseProgressing), atStep(StepBake), func(s *State, _ *Plan, _ *Event) { s.Extended = true }},
	Judged:    {in(PhaseProgressing, PhaseHeld, PhasePaused), judgeable, judged},
	Reverting: {in(PhaseRollingBack), somethingBegun, reverting},
	Reverted:  {in(PhaseRollingBack), atStep(StepSettle), reverted},
	Surveyed:  {in(PhaseProgressing, PhaseRollingBack), stagesDone, surveyed},
	Finished:  {in(PhaseProgressing, PhaseRollingBack), rightOutcome, finished},
	Left:      {in(PhaseProgressing, PhaseHeld, PhasePaused, PhaseRollingBack), nil, func(*State, *Plan, *Event) {}},
	Paused:    {in(PhaseProgressing), nil, paused},
	Resumed:   {in(PhasePaused, PhaseHeld, PhaseStuck), nil, resumed},
	Promoted:  {in(PhaseHeld), nil, promoted},
	Aborted:   {in(PhaseProgressing, PhaseHeld, PhasePaused, PhaseStuck), wayBackOpen, aborted},
}

func in(phases ...Phase) []Phase { return phases }

// ErrPhase is what an event that the phase does not allow is refused with.
var ErrPhase = errors.New("the phase does not allow it")

// notPossible is an ErrPhase that says why.
type notPossible string

func (e notPossible) Error() string { return string(e) }

// Is says that it is an ErrPhase.
func (notPossible) Is(target error) bool { return target == ErrPhase }

// Apply folds e into s. An event that is out of order or that the phase does not
// allow is refused and changes nothing (promise 7).
func (s State) Apply(p *Plan, e Event) (State, error) {
	err := s.apply(p, &e)
	return s, err
}

// apply is Apply, in place.
func (s *State) apply(p *Plan, e *Event) error {
	r, known := rules[e.Kind]
	switch {
	case !known:
		return fmt.Errorf("event %d: %q is not a kind of event", e.Seq, e.Kind)
	case e.Seq != s.Seq:
		return fmt.Errorf("event %d (%s) is out of order: the next is %d", e.Seq, e.Kind, s.Seq)
	case !slices.Contains(r.phases, s.Phase):
		return notPossible(fmt.Sprintf("%s is not possible: the rollout is %s", e.Kind, s.Phase))
	case e.Stage != s.Stage:
		return fmt.Errorf("event %d (%s) is of stage %d, and the rollout is at stage %d", e.Seq, e.Kind, e.Stage, s.Stage)
	}
	if r.why != nil {
		if reason := r.why(s, p, e); reason != "" {
			return notPossible(fmt.Sprintf("%s is not possible: %s", e.Kind, reason))
		}
	}
	r.apply(s, p, e)
	s.Seq++
	return nil
}

// NewState is the state before the first event.
func NewState() State { return State{Phase: PhaseProgressing, Step: StepBegin} }

// Fold applies events to a new state.
func Fold(p *Plan, events []Event) (State, error) {
	s := NewState()
	for i := range events {
		if err := s.apply(p, &events[i]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// The reasons against an event.

func atStep(step Step) func(*State, *Plan, *Event) string {
	return func(s *State, _ *Plan, _ *Event) string {
		if s.Step != step {
			return fmt.Sprintf("the stage is at %s", s.Step)
		}
		return ""
	}
}

func notMeasured(s *State, _ *Plan, e *Event) string {
	if s.Before != nil || s.Begun > 0 || e.Before == nil {
		return "the time before the rollout is measured once, before its first stage"
	}
	return ""
}

// heldLong is why a hold is not over yet.
func heldLong(s *State, p *Plan, e *Event) string {
	if end := s.holdEnds(p); s.Phase == PhaseHeld && (end.IsZero() || e.At.Before(end)) {
		return "a person is waited for"
	}
	return ""
}

func stageLeft(s *State, p *Plan, _ *Event) string {
	if s.Step != StepBegin || s.Stage >= len(p.Stages) {
		return "no stage is left to begin"
	}
	return ""
}

func inOrder(s *State, p *Plan, e *Event) string {
	if s.Step != StepMake || e.Change != s.Made || s.Made >= len(s.changes(p)) {
		return fmt.Sprintf("change %d is not the next of the stage, which is at %s", e.Change, s.Step)
	}
	return ""
}

func judgeable(s *State, p *Plan, e *Event) string {
	switch {
	case e.Verdict == nil:
		return "there is no verdict in it"
	case !e.Verdict.Guard && (s.Phase != PhaseProgressing || s.Step != StepBake):
		return fmt.Sprintf("only a guard may speak while the rollout is %s at %s", s.Phase, s.Step)
	case e.Verdict.Guard && (e.Verdict.Result != Fail || s.PastReturn(p)):
		return "a guard only fails, and only as long as there is a way back"
	}
	return ""
}

func somethingBegun(s *State, _ *Plan, _ *Event) string {
	if s.Step != StepBegin || s.Begun == 0 {
		return "no stage is left to undo"
	}
	return ""
}

func stagesDone(s *State, p *Plan, e *Event) string {
	switch {
	case s.Step != StepBegin || s.Stage != len(p.Stages):
		return "stages are left"
	case s.Phase == PhaseRollingBack && len(e.Targets) == 0:
		return "nobody was found, and the way back is at its end"
	}
	return ""
}

func rightOutcome(s *State, p *Plan, e *Event) string {
	want := Outcome("")
	switch {
	case s.Phase == PhaseRollingBack && s.Begun == 0:
		want = s.Toward
	case s.Phase == PhaseProgressing && s.Stage == len(p.Stages) && s.Surveyed:
		want = Succeeded
	}
	if e.Outcome != want || want == "" {
		return fmt.Sprintf("the outcome is not %s yet", e.Outcome)
	}
	return ""
}

func wayBackOpen(s *State, p *Plan, _ *Event) string {
	if s.PastReturn(p) {
		return "the rollout is past the point of no return"
	}
	return ""
}
