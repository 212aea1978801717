package server

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// lookTime is how long a person who says something waits for a fleet to say whom the candidate
// reaches.
const lookTime = 3 * time.Second

// hasty is a world whose fleet is not waited for.
type hasty struct{ World }

// Look implements engine.Fleet.
func (h hasty) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	short, cancel := walker.Within(ctx, lookTime)
	defer cancel()
	return h.World.Look(short, w)
}

// Signal writes what somebody says to a rollout, and has it heard at once. What the phase does
// not allow is refused, see engine.Runner.Signal.
func (s *Server) Signal(ctx context.Context, id string, signal engine.Signal) (store.Rollout, error) {
	r, err := s.Store.Rollout(ctx, id)
	if err != nil {
		return store.Rollout{}, err
	}
	world, err := s.Worlds.World(r.Environment, r.Plugin)
	if err != nil {
		return r, err
	}
	ports, err := s.ports(ctx, hasty{world}, id)
	if err != nil {
		return r, err
	}
	runner, err := engine.Speak(ctx, ports, signal)
	if err != nil {
		return r, err
	}
	if runner.State().InFlight() && r.Walked { // one that was stuck is walked no more
		s.schedule.add(id, r.Environment, r.Plugin, false)
	}
	s.schedule.poke(id, 0)
	return s.Store.Rollout(ctx, id)
}
