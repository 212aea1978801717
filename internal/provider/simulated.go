package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
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
