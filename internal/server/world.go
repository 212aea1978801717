package server

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// World is the fleet of one plugin in one environment, with whoever counts its traffic.
type World interface {
	engine.Fleet
	engine.Meter
	// Now is the time on the fleet's clock.
	Now() time.Time
	// Complete puts into a head what whoever counts the traffic can, where that is not the
	// fleet.
	Complete(ctx context.Context, s *engine.Snapshot) error
	// Journals are those that the fleet keeps; nil: the store does.
	Journals() engine.Journals
	// Began tells the fleet that a rollout begins whose journal it does not keep, where it wants
	// to know.
	Began(rollout string) error
	// Attend tells the fleet that holder walks a rollout until a time, where it wants to know,
	// so that others wait who know the fleet and not the store. The error is a
	// *store.LeasedError where somebody else walks it.
	Attend(ctx context.Context, rollout, holder string, until time.Time) error
	// Leave takes that back.
	Leave(ctx context.Context, rollout, holder string)
}

// Worlds are all that a server can roll out to.
type Worlds interface {
	// World is that of a plugin in an environment. Nothing is asked yet. The error is a
	// *NoWorldError where there is none.
	World(e engine.Environment, plugin string) (World, error)
	// Environments are all there are, by name.
	Environments() []Environment
}

// Environment is one that a server knows.
type Environment struct {
	Name engine.Environment
	Kind engine.Environment // what it is like; "": its name says it
	// Plugins are those that the configuration names; there may be more.
	Plugins []string
	// Fleet says what its fleet is, for people: an address, or a scenario.
	Fleet string
}

// NoWorldError says that there is no such environment, or no such plugin in it.
type NoWorldError struct {
	Environment engine.Environment
	Plugin      string
	Why         string
}

// Error says which.
func (e *NoWorldError) Error() string { return e.Why }
