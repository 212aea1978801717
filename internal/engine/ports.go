package engine

import (
	"context"
	"errors"
)

// Fleet is the port to one world. Every call is one request, never a wait: a fleet
// takes a change and carries it out in its own time; what became of it is read
// with Measure.
type Fleet interface {
	// Snapshot reads the world.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Make takes a change. It refuses, with ErrSuperseded, an order that is older
	// than one it has seen; an order seen before is taken again and changes nothing.
	// Any other error means that the change may or may not have been taken.
	Make(ctx context.Context, o Order) error
	// Measure reads traffic and health.
	Measure(ctx context.Context, s Scope) (Measurement, error)
}

// Order is a change on its way to the fleet. A later order of a rollout has a
// greater sequence number; a retry of the same one has the same or a greater one.
type Order struct {
	Rollout string
	Seq     int64
	Plan    *Plan
	Change  Change
}

// Journals is the port to the memory of rollouts: one unfinished rollout per
// environment and plugin.
type Journals interface {
	// Begin opens a new journal for p under p.Rollout. It is refused with an
	// *UnfinishedError while another rollout of the same environment and plugin is
	// unfinished; a rollout that is stuck is unfinished.
	Begin(ctx context.Context, p Plan) (Journal, error)
	// Open returns the journal of a rollout, or ErrNoJournal.
	Open(ctx context.Context, rollout string) (Journal, error)
	// Latest returns the journal of the rollout that began last, or ErrNoJournal.
	Latest(ctx context.Context, e Environment, plugin string) (Journal, error)
	// List names the rollouts of an environment and plugin, oldest first.
	List(ctx context.Context, e Environment, plugin string) ([]string, error)
}

// Journal is the append-only memory of one rollout.
type Journal interface {
	// Append writes e as event number e.Seq, from 0. It is refused with ErrConflict
	// when that number is taken or not the next: another runner is at work.
	Append(ctx context.Context, e Event) error
	// Load reads the plan and all events.
	Load(ctx context.Context) (Plan, []Event, error)
}

// Errors of the ports.
var (
	ErrSuperseded = errors.New("the fleet has seen a newer order")
	ErrConflict   = errors.New("another runner has written to the journal")
	ErrNoJournal  = errors.New("there is no such rollout")
)
