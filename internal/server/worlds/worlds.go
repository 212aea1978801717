// Package worlds has the fleets that a rollout server rolls out to: those that answer by the
// contract over HTTP, servers of PostgreSQL, and simulated ones that live in the server.
package worlds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Spec is an environment. Exactly one of Fleet, PostgreSQL and Simulated is given.
type Spec struct {
	Name    engine.Environment
	Kind    engine.Environment // "": its name says it
	Plugins []string           // those to show; there may be more
	Fleet   *fleet.Settings
	// Keeper is who keeps the journals of its rollouts.
	Keeper Keeper
	// PostgreSQL are servers whose extensions are the plugins, all of which Plugins names.
	PostgreSQL *postgresql.Settings
	// Simulated are fleets that live here, each of another plugin.
	Simulated []simulated.Spec
}

// Keeper is who keeps the journals of a real fleet's rollouts. Those of a simulated one are in
// the store.
type Keeper int

// The keepers.
const (
	ByFleet        Keeper = iota // the fleet
	ByStore                      // the store
	ByFleetIfItCan               // the fleet where it says that it can, and else the store
)

// Worlds are all of them.
type Worlds struct {
	specs  []Spec
	fleets map[engine.Environment]*fleet.Fleet
	state  *simulated.State // nil: none is simulated
	places map[address]*place
	served map[address]*extension

	mu    sync.Mutex
	known map[address]*remote
}

type address struct {
	environment engine.Environment
	plugin      string
}

// Open makes them. The simulated ones are in dir, and make what is missing in it; nobody is
// asked yet.
func Open(ctx context.Context, dir string, clock func() time.Time, wait simulator.Sleep, specs []Spec) (*Worlds, error) {
	w := &Worlds{specs: specs, fleets: map[engine.Environment]*fleet.Fleet{}, places: map[address]*place{}, served: map[address]*extension{}, known: map[address]*remote{}}
	var all []simulated.Spec
	for i := range specs {
		s := &specs[i]
		all = append(all, s.Simulated...)
		if err := w.serve(s, postgresql.Clock{Now: clock, Wait: wait}); err != nil {
			return nil, errors.Join(err, w.Close())
		}
		if s.Fleet == nil {
			continue
		}
		f, err := fleet.Open(*s.Fleet)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("environments.%s: %w", s.Name, err), w.Close())
		}
		w.fleets[s.Name] = f
	}
	if len(all) == 0 {
		return w, nil
	}
	state, err := simulated.Open(ctx, dir, clock, wait, all...)
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.state = state
	for i, p := range state.Places {
		w.places[address{all[i].Environment, all[i].Plugin}] = &place{Ports: p.Ports(), at: p}
	}
	return w, nil
}

// Close lets connections go, and saves the simulated fleets as they are.
func (w *Worlds) Close() error {
	for _, f := range w.fleets {
		f.Close()
	}
	for _, x := range w.served {
		x.Close()
	}
	if w.state == nil {
		return nil
	}
	return w.state.Close()
}

// Places are the simulated fleets, whose instances have counters.
func (w *Worlds) Places() []*simulated.Place {
	if w.state == nil {
		return nil
	}
	return w.state.Places
}

// Environments implements server.Worlds.
func (w *Worlds) Environments() []server.Environment {
	var all []server.Environment
	for i := range w.specs {
		s := &w.specs[i]
		e := server.Environment{Name: s.Name, Kind: s.Kind, Plugins: slices.Clone(s.Plugins)}
		switch {
		case s.Fleet != nil:
			e.Fleet = s.Fleet.API.Address
		case s.PostgreSQL != nil:
			e.Fleet = "PostgreSQL, " + engine.Plural(len(s.PostgreSQL.Servers), "server")
		default:
			e.Fleet = "simulated"
			for _, one := range s.Simulated {
				if !slices.Contains(e.Plugins, one.Plugin) {
					e.Plugins = append(e.Plugins, one.Plugin)
				}
			}
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b server.Environment) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return all
}

// mostKnown is how many remote worlds are kept: anybody may ask for a plugin that is not there.
const mostKnown = 2000

// World implements server.Worlds.
func (w *Worlds) World(e engine.Environment, plugin string) (server.World, error) {
	at := address{e, plugin}
	if p := w.places[at]; p != nil {
		return p, nil
	}
	if x := w.served[at]; x != nil {
		return x, nil
	}
	i := slices.IndexFunc(w.specs, func(s Spec) bool { return s.Name == e })
	if i < 0 {
		return nil, &server.NoWorldError{Environment: e, Why: fmt.Sprintf("the server has no environment %q", e)}
	}
	f := w.fleets[e]
	if f == nil {
		return nil, &server.NoWorldError{Environment: e, Plugin: plugin, Why: fmt.Sprintf("there is no plugin %q in %s", plugin, e)}
	}
	if ps := engine.CheckAddress(e, plugin); len(ps) > 0 {
		return nil, ps
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.known[at]; known != nil {
		return known, nil
	}
	own, err := f.World(e, plugin)
	if err != nil {
		return nil, err
	}
	if len(w.known) >= mostKnown {
		clear(w.known)
	}
	w.known[at] = &remote{World: own, keeper: w.specs[i].Keeper}
	return w.known[at], nil
}
