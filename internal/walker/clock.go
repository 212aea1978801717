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
// fleet's answers say. The zero value goes by this machine's clock. It may be used by
// several at once.
type Time struct {
	mu     sync.Mutex
	start  time.Time // on this machine, with the monotonic clock
	offset time.Duration
	last   time.Time
}

// Now implements Clock.
func (t *Time) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

func (t *Time) now() time.Time {
	if now := t.local().Add(t.offset); now.After(t.last) {
		t.last = now
	}
	return t.last
}

// local is this machine's time, on which a change of the wall clock has no effect.
func (t *Time) local() time.Time {
	if t.start.IsZero() {
		t.start = time.Now()
	}
	return t.start.Add(time.Since(t.start)).Round(0).UTC()
}

// Learn takes the time of an answer of the fleet.
func (t *Time) Learn(at time.Time) {
	if at.IsZero() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.offset = at.Sub(t.local())
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

// Grace is a context for the last few calls of an operation whose own was cancelled: it
// is done d from now.
func Grace(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
