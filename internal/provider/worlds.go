package provider

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// worlds is the port through which a resource reaches the fleet of its plugin in
// its environment. The simulated fleet fills it; a real one will too.
type worlds interface {
	// peek looks at a world without changing, creating or locking anything: it is
	// all that plan and refresh may do.
	peek(ctx context.Context, e engine.Environment, plugin string) (glimpse, error)
	// open takes a world for one operation that may change it.
	open(ctx context.Context, e engine.Environment, plugin string) (world, error)
}

// glimpse is a world as it was at one moment.
type glimpse struct {
	fleet    engine.Fleet // to be read only
	meter    engine.Meter
	journals engine.Journals
	now      time.Time // on the world's own clock
	next     string    // id that the next rollout will have
	claims   claimsFile
}

// world is a fleet with its journals, its clock and its way of waiting.
type world interface {
	engine.Fleet
	engine.Meter
	Journals() engine.Journals
	// Claims are who took finished rollouts over.
	Claims() claimsFile
	Now() time.Time
	// NextRollout is the id that the next rollout will have.
	NextRollout() string
	// Drive calls Advance until the rollout ended, waits for a person, or the world's
	// clock reaches deadline (then it returns errDeadline); a zero deadline is none.
	// Where hurry is set it does not wait in real time.
	Drive(ctx context.Context, r *engine.Runner, deadline time.Time, hurry bool) error
	Close() error
}
