package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// newTest says whether the configuration asks for another try of a version that the
// state says was turned down, by an A/B test or a rollback that is an answer: another
// strategy, other settings or a retry are a rollout of its own.
// The settings have to differ from the state as well as from the rollout: an import
// knows none, and a newer provider may fill in other defaults.
func newTest(ctx context.Context, plan, prior *deploymentModel, spec engine.Spec, fleet sight) (bool, error) {
	switch {
	case !prior.answered(prior.phase()):
		return false, nil
	case plan.Retry.ValueString() != "" && plan.Retry.Equal(prior.RolloutID):
		return true, nil
	case sameSpec(prior, spec):
		return false, nil
	}
	own, err := rolloutNamed(ctx, fleet.journals, prior.RolloutID.ValueString())
	if err != nil || own == nil {
		return false, err
	}
	return plan.Version.ValueString() == own.Plan.Candidate && !asksFor(spec, &own.Plan), nil
}

// sameSpec says whether the state asks for the same rollout as spec.
func sameSpec(prior *deploymentModel, spec engine.Spec) bool {
	was, _ := readSpec(prior.specModel)
	return was.Digest() == spec.Digest()
}

// warnStored says that new settings do not reach the rollout in flight: it goes on
// with those that it began with, and the new ones are for the next.
func warnStored(plan, prior *deploymentModel, spec engine.Spec, open *telling.Rollout) (diags diag.Diagnostics) {
	if open == nil || open.Plan.Restores != "" || spec.Version != open.Plan.Candidate || sameSpec(prior, spec) || asksFor(spec, &open.Plan) {
		return nil
	}
	changed, _ := plan.changed(prior)
	changed = slices.DeleteFunc(changed, func(name string) bool {
		return slices.Contains([]string{"decision", "timeouts", "retry", "wait_for_completion", "on_interrupt", "on_timeout", "on_destroy", "on_hold", "on_rollback"}, name)
	})
	used := &open.Plan.Spec
	text := fmt.Sprintf("Rollout %s is %s at stage %q. It goes on as the %s rollout that it began as, with the settings of then.", open.Plan.Rollout, open.State.Phase,
		open.Stage(), used.Strategy)
	what := "the new settings wait for the next rollout"
	if now := spec.Resolve().Strategy; now != used.Strategy {
		what = fmt.Sprintf("strategy %s waits for the next rollout", now)
		text += fmt.Sprintf(" %s is only stored, for the next version.", now)
	}
	diags.AddWarning(titled(&spec, what), fmt.Sprintf("%s Stored for the next one: %s. To use them for %s, roll this one back first, by a decision with "+
		"action = \"rollback\".", text, strings.Join(changed, ", "), spec.Version))
	return diags
}
