package scenario

import (
	"context"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Plan compiles the deployment of s against its fleet as it is at the start. The error
// says why none can be made.
func (s *Scenario) Plan(ctx context.Context, seed int64) (*engine.Plan, error) {
	w, err := simulator.NewWorld(s.Config(seed), s.Deployment.Environment, s.Deployment.PluginID)
	if err != nil {
		return nil, err
	}
	before, err := engine.ReadSnapshot(ctx, w)
	if err != nil {
		return nil, err
	}
	plan, err := engine.Compile(rolloutID(w, seed), s.Deployment, before)
	if err != nil {
		return nil, err
	}
	return &plan, nil
}

// rolloutID is the name of a run's rollout. Another seed is another rollout, which has
// others begin.
func rolloutID(w *simulator.World, seed int64) string {
	return fmt.Sprintf("%s-seed-%d", w.NextRollout(), seed)
}
