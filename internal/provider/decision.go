package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// warnDecision says when a decision is about no rollout that it could decide: a name
// that nobody knows, most often written wrong, or a rollout that was over before the
// decision came. One that was followed may stay in the configuration.
func warnDecision(ctx context.Context, plan, prior *deploymentModel, spec *engine.Spec, fleet sight) (diags diag.Diagnostics) {
	id := member(plan.Decision, "rollout_id")
	if id == "" {
		return nil
	}
	ro, err := rolloutNamed(ctx, fleet.journals, id)
	at := path.Root("decision").AtName("rollout_id")
	switch {
	case err != nil:
		addError(&diags, at, "Cannot read the journal", err)
	case ro == nil || ro.Plan.Spec.PluginID != spec.PluginID || ro.Plan.Spec.Environment != spec.Environment:
		diags.AddAttributeWarning(at, titled(spec, "the decision is about an unknown rollout"), fmt.Sprintf(
			"rollout_id: there is no rollout %s of %s in %s, so the decision decides nothing. %s", id, spec.PluginID, spec.Environment, latestText(fleet)))
	case !unfinished(ro.State) && (prior == nil || !plan.Decision.Equal(prior.Decision)):
		diags.AddAttributeWarning(at, titled(spec, "the decision is about a rollout that is over"), fmt.Sprintf(
			"rollout_id: rollout %s (%s) is %s%s, so the decision decides nothing. %s", id, telling.Named(ro.Plan.Candidate), ro.State.Phase, when(ro), latestText(fleet)))
	}
	return diags
}

// latestText names the rollout that a decision could be about.
func latestText(fleet sight) string {
	switch last := fleet.rollout; {
	case last == nil:
		return "There was no rollout yet."
	case unfinished(last.State):
		return fmt.Sprintf("The one that is %s is %s.", last.State.Phase, last.Plan.Rollout)
	default:
		return fmt.Sprintf("None is in flight; the last one was %s.", last.Plan.Rollout)
	}
}
