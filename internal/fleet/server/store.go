package server

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// store keeps the rollouts of a world: a [Ledger] as the texts that they are, or whoever
// fills the engine's port for journals, see [decoded]. Errors are those of the engine's
// journals, or problems.
type store interface {
	// begin begins a rollout; fresh: it had not begun before, by the same request.
	begin(ctx context.Context, id string, s *contract.Start) (ordinal int64, fresh bool, err error)
	// has says that there is a rollout.
	has(ctx context.Context, id string) error
	// get is a rollout, without the time and the lease.
	get(ctx context.Context, id string) (*contract.Rollout, error)
	list(ctx context.Context, f engine.Filter) ([]contract.RolloutHead, error)
	// events are those after a number, at most so many; next is the number of the one to come.
	events(ctx context.Context, id string, after int64, most int) (some []contract.Event, more bool, next int64, err error)
	// append writes the event of a number, where that is the next one.
	append(ctx context.Context, id string, seq int64, a *contract.Append) error
	own(ctx context.Context, id string, o *contract.Owner) error
	// referred are the lists of targets that rollouts refer to.
	referred() (map[string]bool, error)
}
