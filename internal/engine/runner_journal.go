package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// NewRunner reads the journal and folds it. now is the clock of the fleet's world.
func NewRunner(ctx context.Context, f Fleet, j Journal, judge Judge, now func() time.Time) (*Runner, error) {
	plan, events, err := j.Load(ctx)
	if err != nil {
		return nil, err
	}
	state, err := Fold(&plan, events)
	if err != nil {
		return nil, fmt.Errorf("journal of %s: %w", plan.Rollout, err)
	}
	return &Runner{fleet: f, journal: j, judge: judge, now: now, plan: plan, events: slices.Grow(events, usualEvents), state: state}, nil
}

// Signal writes a signal of a person, Paused, Resumed, Promoted or Aborted, or that
// whoever walked the rollout Left. It looks first whom the candidate reaches. A signal that
// the phase does not allow is refused, naming the phase, and nothing is written.
func (r *Runner) Signal(ctx context.Context, kind EventKind, by, reason string) error {
	switch kind {
	case Paused, Resumed, Promoted, Aborted, Left:
		if now := r.now(); !r.state.Touched.IsZero() {
			_, _ = r.measure(ctx, Scope{Arm: CandidateArm, From: now, To: now}) // where it cannot, that is not known
		}
		return r.write(ctx, r.exposed(Event{Kind: kind, By: by, Error: reason}))
	default:
		return fmt.Errorf("%q is not a signal", kind)
	}
}

// write applies e to a copy of the state first, so that what is not allowed is
// never written, then writes it, then takes the copy.
func (r *Runner) write(ctx context.Context, e Event) error {
	if r.broken != nil {
		return r.broken
	}
	e.Seq, e.At, e.Stage = r.state.Seq, r.now(), r.state.Stage
	r.memo.next = r.state
	if err := r.memo.next.apply(&r.plan, &e); err != nil {
		return err
	}
	if err := r.journal.Append(ctx, e); err != nil {
		r.broken = fmt.Errorf("journal of %s, event %d: %w", r.plan.Rollout, e.Seq, err)
		return r.broken
	}
	r.state = r.memo.next
	r.events = append(r.events, e)
	return nil
}
