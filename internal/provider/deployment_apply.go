package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Create rolls the version out. A rollout that was rolled back leaves no state:
// the fleet is as it was, and the next apply tries again where nothing was found wrong
// with the version.
func (r *deploymentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	a := apply{conn: r.conn, operation: "create"}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &a.plan)...)
	if resp.Diagnostics.HasError() || !r.reachable(&resp.Diagnostics) {
		return
	}
	a.run(ctx)
	r.conn.planned.created(a.plan.target())
	ctx = context.WithoutCancel(ctx)
	resp.Diagnostics.Append(a.diags...)
	if a.state == nil {
		return
	}
	a.kept.Target = a.plan.target()
	resp.Diagnostics.Append(resp.State.Set(ctx, a.state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, a.state.identity())...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, a.kept)...)
}

// Update rolls another version out, or goes on with the rollout in flight. New
// settings alone are only stored, for the next rollout.
func (r *deploymentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	a := apply{conn: r.conn, operation: "update", prior: &deploymentModel{}}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &a.plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, a.prior)...)
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	a.kept, a.kept.Target = kept, a.plan.target()
	resp.Diagnostics.Append(resp.Identity.Set(ctx, a.plan.identity())...)
	if !a.plan.Status.IsUnknown() {
		a.plan.keepSettings(a.prior)
		resp.Diagnostics.Append(resp.State.Set(ctx, &a.plan)...)
		return
	}
	if !r.reachable(&resp.Diagnostics) {
		return
	}
	a.run(ctx)
	ctx = context.WithoutCancel(ctx)
	resp.Diagnostics.Append(a.diags...)
	if a.state != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, a.state)...)
	}
	resp.Diagnostics.Append(remember(ctx, resp.Private, a.kept)...)
}

// reachable reports where the provider has no fleet to work on.
func (r *deploymentResource) reachable(diags *diag.Diagnostics) bool {
	if !r.conn.known() {
		diags.AddError("The fleet is not known", "The provider's configuration depends on values that are not known yet.")
		return false
	}
	return true
}
