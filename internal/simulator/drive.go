package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// ErrClockEnds is what Drive and Wait return where a world's clock would pass its end,
// about 95 years after its start.
var ErrClockEnds = errors.New("the simulated fleet's clock is at its end, 95 years after its start: a new fleet begins anew")

// Sleep waits for d in real time, or until ctx is done, whose error it returns.
// The simulator itself never waits: whoever wants it to hands in how.
type Sleep func(ctx context.Context, d time.Duration) error

// Clock is the world's clock. timeScale is how many seconds pass in the world for each
// real one, which sleep waits for; 0: it passes as fast as possible.
func (w *World) Clock(timeScale float64, sleep Sleep) walker.Clock {
	return worldClock{w, timeScale, sleep}
}

// worldClock lets the world happen where others wait.
type worldClock struct {
	*World
	scale float64
	sleep Sleep
}

// Sleep implements [walker.Clock].
func (c worldClock) Sleep(ctx context.Context, until time.Time) error {
	w := c.World
	if until.After(clock(nanoseconds(maxSeconds))) {
		return ErrClockEnds
	}
	if c.scale <= 0 {
		w.RunUntil(until)
		return ctx.Err()
	}
	for w.Now().Before(until) {
		next := until
		if at, ok := w.queue.Peek(); ok && clock(at).Before(until) {
			next = clock(at)
		}
		wait := time.Duration(float64(next.Sub(w.Now())) / c.scale)
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
		w.RunUntil(next)
	}
	return nil
}

// Drive walks a rollout as fast as possible, see [walker.Walk]. The world's clock stands
// wherever it stopped.
func (w *World) Drive(ctx context.Context, r *engine.Runner, o walker.Options) error {
	return walker.Walk(ctx, r, w.Clock(0, nil), o)
}
