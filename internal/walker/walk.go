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
	retries := retrying{clock: c, options: &o}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.over(c.Now()) && r.State().InFlight() {
			return ErrDeadline
		}
		wake, err := r.Advance(ctx)
		if err != nil {
			if err = retries.wait(ctx, err); err != nil {
				return err
			}
			continue
		}
		retries.over()
		if o.step(wake) || o.done(r, c, wake) {
			return nil
		}
		if o.over(wake) {
			wake = o.Deadline
		}
		if err := c.Sleep(ctx, wake); err != nil {
			return err
		}
	}
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
func waits(r *engine.Runner, now time.Time) bool {
	switch r.Phase() {
	case engine.PhasePaused:
		return true
	case engine.PhaseHeld:
		s := r.State()
		return !now.Before(engine.HoldEnds(r.Plan(), &s))
	}
	return false
}

// retrying is a time in which steps fail.
type retrying struct {
	clock   Clock
	options *Options
	since   time.Time
	tries   int
}

// over ends it.
func (t *retrying) over() { t.since, t.tries = time.Time{}, 0 }

// wait waits before the next try, or returns why there is none.
func (t *retrying) wait(ctx context.Context, err error) error {
	now := t.clock.Now()
	if t.since.IsZero() {
		t.since = now
	}
	if final(ctx, err) || t.options.Budget <= 0 {
		return err
	}
	if spent := now.Sub(t.since); spent >= t.options.Budget {
		return fmt.Errorf("after %d tries in %s: %w", t.tries+1, engine.Spoken(spent), err)
	}
	pause := min(lastRetry, firstRetry<<min(t.tries, 10))
	if t.options.Jitter != nil {
		pause = t.options.Jitter(pause)
	}
	t.tries++
	return t.clock.Sleep(ctx, now.Add(pause))
}

// final says whether an error stays, however often one tries: somebody else walks the
// rollout, it is gone, or nobody waits for it any more.
func final(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, engine.ErrConflict) || errors.Is(err, engine.ErrSuperseded) || errors.Is(err, engine.ErrNoJournal)
}
