package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// nowhere is the path of what no attribute is to blame for.
var nowhere = path.Empty()

// planDestroy warns of what a destroy will do: it shows in no attribute. It never
// fails, so that what cannot be read can still be destroyed or left.
func (r *deploymentResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	d := departure{conn: r.conn}
	resp.Diagnostics.Append(req.State.Get(ctx, &d.state)...)
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.warnDestroy(ctx, d, kept, ""))
}

// warnReplaced says what the destroy does that comes before the create of another
// deployment: Terraform plans only the create of a replacement.
func (r *deploymentResource) warnReplaced(ctx context.Context, prior, plan *deploymentModel, kept memory) diag.Diagnostic {
	then := fmt.Sprintf("\n\nThis resource is replaced by one of %s, whose rollout is planned by itself.", plan.ID.ValueString())
	if plan.ID.IsUnknown() {
		then = "\n\nThis resource is replaced, because its environment or plugin_id is not known yet. The destroy does this even where they " +
			"turn out to be what they were, and then the create rolls out anew. Where they cannot change, write them out."
	}
	return r.warnDestroy(ctx, departure{conn: r.conn, state: *prior}, kept, then)
}

// warnDestroy is the warning of a destroy, with what else there is to say.
func (r *deploymentResource) warnDestroy(ctx context.Context, d departure, kept memory, then string) diag.Diagnostic {
	unsure := d.title("nobody can say what its destroy does")
	if !r.conn.known() {
		return diag.NewWarningDiagnostic(unsure, "The provider's configuration depends on values that are not known yet."+then)
	}
	d.completed, d.claim, d.next = kept.Completed, kept.Claim, r.conn.planned.successor(d.target())
	r.conn.planned.destroy(d.target())
	fleet, err := lookAtAll(ctx, r.conn, d.state.environment(), d.state.plugin())
	if err != nil {
		return diag.NewWarningDiagnostic(unsure, sentence(err.Error())+then)
	}
	summary, detail, err := d.foretell(ctx, fleet)
	if err != nil {
		return diag.NewWarningDiagnostic(unsure, sentence(err.Error())+then)
	}
	return diag.NewWarningDiagnostic(summary, detail+then)
}

// foretell says what the destroy does where nothing moves the fleet before it.
func (d *departure) foretell(ctx context.Context, fleet sight) (summary, detail string, err error) {
	place := fmt.Sprintf("%s in %s", d.state.plugin(), d.state.environment())
	runs := telling.Named(fleet.snapshot.Baseline())
	if d.state.OnDestroy.ValueString() == "leave" {
		detail = fmt.Sprintf("on_destroy is \"leave\": %s goes on running %s, and Terraform forgets it.", place, runs)
		if ro := fleet.rollout; ro != nil && unfinished(ro.State) {
			detail += " " + ro.Describe(fleet.now) + afterLeaving(fleet.alone, " Nobody will watch it any more.")
		}
		return d.title("destroy leaves " + runs + " running"), detail, nil
	}
	handed := d.next != nil
	d.next = nil // it may come later
	back, err := d.decide(ctx, fleet.journals, fleet.claims)
	if err != nil {
		return "", "", err
	}
	if back.done {
		back.nothing = "an earlier destroy went back already"
	}
	switch {
	case back.nothing != "" && back.end == nil:
		return d.title("destroy leaves " + runs + " running"), fmt.Sprintf("%s stays as it is: %s.", place, back.nothing), nil
	case back.resume != nil:
		return d.title("destroy goes on with the way back"), back.resume.Describe(fleet.now) + " The destroy walks it to its end.", nil
	}
	summary, detail, err = d.foretellReturn(ctx, fleet, back)
	if handed {
		detail += "\n\nA new resource for the same plugin and environment is planned too. " + keepInPlace
	}
	return summary, detail, err
}

// keepInPlace is how to keep a destroy and a create of one deployment from moving the
// fleet.
const keepInPlace = "To leave the fleet alone, tell Terraform of the new address in a moved block, or set on_destroy = \"leave\" on the old resource " +
	"and apply that first. lifecycle { create_before_destroy = true } helps a replacement at one address only."

// foretellReturn says where a destroy brings the fleet.
func (d *departure) foretellReturn(ctx context.Context, fleet sight, back wayBack) (summary, detail string, err error) {
	if ro := back.end; ro != nil {
		summary = d.title("destroy rolls " + telling.Named(ro.Plan.Candidate) + " back")
		detail = ro.Describe(fleet.now) + fmt.Sprintf(" The destroy rolls it back to %s", telling.Named(ro.Plan.Baseline))
		if !ro.State.PastReturn(&ro.Plan) {
			fleet.snapshot = walkedBack(fleet.snapshot, &ro.Plan)
		} else {
			detail = ro.Describe(fleet.now) + " It is past the point of no return: the destroy walks it to its end, and then back"
			fleet.snapshot = walkedOn(fleet.snapshot, &ro.Plan)
			if back, err = behind(ctx, fleet.journals, ro.Plan.Rollout); err != nil {
				return "", "", err
			}
		}
		detail += "."
	}
	completed, err := rolloutNamed(ctx, fleet.journals, back.restore)
	if err != nil || completed == nil {
		return summary, detail, err
	}
	p, err := engine.CompileRestore(fleet.next, completed.Plan, fleet.snapshot)
	if err != nil {
		return "", "", err
	}
	if len(p.Stages) == 0 {
		return d.title("destroy changes nothing"), fmt.Sprintf("Every instance runs %s, as before %s.", telling.Named(p.Candidate), back.restore), nil
	}
	end := p.Stages[len(p.Stages)-1].Exposure
	summary = d.title(fmt.Sprintf("destroy goes back to %s for %s in %s", telling.Named(p.Candidate), engine.Plural(end.Tenants, "tenant"), engine.Plural(len(p.Stages), "stage")))
	if detail != "" {
		detail += "\n\nThen "
	}
	detail += fmt.Sprintf("%s in %s goes to the version that each target had before:\n%s", d.state.plugin(), d.state.environment(), bullets(engine.SummaryLines(&p)))
	for _, w := range p.Warnings {
		detail += "\n\n" + sentence(w.Detail)
	}
	return summary, detail, nil
}

// walkedOn is a snapshot as it will be when a rollout in flight was walked to its end.
func walkedOn(s engine.Snapshot, p *engine.Plan) engine.Snapshot {
	there := map[string]bool{}
	for _, i := range p.Instances {
		there[i.ID] = true
	}
	retires := p.NewSlot != "" && p.Stages[len(p.Stages)-1].Final
	var left []engine.Instance
	for _, i := range s.Instances {
		if retires && i.Slot == p.Slot {
			continue
		}
		if there[i.ID] {
			i.Default = p.Candidate
		}
		left = append(left, i)
	}
	s.Instances = left
	return s
}

// walkedBack is a snapshot as it will be when a rollout in flight was rolled back.
func walkedBack(s engine.Snapshot, p *engine.Plan) engine.Snapshot {
	had := map[string]string{}
	for _, i := range p.Instances {
		had[i.ID] = i.Default
	}
	s.Instances, s.Tenants = slices.Clone(s.Instances), slices.Clone(s.Tenants)
	for i := range s.Instances {
		if version, ok := had[s.Instances[i].ID]; ok {
			s.Instances[i].Default = version
		}
	}
	for i := range s.Tenants {
		if s.Tenants[i].Pin == p.Candidate {
			s.Tenants[i].Pin = ""
		}
	}
	if p.NewSlot != "" {
		s.Routes = []engine.Route{{Slot: p.Slot, Percent: 100}}
	}
	return s
}
