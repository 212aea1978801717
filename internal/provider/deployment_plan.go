package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// ModifyPlan says before anything happens what an apply will do. It only looks at
// the fleet.
func (r *deploymentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
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
	plan.Strategy, plan.ID = plannedStrategy(config), plan.plannedID()
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if prior != nil && !(prior.PluginID.Equal(plan.PluginID) && prior.Environment.Equal(plan.Environment)) {
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(r.warnReplaced(ctx, prior, &plan, kept))
		}
		prior = nil // a replacement is planned as a create
	}
	if prior != nil {
		plan.copyComputed(*prior)
	} else {
		plan.forgetRollout()
		resp.Diagnostics.Append(r.announce(ctx, resp.Private, &plan)...)
	}
	resp.Diagnostics.Append(r.planRollout(ctx, &plan, prior, kept, config.WaitForCompletion)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// plannedID is the id of the deployment that the configuration means.
func (m *deploymentModel) plannedID() types.String {
	if m.Environment.IsUnknown() || m.PluginID.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(m.target())
}

// plannedStrategy is the strategy that the configuration means.
func plannedStrategy(config deploymentModel) types.String {
	switch {
	case !config.Strategy.IsNull():
		return config.Strategy
	case config.Environment.IsUnknown(), config.EnvironmentKind.IsUnknown():
		return types.StringUnknown()
	default:
		return types.StringValue(string(engine.DefaultStrategy(config.kind())))
	}
}

// planUpdate plans another version.
func planUpdate(ctx context.Context, plan, prior *deploymentModel, spec engine.Spec, fleet sight) diag.Diagnostics {
	compiled, diags := planStages(ctx, plan, spec, fleet)
	if compiled == nil || len(compiled.Stages) == 0 {
		return diags
	}
	if ro := warnTurnedDown(ctx, plan, spec, fleet, prior.RolloutID.ValueString(), &diags); ro != nil {
		plan.Summary = linesValue([]string{fmt.Sprintf("%s -> %s is refused, nothing runs: rollout %s was rolled back", telling.Named(compiled.Baseline),
			telling.Named(compiled.Candidate), ro.Plan.Rollout)})
	} else {
		warnTried(ctx, spec, fleet, &diags)
	}
	summary, detail, err := takesBack(ctx, prior, compiled, fleet)
	switch {
	case err != nil:
		addError(&diags, nowhere, "Cannot read the journal", err)
	case summary != "":
		diags.AddWarning(summary, detail)
	}
	return diags
}

// warnTurnedDown says in the plan that the apply will be refused.
func warnTurnedDown(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight, own string, diags *diag.Diagnostics) *telling.Rollout {
	if last := fleet.rollout; testAnswered(spec, last, fleet.snapshot) && plan.Retry.ValueString() != last.Plan.Rollout {
		diags.AddWarning(titled(&spec, "an A/B test answered that already"), fmt.Sprintf("Rollout %s tested the same and kept %s%s: applying takes that "+
			"answer over, and runs nothing. Another strategy or other settings are a new rollout, and so is retry = %q.", last.Plan.Rollout,
			telling.Named(last.Plan.Baseline), when(last), last.Plan.Rollout))
	}
	ro, err := turnedDown(ctx, fleet.journals, spec, fleet.rollout, own, plan.Retry.ValueString())
	switch {
	case err != nil:
		addError(diags, nowhere, "Cannot read the journal", err)
	case ro != nil && !plan.Retry.IsUnknown():
		summary, detail := turnedDownText(&spec, ro, plan.Retry.ValueString())
		then := " Applying this plan fails."
		if plan.OnRollback.ValueString() == "warn" {
			then = " Applying this plan stores that as the answer, and runs nothing."
		}
		diags.AddAttributeWarning(path.Root("version"), summary, detail+then)
		return ro
	}
	return nil
}

// keepRollout plans to go on with the rollout that runs already: what it will come
// to is unknown, but its stages are what they were.
func (m *deploymentModel) keepRollout(prior deploymentModel, open *telling.Rollout) {
	m.forgetRollout()
	m.PreviousVersion, m.Stages = prior.PreviousVersion, prior.Stages
	if open == nil || open.Plan.Rollout == prior.RolloutID.ValueString() { // else it takes over what a killed apply left behind
		m.RolloutID = prior.RolloutID
	}
	if !prior.StartedAt.IsNull() { // else the journal is still empty
		m.StartedAt = prior.StartedAt
	}
}

// planStages compiles the rollout against the fleet as it is now. It returns nothing
// where that is not what will run.
func planStages(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight) (*engine.Plan, diag.Diagnostics) {
	var diags diag.Diagnostics
	compiled, err := engine.Compile(fleet.next, spec, fleet.snapshot)
	if err != nil {
		addCompileError(&diags, err)
		return nil, diags
	}
	if last := fleet.rollout; last != nil && unfinished(last.State) {
		planUnfinished(ctx, plan, spec, fleet, &diags)
		return nil, diags
	}
	plan.show(ctx, &compiled, &diags)
	if len(compiled.Stages) == 0 {
		plan.PreviousVersion = types.StringUnknown()
		diags.AddWarning(titled(&spec, "the version is already active"), fmt.Sprintf("Every instance in %s runs %s %s: there is nothing to roll out.",
			spec.Environment, spec.PluginID, spec.Version))
	}
	warnOf(plan, &compiled, &diags)
	return &compiled, diags
}

// planUnfinished says what an apply does about the rollout that is unfinished. Where
// that is the one that is asked for, or its way back, after which it begins anew, its
// stages are the ones to expect.
func planUnfinished(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight, diags *diag.Diagnostics) {
	last, then := fleet.rollout, "Applying is refused as long as it is, but for a replacement of the resource that began it: then its destroy rolls it back first."
	expected := last
	switch {
	case last.Plan.Restores != "" || last.State.Outcome == engine.Stuck:
		then = "Applying first tries to bring it to its end."
	case asksFor(spec, &last.Plan):
		then = "Applying goes on with it."
	}
	if last.Plan.Restores != "" {
		var err error
		if expected, err = rolloutNamed(ctx, fleet.journals, last.Plan.Restores); err != nil {
			addError(diags, nowhere, "Cannot read the journal", err)
			return
		}
	}
	if expected != nil && asksFor(spec, &expected.Plan) {
		plan.show(ctx, &expected.Plan, diags)
	}
	if expected == last && asksFor(spec, &last.Plan) && last.State.InFlight() && wholly(ctx, plan.Decision) {
		var line string
		line, then = goesOnAnew(plan, last)
		plan.Summary = linesValue([]string{line})
	}
	diags.AddWarning(titled(&spec, "a rollout is unfinished"), last.Describe(fleet.now)+" "+then)
}

// warnOf passes on what a plan has to warn of.
func warnOf(plan *deploymentModel, compiled *engine.Plan, diags *diag.Diagnostics) {
	for _, w := range compiled.Warnings {
		diags.AddWarning(titled(&compiled.Spec, w.Problem), sentence(w.Detail))
	}
	warnTimeout(plan, compiled, diags)
}

// titled is the title of a diagnostic: Terraform shows only the first of several
// warnings that have the same one.
func titled(s *engine.Spec, problem string) string {
	return fmt.Sprintf("%s %s: %s (%s)", s.PluginID, s.Version, problem, s.Environment)
}

// warnTimeout says when the longest rollout does not fit into the timeouts.
func warnTimeout(plan *deploymentModel, compiled *engine.Plan, diags *diag.Diagnostics) {
	then := "rolls it back"
	if plan.OnTimeout.ValueString() == "pause" {
		then = "pauses it"
	}
	for _, operation := range []string{"create", "update"} {
		limit, chosen := plan.timeout(operation, compiled)
		if needs := engine.Longest(compiled); chosen && needs > limit {
			diags.AddAttributeWarning(path.Root("timeouts").AtName(operation), titled(&compiled.Spec, "the timeout is shorter than the rollout may take"),
				fmt.Sprintf("With every extension and the way back this rollout takes up to %s, and timeouts.%s is %s: an apply that "+
					"reaches it %s.", telling.Length(needs), operation, telling.Length(limit), then))
		}
	}
}

// addCompileError puts what only the fleet shows to be wrong where it belongs.
func addCompileError(diags *diag.Diagnostics, err error) {
	addError(diags, path.Empty(), "The rollout cannot be planned", err)
}
