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

// ErrSuperseded is what Fleet.Make answers to an order older than one it has seen.
var ErrSuperseded = errors.New("the fleet has seen a newer order")
