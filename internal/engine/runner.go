package engine

import (
	"context"
	"time"
)

// Runner walks one rollout: it asks the machine for moves, makes them on the
// fleet, and writes what came of them to the journal. It holds no truth of its
// own: a new Runner on the same journal goes on where the last one was.
type Runner struct {
	fleet   Fleet
	journal Journal
	judge   Judge
	now     func() time.Time

	plan   Plan
	events []Event
	state  State
}

// NewRunner reads the journal and folds it. now is the clock of the fleet's world.
func NewRunner(ctx context.Context, f Fleet, j Journal, judge Judge, now func() time.Time) (*Runner, error) {
	panic("in the making")
}

// Plan is what the runner walks.
func (r *Runner) Plan() *Plan { return &r.plan }

// State is where it is.
func (r *Runner) State() State { return r.state }

// Events are all that have happened.
func (r *Runner) Events() []Event { return r.events }

// Advance does all that can be done now and says when to call again; a zero wake
// means that the rollout ended, or waits for a person. An error is one of the
// journal's, of ctx, or ErrSuperseded: nothing is lost, a new Runner goes on.
func (r *Runner) Advance(ctx context.Context) (wake time.Time, err error) {
	panic("in the making")
}

// Signal writes a signal of a person: Paused, Resumed, Promoted or Aborted. A
// signal that the phase does not allow is refused, naming the phase, and nothing
// is written.
func (r *Runner) Signal(ctx context.Context, kind EventKind, by, reason string) error {
	panic("in the making")
}
