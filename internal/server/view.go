package server

import (
	"context"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// View is all there is to see of a rollout.
type View struct {
	store.Rollout
	Of telling.Rollout
	// Now is the time on the fleet's clock, as far as it is known.
	Now time.Time
	// Seen are the fleet and the traffic now; nil: they were not asked.
	Seen *engine.Glimpse
}

// Show is a rollout as it is written. With glimpse, the fleet and its traffic are looked at
// too, at most once in two seconds however many ask.
func (s *Server) Show(ctx context.Context, id string, glimpse bool) (*View, error) {
	r, err := s.Store.Rollout(ctx, id)
	if err != nil {
		return nil, err
	}
	j, err := s.Store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, events, state, err := engine.LoadState(ctx, j)
	if err != nil {
		return nil, err
	}
	v := &View{Rollout: r, Of: telling.Rollout{Plan: *plan, Events: events, State: state}, Now: s.Now()}
	world, unknown := s.Worlds.World(r.Environment, r.Plugin)
	if unknown != nil {
		return v, nil //nolint:nilerr // its environment is not configured any more: what is written can be read
	}
	v.Now = world.Now()
	if glimpse && state.InFlight() {
		v.Seen = s.glimpses.of(ctx, id, func(ctx context.Context) (engine.Glimpse, error) {
			runner, err := engine.NewRunner(ctx, engine.Ports{Fleet: world, Meter: world, Journal: j, Judge: engine.JudgeByMode{}, Now: world.Now})
			if err != nil {
				return engine.Glimpse{}, err
			}
			return runner.Glimpse(ctx)
		})
	}
	return v, nil
}

// Standing is why a rollout is not walked and since when, "" where nothing keeps it, and how
// many of its events the server that walks it has acted on.
func (s *Server) Standing(r *store.Rollout) (why string, since time.Time, observed int64) {
	why, since, observed = s.schedule.standing(r.RolloutHead.Rollout)
	if observed < 0 || r.Outcome != "" {
		observed = r.Events
	}
	return why, since, observed
}

// How long a glimpse is shown, how long it may take, and how many are kept.
const (
	glimpseFor   = 2 * time.Second
	glimpseTime  = 5 * time.Second
	mostGlimpses = 256
)

// glimpses are what was seen of rollouts a moment ago.
type glimpses struct {
	now func() time.Time

	mu   *sync.Mutex
	seen map[string]*glimpse
}

// glimpse is one that is being looked for, or was.
type glimpse struct {
	done chan struct{}
	at   time.Time
	got  *engine.Glimpse
}

func newGlimpses(now func() time.Time) glimpses {
	return glimpses{now: now, mu: &sync.Mutex{}, seen: map[string]*glimpse{}}
}

// of is what was seen of a rollout in the last two seconds, or what look sees. nil: it cannot
// be seen now.
func (g *glimpses) of(ctx context.Context, id string, look func(context.Context) (engine.Glimpse, error)) *engine.Glimpse {
	g.mu.Lock()
	known := g.seen[id]
	if known == nil || g.now().Sub(known.at) > glimpseFor {
		known = &glimpse{done: make(chan struct{}), at: g.now()}
		if len(g.seen) >= mostGlimpses {
			clear(g.seen)
		}
		g.seen[id] = known
		g.mu.Unlock()
		defer close(known.done)
		short, cancel := walker.Within(ctx, glimpseTime)
		defer cancel()
		if got, err := look(short); err == nil {
			known.got = &got
		}
		return known.got
	}
	g.mu.Unlock()
	select {
	case <-known.done:
		return known.got
	case <-ctx.Done():
		return nil
	}
}
