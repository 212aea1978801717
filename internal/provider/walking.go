package provider

import (
	"context"
	"crypto/rand"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// walking is a rollout that an operation goes along with: it walks it itself, or a controller
// does.
type walking interface {
	Plan() *engine.Plan
	Events() []engine.Event
	State() engine.State
	// Signal says something to the rollout, see engine.Runner.Signal.
	Signal(ctx context.Context, s engine.Signal) error
	// Walk goes along until the rollout ended, waits for a person, or ctx or a time is over, as
	// walker.Walk does.
	Walk(ctx context.Context, c walker.Clock, o walker.Options) error
}

// controlled is a world whose rollouts a controller walks: they go on whether or not an
// operation goes along.
type controlled interface {
	begin(ctx context.Context, p engine.Plan, asked engine.Spec) (walking, error)
	reopen(ctx context.Context, id string) (walking, error)
}

// isControlled says whether a controller walks the rollouts of a world.
func isControlled(w any) bool {
	_, is := w.(controlled)
	return is
}

// walkedHere is a rollout that the operation walks itself.
type walkedHere struct{ *engine.Runner }

// Walk implements walking.
func (w walkedHere) Walk(ctx context.Context, c walker.Clock, o walker.Options) error {
	return walker.Walk(ctx, w.Runner, c, o)
}

// beginWalking begins a rollout. asked is what its plan was compiled from, without the defaults
// that the plan has: what the fleet lacks of those is left out, and refused of what was asked for
// by name. A rollout that restores another one was asked for by that one's id.
func beginWalking(ctx context.Context, w world, p engine.Plan, asked engine.Spec) (walking, error) {
	if c, ok := w.(controlled); ok {
		return c.begin(ctx, p, asked)
	}
	j, err := w.Journals().Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	return walkHere(ctx, w, j)
}

// goOnWalking takes a rollout up where its journal ends.
func goOnWalking(ctx context.Context, w world, id string) (walking, error) {
	if c, ok := w.(controlled); ok {
		return c.reopen(ctx, id)
	}
	j, err := w.Journals().Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return walkHere(ctx, w, j)
}

func walkHere(ctx context.Context, w world, j engine.Journal) (walking, error) {
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: w, Meter: w, Journal: j, Judge: engine.JudgeByMode{}, Now: w.Now, Writer: rand.Text()})
	if err != nil {
		return nil, err
	}
	return walkedHere{r}, nil
}

// ofWalking is the rollout that an operation goes along with.
func ofWalking(r walking) *telling.Rollout {
	return &telling.Rollout{Plan: *r.Plan(), Events: r.Events(), State: r.State()}
}
