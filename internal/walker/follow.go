package walker

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Followed is a rollout that somebody else walks.
type Followed interface {
	Plan() *engine.Plan
	State() engine.State
	// Read takes what happened since it was read last. Where nothing did, it waits for
	// something, at most for so long.
	Read(ctx context.Context, wait time.Duration) error
}

// longestRead is how long one reading waits at most for something to happen: not so long that
// whoever is in between gives up on it.
const longestRead = 25 * time.Second

// Follow waits for a rollout that somebody else walks, as [Walk] walks one: until it ended or
// waits for a person, the deadline passed, ctx is done, or reading failed for longer than the
// budget. Step is called after each reading, with no time to be called again.
func Follow(ctx context.Context, f Followed, c Clock, o Options) error {
	var failing failing
	for wait := time.Duration(0); ; wait = longestRead {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !o.Deadline.IsZero() {
			wait = min(wait, max(0, o.Deadline.Sub(c.Now())))
		}
		if err := f.Read(ctx, wait); err != nil {
			again, err := failing.retry(ctx, c, &o, err)
			if err != nil {
				return err
			}
			if err := c.Sleep(ctx, again); err != nil {
				return err
			}
			continue
		}
		failing.since, failing.tries = time.Time{}, 0
		s := f.State()
		switch {
		case o.step(time.Time{}), !s.InFlight(), !o.Held && waits(f, c.Now()):
			return nil
		case o.over(c.Now()):
			return ErrDeadline
		}
	}
}
