package engine

import (
	"context"
	"errors"
)

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

// Errors of the journals.
var (
	ErrConflict  = errors.New("another runner has written to the journal")
	ErrNoJournal = errors.New("there is no such rollout")
)
