package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ModifyPlan says before anything happens what an apply will do. It only looks at
// the fleet.
func (r *deploymentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy, whose way back is compiled when it happens
	}
	var config, plan deploymentModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *deploymentModel
	if !req.State.Raw.IsNull() {
		prior = &deploymentModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Strategy = plannedStrategy(config)
	if prior == nil || !prior.PluginID.Equal(plan.PluginID) || !prior.Environment.Equal(plan.Environment) {
		prior = nil // a replacement is planned as a create
		plan.forgetRollout()
	} else {
		plan.copyComputed(*prior)
	}
	plan.ID = types.StringUnknown()
	if !plan.Environment.IsUnknown() && !plan.PluginID.IsUnknown() {
		plan.ID = types.StringValue(plan.Environment.ValueString() + "/" + plan.PluginID.ValueString())
	}
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.planRollout(ctx, &plan, prior, kept)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// plannedStrategy is the strategy that the configuration means.
func plannedStrategy(config deploymentModel) types.String {
	switch {
	case !config.Strategy.IsNull():
		return config.Strategy
	case config.Environment.IsUnknown():
		return types.StringUnknown()
	default:
		return types.StringValue(string(engine.DefaultStrategy(config.environment())))
	}
}

// planRollout decides what an apply has to do and puts it into plan.
func (r *deploymentResource) planRollout(ctx context.Context, plan, prior *deploymentModel, kept memory) (diags diag.Diagnostics) {
	current, err := r.current(ctx, plan, prior)
	if err != nil {
		addError(&diags, path.Empty(), "Cannot read the fleet", err)
		return diags
	}
	if prior != nil {
		switch next, why := intent(prior, plan, current); next {
		case keepAll:
			return nil
		case refuse:
			diags.AddAttributeError(path.Root("version"), "A rollout is in flight", why)
			return diags
		case goOn:
			// The rollout is the one that runs already, and so are its stages.
			rollout, previous, started, stages := plan.RolloutID, plan.PreviousVersion, plan.StartedAt, plan.Stages
			plan.forgetRollout()
			plan.PreviousVersion, plan.Stages = previous, stages
			if current == rollout.ValueString() { // else it takes over what a killed apply left behind
				plan.RolloutID = rollout
			}
			if !started.IsNull() { // else the journal is still empty
				plan.StartedAt = started
			}
			return nil
		case begin:
			plan.forgetRollout()
		}
	}
	spec, reading := readSpec(*plan)
	if !r.conn.known() || len(reading.unknown) > 0 {
		return nil
	}
	seen, err := r.look(ctx, spec.Environment, spec.PluginID)
	switch {
	case err != nil:
		addError(&diags, path.Empty(), "Cannot read the fleet", err)
	case prior != nil && kept.Seen != "" && kept.Seen != fingerprint(seen):
		diags.AddError("The fleet changed since the plan", fmt.Sprintf("It ran %s, and now runs %s. Nothing was changed. Plan again, look at "+
			"the new stages, and apply those.", kept.Seen, fingerprint(seen)))
	default:
		return planStages(ctx, plan, spec, seen)
	}
	return diags
}

// current is the rollout that is unfinished, or else the state's own.
func (r *deploymentResource) current(ctx context.Context, plan, prior *deploymentModel) (string, error) {
	if prior == nil {
		return "", nil
	}
	own := prior.RolloutID.ValueString()
	if !inFlight(prior.phase()) || !r.conn.known() {
		return own, nil
	}
	s, err := r.look(ctx, plan.environment(), plan.plugin())
	if err == nil && s.rollout != nil && unfinished(s.rollout.state) {
		own = s.rollout.plan.Rollout
	}
	return own, err
}

// planStages compiles the rollout against the fleet as it is now.
func planStages(ctx context.Context, plan *deploymentModel, spec engine.Spec, seen sight) (diags diag.Diagnostics) {
	compiled, err := engine.Compile(seen.next, spec, seen.snapshot)
	if err != nil {
		addCompileError(&diags, err)
		return diags
	}
	if last := seen.rollout; last != nil && unfinished(last.state) {
		if asksFor(spec, &last.plan) {
			plan.Stages = stagesValue(ctx, &last.plan, &diags)
			plan.PreviousVersion = orNull(last.plan.Baseline)
			diags.AddWarning("A rollout is unfinished", last.describe(seen)+" Applying goes on with it.")
		} else {
			diags.AddWarning("A rollout is unfinished", last.describe(seen)+" Applying is refused as long as it is.")
		}
		return diags
	}
	plan.Stages = stagesValue(ctx, &compiled, &diags)
	plan.PreviousVersion = orNull(compiled.Baseline)
	if len(compiled.Stages) == 0 {
		plan.PreviousVersion = types.StringUnknown()
		diags.AddWarning("The version is already active", fmt.Sprintf("Every instance in %s runs %s %s: there is nothing to roll out.",
			spec.Environment, spec.PluginID, spec.Version))
	}
	for _, w := range compiled.Warnings {
		diags.AddWarning("About this rollout", sentence(w))
	}
	warnTimeout(plan, &compiled, &diags)
	return diags
}

// warnTimeout says when the longest rollout does not fit into the timeouts.
func warnTimeout(plan *deploymentModel, compiled *engine.Plan, diags *diag.Diagnostics) {
	then := "walks it back"
	if plan.OnTimeout.ValueString() == "pause" {
		then = "pauses it"
	}
	for _, operation := range []string{"create", "update"} {
		limit, chosen := plan.timeout(operation, compiled)
		if needs := engine.Longest(compiled); chosen && needs > limit {
			diags.AddAttributeWarning(path.Root("timeouts").AtName(operation), "The timeout is shorter than the rollout may take",
				fmt.Sprintf("With every extension and the way back this rollout takes up to %s, and timeouts.%s is %s: an apply that "+
					"reaches it %s.", length(needs), operation, length(limit), then))
		}
	}
}

// addCompileError puts what only the fleet shows to be wrong where it belongs.
func addCompileError(diags *diag.Diagnostics, err error) {
	addError(diags, path.Empty(), "The rollout cannot be planned", err)
}
