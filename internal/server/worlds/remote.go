package worlds

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	fleetclient "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// remote is a world whose fleet answers over HTTP.
type remote struct {
	*fleet.World
	keeper Keeper
	can    atomic.Int32 // what the fleet said of keeping journals: 0 nothing yet, 1 that it does, 2 that it does not
}

// Describe implements engine.Fleet.
func (r *remote) Describe(ctx context.Context) (engine.Head, error) {
	h, err := r.World.Describe(ctx)
	if err == nil {
		r.can.Store(1)
		if !h.Capabilities.Can(engine.CanJournal) {
			r.can.Store(2)
		}
	}
	return h, err
}

// Now implements server.World.
func (r *remote) Now() time.Time { return r.Time.Now() }

// Journals implements server.World.
func (r *remote) Journals() engine.Journals {
	if r.keeper == ByStore || r.keeper == ByFleetIfItCan && !r.keeps() {
		return nil
	}
	return r.World.Journals()
}

// askFor is how long a fleet is asked whether it keeps journals.
const askFor = 10 * time.Second

// keeps says whether the fleet keeps journals. One that cannot be asked does, as far as anybody
// knows: nothing begins there before it can be.
func (r *remote) keeps() bool {
	if r.can.Load() == 0 {
		ctx, cancel := walker.Within(context.Background(), askFor)
		defer cancel()
		_, _ = r.Describe(ctx)
	}
	return r.can.Load() != 2
}

// Began implements server.World: the fleet has the journal, or wants to know nothing.
func (r *remote) Began(string) error { return nil }

// Attend implements server.World.
func (r *remote) Attend(ctx context.Context, rollout, holder string, until time.Time) error {
	err := r.API.Lease(ctx, rollout, holder, until.Sub(r.Now()))
	var leased *fleetclient.LeasedError
	if errors.As(err, &leased) {
		return &store.LeasedError{Holder: leased.Holder, Until: leased.Until}
	}
	return err
}

// Leave implements server.World. Where it cannot be said, the lease passes by itself.
func (r *remote) Leave(ctx context.Context, rollout, holder string) {
	_ = r.API.Release(ctx, rollout, holder)
}
