package provider

import (
	"context"
	"errors"
	"path/filepath"
	"time"

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
	w, journals, err := simulator.Peek(ctx, s.path, e, plugin, s.config)
	if err != nil {
		return glimpse{}, err
	}
	folder := simulator.Folder(s.path, e, plugin)
	return glimpse{fleet: w, meter: w, journals: journals, now: w.Now(), next: w.NextRollout(), claims: claimsIn(folder)}, nil
}

// open waits while another operation has the world: two resources of one plugin in
// one environment, as while one replaces the other, take turns.
func (s *simulatedWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	store, err := simulator.Open(ctx, s.path, e, plugin, s.config, sleep)
	if err != nil {
		return nil, err
	}
	return &simulatedWorld{World: store.World(), store: store, timeScale: s.timeScale}, nil
}

// simulatedWorld is a world that is open.
type simulatedWorld struct {
	*simulator.World

	store     *simulator.Store
	timeScale float64
}

func (w *simulatedWorld) Journals() engine.Journals { return w.store.Journals() }

func (w *simulatedWorld) Claims() claimsFile {
	return claimsIn(w.store.Folder())
}

func claimsIn(folder string) claimsFile {
	return claimsFile{path: filepath.Join(folder, "claims.json")}
}

func (w *simulatedWorld) Close() error { return w.store.Close() }

func (w *simulatedWorld) Drive(ctx context.Context, r *engine.Runner, deadline time.Time, hurry bool) error {
	opt := simulator.DriveOptions{Deadline: deadline}
	if !hurry {
		opt.TimeScale, opt.Sleep = w.timeScale, sleep
	}
	return driveSimulated(ctx, w.World, r, opt)
}

// driveSimulated walks a rollout in virtual time until it ends or waits for a
// person.
func driveSimulated(ctx context.Context, w *simulator.World, r *engine.Runner, opt simulator.DriveOptions) error {
	log := stageLogger(ctx, r)
	opt.Stop = func(engine.State) bool {
		log()
		return false
	}
	err := w.Drive(ctx, r, opt)
	log()
	if errors.Is(err, simulator.ErrDeadline) {
		return errDeadline
	}
	return err
}
