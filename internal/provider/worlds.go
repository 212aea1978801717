package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// worlds is the port through which a resource reaches the fleet of its plugin in
// its environment. The simulated fleet fills it; a real one will too.
type worlds interface {
	// peek looks at a world without changing, creating or locking anything: it is
	// all that plan and refresh may do.
	peek(ctx context.Context, e engine.Environment, plugin string) (view, error)
	// open takes a world for one operation that may change it.
	open(ctx context.Context, e engine.Environment, plugin string) (world, error)
}

// view is a world to look at. Nothing is made on its fleet.
type view interface {
	engine.Fleet
	engine.Meter
	Journals() engine.Journals
	// Claims are who took finished rollouts over.
	Claims() ownership
	// Now is the time on the world's own clock.
	Now() time.Time
	// Complete puts into a head what whoever counts the traffic can, where that is not the
	// fleet: what plans are compiled from.
	Complete(ctx context.Context, s *engine.Snapshot) error
	// NextRollout is the id that the next rollout will have.
	NextRollout(ctx context.Context) (string, error)
}

// world is a world to act in.
type world interface {
	view
	// Clock is the world's clock and its way of waiting. Where hurry is set it does not wait
	// in real time, where it need not.
	Clock(hurry bool) walker.Clock
	// Patience is how long errors of the journal that may pass are tried again; 0: not at all.
	Patience() time.Duration
	// Attend says that a rollout is walked from here until a time, so that others wait. The
	// error is an *attendedError where somebody else walks it.
	Attend(ctx context.Context, rollout string, until time.Time) error
	// Leave takes that back.
	Leave(ctx context.Context, rollout string)
	Close() error
}

// ownership remembers who took finished rollouts over, see [claimsFile].
type ownership interface {
	// claim makes a rollout somebody's, and returns by which word that one is known.
	claim(ctx context.Context, rollout string) (owner string, err error)
	// owner is who claimed a rollout last; "" is that nobody did.
	owner(ctx context.Context, rollout string) (string, error)
}

// readWorld reads all that a plan is compiled from.
func readWorld(ctx context.Context, v view) (engine.Snapshot, error) {
	s, err := engine.ReadSnapshot(ctx, v)
	if err == nil {
		err = v.Complete(ctx, &s)
	}
	return s, err
}

// attendedError says that somebody else walks a rollout.
type attendedError struct {
	Holder string
	Until  time.Time
}

// Error names who, and until when that holds.
func (e *attendedError) Error() string {
	return fmt.Sprintf("%s walks the rollout, and has until %s to say so again", e.Holder, e.Until.UTC().Format(time.RFC3339))
}
