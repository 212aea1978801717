package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetclient "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// controllerWorlds are the worlds that a controller rolls out to: it reads their fleets, keeps
// their journals and walks their rollouts.
type controllerWorlds struct{ client *client.Client }

func (c *controllerWorlds) peek(_ context.Context, e engine.Environment, plugin string) (view, error) {
	return c.world(e, plugin), nil
}

// open waits for nobody: any number of operations may go along with what a controller walks.
func (c *controllerWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	w := c.world(e, plugin)
	if _, err := c.client.Service(ctx); err != nil {
		return nil, err
	}
	_, err := w.Describe(ctx) // which tells the fleet's time
	return w, err
}

func (c *controllerWorlds) world(e engine.Environment, plugin string) *controllerWorld {
	w := &controllerWorld{World: c.client.Fleets.World(e, plugin), client: c.client, environment: e, plugin: plugin}
	w.fleet = walker.Learning(w.World, &w.time)
	return w
}

// controllerWorld is a plugin in an environment of a controller's.
type controllerWorld struct {
	*fleetclient.World

	fleet       engine.Fleet
	time        walker.Time
	client      *client.Client
	environment engine.Environment
	plugin      string
}

// Describe implements engine.Fleet.
func (w *controllerWorld) Describe(ctx context.Context) (engine.Head, error) {
	return w.fleet.Describe(ctx)
}

// Journals implements view.
func (w *controllerWorld) Journals() engine.Journals { return w.World }

// Claims implements view: the controller remembers them.
func (w *controllerWorld) Claims() ownership { return claimsOf{controllerOwners{w.client}} }

// Now implements view.
func (w *controllerWorld) Now() time.Time { return w.time.Now() }

// Complete implements view: what a controller says of a fleet is complete.
func (w *controllerWorld) Complete(context.Context, *engine.Snapshot) error { return nil }

// NextRollout implements view.
func (w *controllerWorld) NextRollout(ctx context.Context) (string, error) {
	last, err := w.List(ctx, w.environment, w.plugin, engine.Filter{Limit: 1})
	if err != nil {
		return "", err
	}
	next := int64(1)
	if len(last) > 0 {
		next = last[0].Ordinal + 1
	}
	return engine.RolloutID(w.environment, w.plugin, next), nil
}

// Clock implements world.
func (w *controllerWorld) Clock(bool) walker.Clock { return &w.time }

// Patience implements world.
func (w *controllerWorld) Patience() time.Duration { return 15 * time.Minute }

// Attend implements world: the controller walks.
func (w *controllerWorld) Attend(context.Context, string, time.Time) error { return nil }

// Leave implements world.
func (w *controllerWorld) Leave(context.Context, string) {}

// Close implements world.
func (w *controllerWorld) Close() error { return nil }

// begin implements controlled. The plan is the one that was approved, or nothing begins.
func (w *controllerWorld) begin(ctx context.Context, p engine.Plan, asked engine.Spec) (walking, error) {
	ask := contract.Ask{Restores: p.Restores, Expect: p.Outline()}
	if p.Restores == "" {
		text, err := json.Marshal(asked)
		if err != nil {
			return nil, err
		}
		ask.Deployment = text
	}
	r, err := w.client.Start(ctx, w.environment, w.plugin, rand.Text(), ask)
	if err != nil {
		return nil, err
	}
	if began, err := w.reopen(ctx, r.ID); err == nil {
		return began, nil
	}
	// It began, and whoever goes along reads it with patience: its plan is the one that was approved.
	p.Rollout = r.ID
	return &walkedThere{client: w.client, plan: &p, state: engine.NewState()}, nil
}

// reopen implements controlled.
func (w *controllerWorld) reopen(ctx context.Context, id string) (walking, error) {
	j, err := w.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, events, state, err := engine.LoadState(ctx, j)
	if err != nil {
		return nil, err
	}
	return &walkedThere{client: w.client, plan: plan, events: events, state: state}, nil
}
