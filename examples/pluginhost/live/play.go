package live

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/measure"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// mostTook is how long a rollout may take: those here have stages of seconds.
const mostTook = 4 * time.Minute

// Played is what a real rollout came to, as its journal and the clients say.
type Played struct {
	measure.Measured
	From   string // the version before
	Failed int64  // requests that the candidate failed
	Lost   int64  // requests that no version answered
}

// Begin has the server begin a rollout.
func (r *Rig) Begin(ctx context.Context, p Policy, version string) (id string, err error) {
	text, _, err := p.Deployment(version)
	if err != nil {
		return "", err
	}
	began, err := r.Stack.Client.Start(ctx, Environment, Plugin, stack.Secret(), contract.Ask{Deployment: text})
	if err != nil {
		return "", err
	}
	return began.ID, nil
}

// Play rolls a version out at the server, and waits until that is over. One that waits for a
// person is measured so far, and then taken back.
func (r *Rig) Play(ctx context.Context, p Policy, version string) (*Played, error) {
	from, err := r.Serving(ctx)
	if err != nil {
		return nil, err
	}
	id, err := r.Begin(ctx, p, version)
	if err != nil {
		return nil, err
	}
	return r.End(ctx, id, from, version)
}

// End waits until a rollout of the server is over, and reads what it came to.
func (r *Rig) End(ctx context.Context, id, from, version string) (*Played, error) {
	held := false
	err := until(ctx, mostTook, func() (bool, error) {
		d, err := r.Stack.Client.Show(ctx, id, false)
		held = err == nil && d.Phase == string(engine.PhaseHeld)
		return held || err == nil && d.Outcome != "", nil // the server may be away for a while
	})
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", id, version, err)
	}
	if err := wait(ctx, time.Second); err != nil { // what was under way at the end is told
		return nil, err
	}
	m, err := measure.Of(ctx, r.Stack.Client, id)
	if err != nil {
		return nil, err
	}
	played := &Played{Measured: *m, From: from, Failed: r.Tally.FailedBetween(version, m.Began, m.Ended), Lost: r.Tally.FailedBetween("", m.Began, m.Ended)}
	if held {
		played.Outcome = string(engine.PhaseHeld)
		return played, r.takeBack(ctx, id)
	}
	return played, nil
}

// takeBack decides for a rollout that waits: the next one wants the host as it was.
func (r *Rig) takeBack(ctx context.Context, id string) error {
	if _, err := r.Stack.Client.Signal(ctx, id, contract.Signal{Signal: contract.Rollback, Reason: "that it waits is what was to be seen"}); err != nil {
		return err
	}
	return until(ctx, mostTook, func() (bool, error) {
		d, err := r.Stack.Client.Show(ctx, id, false)
		return err == nil && d.Outcome != "", nil
	})
}

// Setting is the host as a simulation is told of it, before a rollout from a version that
// serves.
func (r *Rig) Setting(name string, spec engine.Spec, serves string) predict.Setting {
	s := predict.Setting{
		Name: name, Instances: r.o.Instances, Spare: r.o.Instances, Tenants: r.o.Tenants, Rate: r.o.Rate,
		Installed: serves, Versions: map[string]predict.Version{serves: r.behaves(serves), spec.Version: r.behaves(spec.Version)}, Deployment: spec,
	}
	s.Past = r.Tally.Past()
	s.Provision, s.Replaced, s.Discovery = r.starting(), r.replaced[spec.Strategy], r.Stack.Discovery()
	for _, w := range load.Weights(r.o.Tenants, spread, seed) {
		s.Weights = append(s.Weights, w*float64(r.o.Tenants))
	}
	for id, b := range r.behaviours(spec.Version).Tenants {
		s.OneTenant, s.OneTenantRate = id, b.ErrorRate
	}
	return s
}

// behaves is how a version does to everybody: what panics fails its one request.
func (r *Rig) behaves(version string) predict.Version {
	b := r.behaviours(version).All
	return predict.Version{ErrorRate: b.ErrorRate + b.PanicRate*(1-b.ErrorRate), P50: b.LatencyMS + 1, P99: 3*b.LatencyMS + 10}
}

func (r *Rig) behaviours(version string) plugin.Behaviours {
	for i := range r.versions {
		if v := &r.versions[i]; v.Version == version {
			return v.Behaviours(r.faults)
		}
	}
	return plugin.Behaviours{}
}
