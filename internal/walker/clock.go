package walker

import (
	"context"
	"sync"
	"time"
)

// Clock is the time of a fleet's world, and how to wait in it.
type Clock interface {
	// Now never runs backwards.
	Now() time.Time
	// Sleep waits until a time, or until ctx is done, whose error it returns.
	Sleep(ctx context.Context, until time.Time) error
}

// Time is a fleet's time as this machine tells it: its own clock, moved by what the
// fleet's answers say. It never runs backwards and never stands still: where it is ahead of
// the fleet, it runs at half its speed until it is not. The zero value goes by this
// machine's clock. It may be used by several at once.
type Time struct {
	mu     sync.Mutex
	start  time.Time // on this machine, with the monotonic clock
	asked  time.Time // when it was last told, by this machine's clock
	offset time.Duration
	fleet  time.Duration // the offset that the answers say
	taken  bool          // there was one
	doubt  time.Duration // the offset of an answer that is far from the others, and waits for a second one
}

// Now implements Clock.
func (t *Time) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

func (t *Time) now() time.Time {
	local := t.local()
	ran := local.Sub(t.asked)
	t.asked = local
	if ahead := t.offset - t.fleet; ahead > 0 {
		t.offset -= min(ahead, ran/2)
	} else {
		t.offset = t.fleet
	}
	return local.Add(t.offset)
}

// local is this machine's time, on which a change of the wall clock has no effect.
func (t *Time) local() time.Time {
	if t.start.IsZero() {
		t.start = time.Now()
		t.asked = t.start.Round(0).UTC()
	}
	return t.start.Add(time.Since(t.start)).Round(0).UTC()
}

// Clocks of a fleet's replicas differ by less than near; what is further off than far is
// no clock.
const (
	near = time.Minute
	far  = 100 * 365 * 24 * time.Hour
)

// Learn takes the time of an answer of the fleet. One that is far from those before counts
// once the next one agrees with it: a single replica whose clock is wrong moves nothing.
func (t *Time) Learn(at time.Time) {
	if at.IsZero() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	said := at.Sub(t.local())
	switch {
	case said.Abs() > far:
		return
	case t.taken && (said-t.fleet).Abs() > near && (said-t.doubt).Abs() > near:
		t.doubt = said
		return
	}
	t.taken, t.fleet, t.doubt = true, said, said
	t.now()
}

// longestNap is how long Sleep sleeps before it asks for the time again: a machine that
// was suspended, or a fleet whose clock was set, wakes no later than this.
const longestNap = 30 * time.Second

// Sleep implements Clock.
func (t *Time) Sleep(ctx context.Context, until time.Time) error {
	for {
		left := until.Sub(t.Now())
		if left <= 0 {
			return ctx.Err()
		}
		if err := Pause(ctx, min(left, longestNap)); err != nil {
			return err
		}
	}
}

// Pause waits for d on this machine, or until ctx is done, whose error it returns.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wall is what the clock on this machine's wall shows: it goes on while the machine sleeps, and
// jumps where somebody sets it, which a Time does not.
func Wall() time.Time { return time.Now().Round(0) }

// Within is ctx, but done d from now at the latest.
func Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Grace is a context for the last few calls of an operation whose own was cancelled: it
// is done d from now.
func Grace(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
