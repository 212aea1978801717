package api

import (
	"context"
	"errors"

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
	if f := exchange.Failed(err); err != nil && contract.StatusOf(f.Reason) == 0 {
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
