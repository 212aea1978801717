package api

import (
	"context"
	"errors"
	"iter"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// completed is a world whose head has what whoever counts beside the fleet can, and that its
// rollouts are remembered where the server does so. What a fleet refuses to tell it does not
// do: only orders are refused, and none come through here.
type completed struct{ server.World }

// told is an error of a fleet that was only asked.
func told(err error) error {
	var refused *engine.Refused
	if errors.As(err, &refused) {
		return exchange.Refuse(fleetcontract.NotSupported, "%s", refused.Reason)
	}
	if err == nil {
		return nil
	}
	switch f := exchange.Failed(err); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case f.Reason == fleetcontract.Internal: // whatever is wrong is wrong with the fleet
		return refuse(contract.FleetUnavailable, &server.FleetError{Err: err})
	case contract.StatusOf(f.Reason) == 0:
		return exchange.Refuse(fleetcontract.Internal, "%v", err)
	}
	return err
}

// Look implements engine.Fleet.
func (c completed) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	got, err := c.World.Look(ctx, w)
	return got, told(err)
}

// Measure implements engine.Meter.
func (c completed) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	got, err := c.World.Measure(ctx, q)
	return got, told(err)
}

// Instances implements engine.Fleet.
func (c completed) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return toldEach(c.World.Instances(ctx))
}

// Tenants implements engine.Fleet.
func (c completed) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return toldEach(c.World.Tenants(ctx))
}

func toldEach[T any](each iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range each {
			if !yield(v, told(err)) {
				return
			}
		}
	}
}

// Describe implements engine.Fleet.
func (c completed) Describe(ctx context.Context) (engine.Head, error) {
	h, err := c.World.Describe(ctx)
	if err == nil {
		s := engine.Snapshot{Head: h}
		err = c.Complete(ctx, &s)
		h = s.Head
	}
	if err == nil && c.Journals() == nil {
		h.Capabilities.Lacks = server.Remembered(h.Capabilities.Lacks)
	}
	return h, told(err)
}
