package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// deploymentResource is hotswap_plugin_deployment.
type deploymentResource struct{ conn *connection }

var (
	_ resource.ResourceWithConfigure      = (*deploymentResource)(nil)
	_ resource.ResourceWithValidateConfig = (*deploymentResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*deploymentResource)(nil)
	_ resource.ResourceWithImportState    = (*deploymentResource)(nil)
	_ resource.ResourceWithIdentity       = (*deploymentResource)(nil)
)

func newDeploymentResource() resource.Resource { return &deploymentResource{} }

func (r *deploymentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_plugin_deployment"
}

func (r *deploymentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if conn, ok := req.ProviderData.(*connection); ok {
		r.conn = conn
		conn.needed(&resp.Diagnostics)
	}
}

// ValidateConfig says all that is wrong with the configuration on its own, each
// thing on its attribute.
func (r *deploymentResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m deploymentModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	spec, reading := readSpec(m.specModel)
	addProblems(&resp.Diagnostics, path.Empty(), "Invalid deployment", reading.validate(spec))
	for _, operation := range []string{"create", "update", "delete"} {
		d, ok := m.Timeouts.Attributes()[operation].(durationValue)
		if !ok || d.IsNull() || d.IsUnknown() {
			continue
		}
		if length, err := engine.ParseDuration(d.ValueString()); err == nil && length < shortestTimeout {
			resp.Diagnostics.AddAttributeError(path.Root("timeouts").AtName(operation), "Invalid deployment",
				fmt.Sprintf("%s: %s is less than a second, in which nothing can be deployed.", operation, d.ValueString()))
		}
	}
}

// ImportState takes ENVIRONMENT/PLUGIN, or from Terraform 1.12 on the identity.
func (r *deploymentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	environment, plugin, ok := strings.Cut(req.ID, "/")
	if req.ID == "" && req.Identity != nil {
		var id identityModel
		resp.Diagnostics.Append(req.Identity.Get(ctx, &id)...)
		environment, plugin, ok = id.Environment.ValueString(), id.PluginID.ValueString(), true
	}
	if ps := engine.CheckAddress(engine.Environment(environment), plugin); !ok || len(ps) > 0 {
		resp.Diagnostics.AddError("Cannot import", fmt.Sprintf("%q is not an address of a deployment: write ENVIRONMENT/PLUGIN, as in "+
			"Production/payment-processor-stripe.", req.ID))
		for _, p := range ps {
			resp.Diagnostics.AddError("Cannot import", sentence(p.Error()))
		}
		return
	}
	if e := engine.Environment(environment); !e.IsKind() && r.conn.known() {
		if s, err := look(ctx, r.conn, e, plugin); err == nil && s.rollout == nil { // any other error is met when the state is read
			resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("%q is not one of Development, QA, Staging, Production, and no rollout of %s has "+
				"begun in an environment of that name.", environment, plugin))
			return
		}
	}
	m := deploymentModel{specModel: specModel{Environment: types.StringValue(environment), PluginID: types.StringValue(plugin)}}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment"), m.Environment)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("plugin_id"), m.PluginID)...)
	m.fillDefaults()
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_hold"), m.OnHold)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_rollback"), m.OnRollback)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_interrupt"), m.OnInterrupt)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_timeout"), m.OnTimeout)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_destroy"), m.OnDestroy)...)
	if resp.Identity != nil {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	}
}
