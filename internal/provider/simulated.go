package provider

import (
	"context"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// simulatedWorlds are worlds that live in files and move in virtual time.
type simulatedWorlds struct{ simulatedSettings }

func newSimulatedWorlds(ctx context.Context, o types.Object) (worlds, diag.Diagnostics) {
	settings, diags := readSimulated(ctx, o)
	return &simulatedWorlds{settings}, diags
}

func (s *simulatedWorlds) peek(ctx context.Context, e engine.Environment, plugin string) (view, error) {
	w, journals, err := simulator.Peek(ctx, s.path, e, plugin, s.config)
	if err != nil {
		return nil, err
	}
	return &simulatedWorld{World: w, journals: journals, folder: simulator.Folder(s.path, e, plugin)}, nil
}

// open waits while another operation has the world: two resources of one plugin in
// one environment, as while one replaces the other, take turns.
func (s *simulatedWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	store, err := simulator.Open(ctx, s.path, e, plugin, s.config, walker.Pause)
	if err != nil {
		return nil, err
	}
	return &simulatedWorld{World: store.World(), journals: store.Journals(), folder: store.Folder(), close: store.Close, timeScale: s.timeScale}, nil
}

// simulatedWorld is a world of the simulator, to look at or, where it can be closed, to
// act in.
type simulatedWorld struct {
	*simulator.World

	journals  engine.Journals
	folder    string
	close     func() error
	timeScale float64
}

func (w *simulatedWorld) Journals() engine.Journals { return w.journals }

func (w *simulatedWorld) Claims() ownership {
	return claimsFile{path: filepath.Join(w.folder, "claims.json")}
}

// NextRollout implements view.
func (w *simulatedWorld) NextRollout(context.Context) (string, error) {
	return w.World.NextRollout(), nil
}

// Complete implements view: the fleet counts its own traffic.
func (w *simulatedWorld) Complete(context.Context, *engine.Snapshot) error { return nil }

// Patience implements world: its files do not go away for a while.
func (w *simulatedWorld) Patience() time.Duration { return 0 }

// Attend and Leave implement world: whoever has the world open has it alone.
func (w *simulatedWorld) Attend(context.Context, string, time.Time) error { return nil }

// Leave implements world.
func (w *simulatedWorld) Leave(context.Context, string) {}

func (w *simulatedWorld) Close() error { return w.close() }

func (w *simulatedWorld) Clock(hurry bool) walker.Clock {
	if hurry {
		return w.World.Clock(0, nil)
	}
	return w.World.Clock(w.timeScale, walker.Pause)
}
