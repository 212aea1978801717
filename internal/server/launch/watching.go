package launch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/observe"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// watcher counts and draws what the server does.
type watcher struct {
	metrics *observe.Metrics
	traces  *observe.Traces
}

// Began implements server.Watcher.
func (w watcher) Began(h engine.RolloutHead) { w.metrics.Started(h) }

// Wrote implements server.Watcher.
func (w watcher) Wrote(p *engine.Plan, h engine.RolloutHead, e *engine.Event) {
	w.metrics.Event(h, p, *e)
}

// Step implements server.Watcher.
func (w watcher) Step(ctx context.Context, h engine.RolloutHead, late time.Duration) (context.Context, func(engine.RolloutHead, time.Time, error)) {
	drawn, end := w.traces.Step(ctx, h)
	return drawn, func(h engine.RolloutHead, until time.Time, err error) {
		end(h, err)
		w.metrics.Woke(h.Rollout, late, until)
		if err != nil {
			w.metrics.Failed(reasonOf(err))
		}
	}
}

// reasonOf is what a step failed by.
func reasonOf(err error) observe.Reason {
	switch {
	case errors.As(err, new(*store.LeasedError)):
		return observe.ByLease
	case errors.As(err, new(*connect.Fault)), errors.As(err, new(*server.FleetError)), errors.Is(err, engine.ErrSuperseded):
		return observe.ByFleet
	case errors.As(err, new(*engine.BrokenJournalError)), errors.Is(err, engine.ErrConflict), errors.Is(err, engine.ErrNoJournal):
		return observe.ByStore
	default:
		return observe.ByOther
	}
}

// watchedWorlds are worlds whose calls are counted and drawn.
type watchedWorlds struct {
	server.Worlds
	by *Launched

	mu    sync.Mutex
	known map[server.World]*watchedWorld
}

// watchedWorld is one of them.
type watchedWorld struct {
	server.World
	fleet engine.Fleet
	meter engine.Meter
}

// mostWatched is how many worlds are known at a time.
const mostWatched = 2000

// World implements server.Worlds.
func (w *watchedWorlds) World(e engine.Environment, plugin string) (server.World, error) {
	own, err := w.Worlds.World(e, plugin)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.known[own]; known != nil {
		return known, nil
	}
	if w.known == nil || len(w.known) >= mostWatched {
		w.known = map[server.World]*watchedWorld{}
	}
	w.known[own] = &watchedWorld{
		World: own, fleet: observe.Fleet(own, w.by.metrics, w.by.traces),
		meter: w.by.metrics.Figures(e, plugin, observe.Meter(own, w.by.metrics, w.by.traces)),
	}
	return w.known[own], nil
}

// Describe implements engine.Fleet.
func (w *watchedWorld) Describe(ctx context.Context) (engine.Head, error) {
	return w.fleet.Describe(ctx)
}

// Make implements engine.Fleet.
func (w *watchedWorld) Make(ctx context.Context, o engine.Order) error { return w.fleet.Make(ctx, o) }

// Look implements engine.Fleet.
func (w *watchedWorld) Look(ctx context.Context, of engine.Watch) (engine.Condition, error) {
	return w.fleet.Look(ctx, of)
}

// Measure implements engine.Meter.
func (w *watchedWorld) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	return w.meter.Measure(ctx, q)
}
