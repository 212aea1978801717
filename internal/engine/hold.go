package engine

import (
	"fmt"
	"time"
)

// holdTimeout is the longest wait for a person; 0: without limit.
func (s *Spec) holdTimeout() time.Duration {
	if s.HoldTimeout == nil {
		return 0
	}
	return time.Duration(*s.HoldTimeout)
}

// holdText says in a plan how long a person is waited for, where that has an end.
func holdText(p *Plan) string {
	if o := p.Spec.OnHoldTimeout; o == nil || *o != Rollback || p.Restores != "" || p.Spec.holdTimeout() <= 0 {
		return ""
	}
	return "; held: rolled back where nobody decides within " + Spoken(p.Spec.holdTimeout())
}

// HoldEnds is when a rollout that is held has waited for a person long enough; zero: it is
// not held, or waits without limit.
func HoldEnds(p *Plan, s *State) time.Time {
	limit := p.Spec.holdTimeout()
	if limit <= 0 || s.Phase != PhaseHeld {
		return time.Time{}
	}
	return s.HeldSince.Add(limit)
}

// holdEnds is when the machine itself rolls a rollout back that is held; zero: never.
func (s *State) holdEnds(p *Plan) time.Time {
	if o := p.Spec.OnHoldTimeout; o == nil || *o != Rollback {
		return time.Time{}
	}
	return HoldEnds(p, s)
}

// hold waits for a person.
func (s *State) hold(at time.Time, why string) {
	s.Phase, s.Reason, s.HeldSince = PhaseHeld, why, at
}

// heldTooLong rolls back what nobody decided about.
func (s *State) heldTooLong(p *Plan, e *Event) { s.walkBack(p, e.At, p.toward(), e.Error) }

// moveHeld lets the guards watch while a person is waited for, and ends the wait where it
// has a limit.
func moveHeld(s *State, p *Plan, now time.Time) Move {
	end := s.holdEnds(p)
	if !end.IsZero() && !now.Before(end) {
		return Move{Kind: MoveWrite, Event: RanOut, Reason: fmt.Sprintf("nobody decided within %s, which is hold_timeout", Spoken(p.Spec.holdTimeout()))}
	}
	m := moveGuard(s, p, now)
	if !end.IsZero() && (m.Until.IsZero() || m.Until.After(end)) {
		m.Until = end
	}
	return m
}
