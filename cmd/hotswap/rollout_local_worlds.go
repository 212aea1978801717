package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	fleetclient "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// fleetWorlds are those of a fleet that answers by the contract.
type fleetWorlds struct {
	fleet  *fleet.Fleet
	opened map[addressed]*fleetWorld
}

// open implements worlds. A world that was opened is kept: it knows the fleet's time, and what
// was counted.
func (f *fleetWorlds) open(ctx context.Context, e engine.Environment, plugin string, _ bool) (world, error) {
	at := addressed{e, plugin}
	if w := f.opened[at]; w != nil {
		return w, nil
	}
	w, err := f.fleet.World(e, plugin)
	if err != nil {
		return nil, err
	}
	head, err := w.Describe(ctx) // which tells the fleet's time
	if err == nil && !head.Capabilities.Can(engine.CanJournal) {
		err = errors.New("the fleet keeps no journal of rollouts: name the folder that they are in with --journal")
	}
	if err != nil {
		return nil, err
	}
	f.opened[at] = &fleetWorld{w}
	return f.opened[at], nil
}

// known implements worlds: a fleet does not list what it has.
func (f *fleetWorlds) known() ([]contract.Environment, error) { return nil, nil }

// Close implements worlds.
func (f *fleetWorlds) Close() { f.fleet.Close() }

// fleetWorld is the fleet of a plugin in an environment.
type fleetWorld struct{ *fleet.World }

// Now implements server.World.
func (w *fleetWorld) Now() time.Time { return w.Time.Now() }

// Clock implements world.
func (w *fleetWorld) Clock() walker.Clock { return &w.Time }

// Patience implements world.
func (w *fleetWorld) Patience() time.Duration { return 15 * time.Minute }

// Close implements world: what is open stays so.
func (w *fleetWorld) Close() error { return nil }

// Began implements server.World: the fleet has the journal, or wants to know nothing.
func (w *fleetWorld) Began(string) error { return nil }

// Attend implements server.World.
func (w *fleetWorld) Attend(ctx context.Context, rollout, holder string, until time.Time) error {
	if w.Folder() != "" {
		return nil
	}
	err := w.API.Lease(ctx, rollout, holder, until.Sub(w.Now()))
	var leased *fleetclient.LeasedError
	if errors.As(err, &leased) {
		return &store.LeasedError{Holder: leased.Holder, Until: leased.Until}
	}
	return err
}

// Leave implements server.World. Where it cannot be said, the lease passes by itself.
func (w *fleetWorld) Leave(ctx context.Context, rollout, holder string) {
	if w.Folder() == "" {
		_ = w.API.Release(ctx, rollout, holder)
	}
}

// Walker implements world.
func (w *fleetWorld) Walker(ctx context.Context, rollout string) (retold.Walk, bool) {
	if w.Folder() != "" {
		return retold.Walk{}, false
	}
	r, err := w.API.Rollout(ctx, rollout)
	if err != nil || r.Lease == nil {
		return retold.Walk{}, err == nil
	}
	return retold.Walk{Holder: r.Lease.Holder, Until: r.Lease.Until}, true
}

// folderWorlds are those of a folder of simulated fleets.
type folderWorlds struct {
	dir       string
	scenario  string // that a fleet is made of which is not there yet; "": none is made
	timeScale float64
}

// open implements worlds. It does not wait while another process has the folder.
func (f *folderWorlds) open(ctx context.Context, e engine.Environment, plugin string, write bool) (world, error) {
	cfg, err := f.config(e, plugin)
	if err != nil {
		return nil, err
	}
	if !write {
		w, js, err := simulator.Peek(ctx, f.dir, e, plugin, cfg)
		if err != nil {
			return nil, err
		}
		return &folderWorld{World: w, journals: js}, nil
	}
	s, err := simulator.Open(ctx, f.dir, e, plugin, cfg, nil)
	if errors.Is(err, simulator.ErrLocked) {
		err = fmt.Errorf("%w: it may be changed when that has ended", err)
	}
	if err != nil {
		return nil, err
	}
	return &folderWorld{World: s.World(), journals: s.Journals(), close: s.Close, scale: f.timeScale}, nil
}

// config is what a fleet of the folder was made of, or is made of now.
func (f *folderWorlds) config(e engine.Environment, plugin string) (simulator.Config, error) {
	kept, err := simulator.ListKept(f.dir)
	if err != nil {
		return simulator.Config{}, err
	}
	for _, k := range kept {
		if k.Environment == e && k.Plugin == plugin {
			return k.Config, nil
		}
	}
	if f.scenario == "" {
		return simulator.Config{}, fmt.Errorf("%s has no fleet of %s in %s: apply a configuration that keeps it there, or make one with --scenario FILE",
			f.dir, engine.Shortened(plugin), engine.Shortened(string(e)))
	}
	s, err := scenario.ReadFleet(f.scenario)
	if err != nil {
		return simulator.Config{}, err
	}
	return s.Config(s.Seed), nil
}

// known implements worlds.
func (f *folderWorlds) known() ([]contract.Environment, error) {
	kept, err := simulator.ListKept(f.dir)
	all := []contract.Environment{}
	for _, k := range kept {
		if n := len(all); n > 0 && all[n-1].Name == string(k.Environment) {
			all[n-1].Plugins = append(all[n-1].Plugins, k.Plugin)
		} else {
			all = append(all, contract.Environment{Name: string(k.Environment), Plugins: []string{k.Plugin}, Fleet: "simulated"})
		}
	}
	return all, err
}

// Close implements worlds.
func (f *folderWorlds) Close() {}

// folderWorld is a simulated fleet, to look at or, where it can be closed, to act in.
type folderWorld struct {
	*simulator.World

	journals engine.Journals
	close    func() error // nil: it was only looked at
	scale    float64
}

// Complete implements server.World: the fleet counts itself.
func (w *folderWorld) Complete(context.Context, *engine.Snapshot) error { return nil }

// Journals implements server.World.
func (w *folderWorld) Journals() engine.Journals { return w.journals }

// Began implements server.World: the journals tell the fleet.
func (w *folderWorld) Began(string) error { return nil }

// Attend implements server.World: whoever has the folder open has it alone.
func (w *folderWorld) Attend(context.Context, string, string, time.Time) error { return nil }

// Leave implements server.World.
func (w *folderWorld) Leave(context.Context, string, string) {}

// Clock implements world.
func (w *folderWorld) Clock() walker.Clock {
	if w.scale <= 0 {
		return w.World.Clock(0, nil)
	}
	return w.World.Clock(w.scale, walker.Pause)
}

// Patience implements world: its files do not go away for a while.
func (w *folderWorld) Patience() time.Duration { return 0 }

// Walker implements world: whoever has the folder open does not say so in it.
func (w *folderWorld) Walker(context.Context, string) (retold.Walk, bool) {
	return retold.Walk{}, false
}

// Close implements world.
func (w *folderWorld) Close() error {
	if w.close == nil {
		return nil
	}
	return w.close()
}
