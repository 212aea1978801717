package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// announce tells the destroy of a replacement, and every other one that this process
// plans, that a create of the same deployment follows.
func (r *deploymentResource) announce(ctx context.Context, k keeper, plan *deploymentModel) diag.Diagnostics {
	if plan.ID.IsUnknown() {
		return nil
	}
	next := successor{Target: plan.target()}
	if spec, reading := readSpec(plan.specModel); len(reading.unknown) == 0 {
		next.Digest = spec.Digest()
	}
	if r.conn != nil {
		r.conn.planned.create(next)
	}
	return announce(ctx, k, next)
}

// planCreate plans the rollout of a resource that has no state.
//
// Terraform plans a create a second time right before it applies it, and calls it a
// bug of the provider where what was known has become something else. It keeps
// nothing from the first plan that the second could compare with. So what another
// resource's destroy may change in between is not known when it is planned, and a
// warning says what there is to know. A rollout that asks for the very same, begun
// here or by whoever was faster, has the same stages either way.
func (r *deploymentResource) planCreate(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight, kept memory) (diags diag.Diagnostics) {
	last, err := lastCompleted(ctx, fleet.journals, spec.Environment, spec.PluginID, fleet.rollout)
	if err != nil {
		addError(&diags, nowhere, "Cannot read the journal", err)
		return diags
	}
	ended := fleet.rollout == nil || !unfinished(fleet.rollout.State)
	if ended && planTurnedDown(ctx, plan, spec, fleet, &diags) {
		return diags
	}
	var compiled *engine.Plan
	if last != nil && ended {
		compiled = r.planOccupied(ctx, plan, spec, fleet, kept, last, &diags)
	} else if fleet.next, err = likeBefore(ctx, spec, fleet); err != nil {
		addError(&diags, nowhere, "Cannot read the journal", err)
	} else {
		var more diag.Diagnostics
		compiled, more = planStages(ctx, plan, spec, fleet)
		diags.Append(more...)
	}
	if compiled != nil && len(compiled.Stages) > 0 {
		warnTried(ctx, spec, fleet, &diags)
	}
	return diags
}

// planTurnedDown says whether what is asked for is not tried, as it was rolled back before, or
// nobody can say; it shows the rollout that was.
func planTurnedDown(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight, diags *diag.Diagnostics) bool {
	if fleet.snapshot.RunsOnly(spec.Version) {
		return false
	}
	ro := warnTurnedDown(ctx, plan, spec, fleet, "", diags)
	if ro != nil {
		plan.show(ctx, &ro.Plan, diags) // as when it was planned, whoever tried it since
	}
	return ro != nil || diags.HasError()
}

// planOccupied is planCreate where last, a rollout that was completed, brought there what
// runs; nil where nothing can be planned.
func (r *deploymentResource) planOccupied(ctx context.Context, plan *deploymentModel, spec engine.Spec, fleet sight, kept memory, last *telling.Rollout,
	diags *diag.Diagnostics,
) *engine.Plan {
	compiled, err := engine.Compile(fleet.next, spec, fleet.snapshot)
	if err != nil {
		addCompileError(diags, err)
		return nil
	}
	if asksFor(spec, &last.Plan) && fleet.snapshot.RunsOnly(last.Plan.Candidate) {
		plan.show(ctx, &last.Plan, diags)
	}
	if !r.conn.planned.handedOver(plan.target()) { // else the plan said it, and the destroy is done
		diags.AddWarning(r.occupied(ctx, last, &compiled, fleet, kept.Target == plan.target()))
	}
	warnOf(plan, &compiled, diags)
	return &compiled
}

// likeBefore is the id by which to order the tenants of a create that is planned. The
// id decides who is first, and with that a little of each stage's share. Where the last
// rollout asked for the same and was rolled back, the plan may have been made before
// that, with its shares.
func likeBefore(ctx context.Context, spec engine.Spec, fleet sight) (string, error) {
	last := fleet.rollout
	if last != nil && last.Plan.Restores != "" {
		var err error
		if last, err = rolloutNamed(ctx, fleet.journals, last.Plan.Restores); err != nil {
			return "", err
		}
	}
	if last != nil && asksFor(spec, &last.Plan) {
		return last.Plan.Rollout, nil
	}
	return fleet.next, nil
}

// occupied is the warning of a create whose plugin runs already because of a rollout
// of some other resource, or of this one before its state was lost.
func (r *deploymentResource) occupied(ctx context.Context, last *telling.Rollout, now *engine.Plan, fleet sight, replaced bool) (summary, detail string) {
	s := &now.Spec
	straight := fmt.Sprintf("rollout %s is taken over, and nothing runs", last.Plan.Rollout)
	if len(now.Stages) > 0 {
		straight = "this runs:\n" + bullets(engine.SummaryLines(now))
	}
	ran := fmt.Sprintf("Rollout %s brought %s to %s in %s%s", last.Plan.Rollout, s.PluginID, telling.Named(last.Plan.Candidate), s.Environment, when(last))
	if replaced {
		return titled(s, "replaced while it runs"), fmt.Sprintf("%s. The destroy in front of this create does nothing, and the fleet stays as it is; then %s", ran, straight)
	}
	summary = titled(s, "the plugin is deployed already")
	if r.conn.planned.destroyed(string(s.Environment) + "/" + s.PluginID) {
		summary = titled(s, "destroyed and created in one apply")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s. What an apply does depends on what it destroys:\n\n", ran)
	fmt.Fprintf(&b, "  Nothing, or this resource in order to replace it: the fleet stays as it is; then %s\n", straight)
	fmt.Fprintf(&b, "  Another resource of %s/%s (renamed, another key, count to for_each): create and destroy have no order. Where the create "+
		"is first, the same. Where the destroy is first: %s.\n\n", s.Environment, s.PluginID, roundTrip(ctx, last, s, fleet))
	b.WriteString(keepInPlace)
	return summary, b.String()
}

// roundTrip says what a destroy does that comes first, and the create after it.
func roundTrip(ctx context.Context, last *telling.Rollout, s *engine.Spec, fleet sight) string {
	const nothing = "it has nothing to roll back"
	way, err := behind(ctx, fleet.journals, last.Plan.Rollout)
	if err == nil {
		last, err = rolloutNamed(ctx, fleet.journals, way.restore)
	}
	if err != nil || last == nil {
		return nothing
	}
	back, err := engine.CompileRestore(fleet.next, last.Plan, fleet.snapshot)
	if err != nil || len(back.Stages) == 0 {
		return nothing
	}
	before := fleet.snapshot
	before.Instances = append([]engine.Instance(nil), before.Instances...)
	for i := range before.Instances {
		before.Instances[i].Default = last.Plan.Baseline
		if before.Instances[i].Installed = nil; last.Plan.Baseline != "" {
			before.Instances[i].Installed = []string{last.Plan.Baseline}
		}
	}
	text := engine.Headline(&back)
	if again, err := engine.Compile(fleet.next, *s, before); err == nil && len(again.Stages) > 0 {
		text += "; and then " + engine.Headline(&again)
	}
	return text
}

// bullets puts lines one under the other, indented so that Terraform does not wrap them.
func bullets(lines []string) string { return "    - " + strings.Join(lines, "\n    - ") }

// when is the end of a rollout, on the fleet's clock.
func when(ro *telling.Rollout) string {
	if ro.State.Ended.IsZero() {
		return ""
	}
	return " at " + moment(ro.State.Ended).ValueString() + " on the fleet's clock"
}
