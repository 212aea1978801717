package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// simulatedWorlds are worlds that live in files and move in virtual time.
type simulatedWorlds struct{ simulatedSettings }

func newSimulatedWorlds(ctx context.Context, o types.Object) (worlds, diag.Diagnostics) {
	settings, diags := readSimulated(ctx, o)
	return &simulatedWorlds{settings}, diags
}
func (s *simulatedWorlds) peek(ctx context.Context, e engine.Environment, plugin string) (glimpse, error) {
	return glimpse{}, nil
}
func (s *simulatedWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	return nil, nil
}

// driveSimulated walks a rollout in virtual time until it ends or waits for a
// person.
func driveSimulated(ctx context.Context, w *simulator.World, r *engine.Runner, opt simulator.DriveOptions) error {
	opt.Stop = func(s engine.State) bool { return s.Phase == engine.PhaseHeld || s.Phase == engine.PhasePaused }
	err := w.Drive(ctx, r, opt)
	if errors.Is(err, simulator.ErrDeadline) {
		return errDeadline
	}
	return err
}
