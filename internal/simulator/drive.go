package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ErrDeadline is what Drive returns when its deadline passed on the world's clock.
var ErrDeadline = errors.New("the deadline passed on the fleet's clock")

// ErrClockEnds is what Drive and Wait return where a world's clock would pass its end,
// about 95 years after its start.
var ErrClockEnds = errors.New("the simulated fleet's clock is at its end, 95 years after its start: a new fleet begins anew")

// errNoSleep is a time scale without a way to wait.
var errNoSleep = errors.New("a time scale needs a way to sleep")

// Sleep waits for d in real time, or until ctx is done, whose error it returns.
// The simulator itself never waits: whoever wants it to hands in how.
type Sleep func(ctx context.Context, d time.Duration) error

// DriveOptions say how a world is driven. The zero value drives it to the end, as
// fast as possible.
type DriveOptions struct {
	// Deadline is a time on the world's clock, see World.Now; zero: none.
	Deadline time.Time
	// TimeScale is how many seconds pass in the world for each real one; 0: as fast
	// as possible.
	TimeScale float64
	// Sleep waits in real time; needed where TimeScale is not 0.
	Sleep Sleep
	// Held goes on while a person is waited for, as long as the runner has guards to
	// look after; without it, Drive returns, unless the wait has an end.
	Held bool
	// Stop, where it is set, is asked after each step of the runner; true ends the drive.
	Stop func(engine.State) bool
}

// Drive walks a rollout: it lets the runner do what it can, lets the world happen
// until the runner wants to be called again, and so on. It returns nil when the
// rollout ended or waits for a person, ErrDeadline, the error of ctx, or what the
// runner returns. The world's clock stands wherever it stopped.
func (w *World) Drive(ctx context.Context, r *engine.Runner, opt DriveOptions) error {
	if opt.TimeScale > 0 && opt.Sleep == nil {
		return errNoSleep
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !opt.Deadline.IsZero() && !w.Now().Before(opt.Deadline) && r.State().InFlight() {
			return ErrDeadline
		}
		wake, err := r.Advance(ctx)
		if err != nil {
			return err
		}
		if wake.IsZero() || !opt.Held && w.waits(r) || opt.Stop != nil && opt.Stop(r.State()) {
			return nil
		}
		if !opt.Deadline.IsZero() && wake.After(opt.Deadline) {
			wake = opt.Deadline
		}
		if err := w.pass(ctx, wake, opt); err != nil {
			return err
		}
	}
}

// waits says whether a person is waited for, and will be for good: a hold with a timeout
// is over by itself.
func (w *World) waits(r *engine.Runner) bool {
	s := r.State()
	return s.Phase == engine.PhasePaused || s.Phase == engine.PhaseHeld && !w.Now().Before(engine.HoldEnds(r.Plan(), &s))
}

// Wait lets the world happen up to and including until, at the pace of opt.
func (w *World) Wait(ctx context.Context, until time.Time, opt DriveOptions) error {
	if opt.TimeScale > 0 && opt.Sleep == nil {
		return errNoSleep
	}
	return w.pass(ctx, until, opt)
}

func (w *World) pass(ctx context.Context, until time.Time, opt DriveOptions) error {
	if until.After(clock(nanoseconds(maxSeconds))) {
		return ErrClockEnds
	}
	if opt.TimeScale <= 0 {
		w.RunUntil(until)
		return ctx.Err()
	}
	for w.Now().Before(until) {
		next := until
		if at, ok := w.queue.peek(); ok && clock(at).Before(until) {
			next = clock(at)
		}
		wait := time.Duration(float64(next.Sub(w.Now())) / opt.TimeScale)
		if err := opt.Sleep(ctx, wait); err != nil {
			return err
		}
		w.RunUntil(next)
	}
	return nil
}
