package walker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ErrDeadline is what Walk returns when its deadline passed.
var ErrDeadline = errors.New("the deadline passed on the fleet's clock")

// Options say how a rollout is walked. The zero value walks it to its end, or to where a
// person is waited for.
type Options struct {
	// Deadline is a time on the clock; zero: none.
	Deadline time.Time
	// Held goes on while a person is waited for, as long as the runner has guards to look
	// after or the wait has an end; without it, Walk returns, unless the wait has an end.
	Held bool
	// Budget is how long errors are tried again that may pass: those of the journal. 0: they
	// end the walk. Those of the fleet have budgets in the plan.
	Budget time.Duration
	// Jitter shortens a wait before a retry, so that many walkers do not come at once; nil: it
	// does not.
	Jitter func(time.Duration) time.Duration
	// Step, where it is set, is called after each step of the runner, with when it wants to be
	// called again (zero: never): a heartbeat. true ends the walk.
	Step func(wake time.Time) (stop bool)
}

// Waits before a retry: doubled from the first on, up to the last.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Walk walks a rollout: it lets the runner do what it can, and waits until that wants to
// be called again. It returns nil when the rollout ended or waits for a person,
// ErrDeadline, the error of ctx, or what the runner returns. The runner absorbs what
// people say elsewhere at each step.
func Walk(ctx context.Context, r *engine.Runner, c Clock, o Options) error {
	w := New(r, c, o)
	for {
		wake, done, err := w.Step(ctx)
		if done || err != nil {
			return err
		}
		if err := c.Sleep(ctx, wake); err != nil {
			return err
		}
	}
}

// Walker is a walk that is taken one step at a time, by somebody who waits for many at once.
type Walker struct {
	runner  *engine.Runner
	clock   Clock
	options Options
	failing failing
}

// New is a walk that has not begun. Its clock is only asked for the time.
func New(r *engine.Runner, c Clock, o Options) *Walker {
	return &Walker{runner: r, clock: c, options: o}
}

// Runner is whose steps they are.
func (w *Walker) Runner() *engine.Runner { return w.runner }

// Failing is why the last step failed, and since when steps do; nil: it did not.
func (w *Walker) Failing() (since time.Time, err error) { return w.failing.since, w.failing.err }

// Step does all that can be done now, and says when to call again. done: the rollout ended, or
// waits for a person. An error that may pass is kept to itself, see Failing, and wake is when
// to try again; the others are those of Walk.
func (w *Walker) Step(ctx context.Context) (wake time.Time, done bool, err error) {
	r, o := w.runner, &w.options
	if err := ctx.Err(); err != nil {
		return time.Time{}, false, err
	}
	if o.over(w.clock.Now()) && r.State().InFlight() {
		return time.Time{}, false, ErrDeadline
	}
	wake, err = r.Advance(ctx)
	if err != nil {
		wake, err = w.failing.retry(ctx, w.clock, o, err)
		return wake, false, err
	}
	w.failing = failing{}
	if o.step(wake) || o.done(r, w.clock, wake) {
		return time.Time{}, true, nil
	}
	if o.over(wake) {
		wake = o.Deadline
	}
	return wake, false, nil
}

// done says whether there is nothing to wait for any more.
func (o *Options) done(r *engine.Runner, c Clock, wake time.Time) bool {
	return wake.IsZero() || !o.Held && waits(r, c.Now())
}

// over says whether the deadline has come.
func (o *Options) over(now time.Time) bool { return !o.Deadline.IsZero() && !now.Before(o.Deadline) }

// step tells of a step.
func (o *Options) step(wake time.Time) (stop bool) { return o.Step != nil && o.Step(wake) }

// waits says whether a person is waited for, and will be for good: a hold with a timeout
// is over by itself.
func waits(r read, now time.Time) bool {
	switch s := r.State(); s.Phase {
	case engine.PhasePaused:
		return true
	case engine.PhaseHeld:
		return !now.Before(engine.HoldEnds(r.Plan(), &s))
	}
	return false
}

// read is a rollout whose journal was read.
type read interface {
	Plan() *engine.Plan
	State() engine.State
}

// failing is a time in which steps fail.
type failing struct {
	since time.Time
	tries int
	err   error // the last one
}

// retry says when to try again after an error, or that one does not.
func (f *failing) retry(ctx context.Context, c Clock, o *Options, err error) (time.Time, error) {
	now := c.Now()
	if f.since.IsZero() {
		f.since = now
	}
	f.err = err
	if final(ctx, err) || o.Budget <= 0 {
		return time.Time{}, err
	}
	if spent := now.Sub(f.since); spent >= o.Budget {
		return time.Time{}, fmt.Errorf("after %d tries in %s: %w", f.tries+1, engine.Spoken(spent), err)
	}
	pause := min(lastRetry, firstRetry<<min(f.tries, 10))
	if o.Jitter != nil {
		pause = o.Jitter(pause)
	}
	f.tries++
	return now.Add(pause), nil
}

// final says whether an error stays, however often one tries: somebody else walks the
// rollout, it is gone, or nobody waits for it any more.
func final(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, engine.ErrConflict) || errors.Is(err, engine.ErrSuperseded) || errors.Is(err, engine.ErrNoJournal)
}
