package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// deploymentModel is hotswap_plugin_deployment.
type deploymentModel struct {
	specModel
	Decision types.Object `tfsdk:"decision"`
	Timeouts types.Object `tfsdk:"timeouts"`
	Retry    types.String `tfsdk:"retry"`

	WaitForCompletion types.Bool `tfsdk:"wait_for_completion"`

	OnHold      types.String `tfsdk:"on_hold"`
	OnRollback  types.String `tfsdk:"on_rollback"`
	OnInterrupt types.String `tfsdk:"on_interrupt"`
	OnTimeout   types.String `tfsdk:"on_timeout"`
	OnDestroy   types.String `tfsdk:"on_destroy"`

	ID              types.String `tfsdk:"id"`
	RolloutID       types.String `tfsdk:"rollout_id"`
	Status          types.String `tfsdk:"status"`
	Outcome         types.String `tfsdk:"outcome"`
	Reason          types.String `tfsdk:"reason"`
	ActiveVersion   types.String `tfsdk:"active_version"`
	PreviousVersion types.String `tfsdk:"previous_version"`
	AffectedTenants types.Int64  `tfsdk:"affected_tenants"`
	StartedAt       types.String `tfsdk:"started_at"`
	FinishedAt      types.String `tfsdk:"finished_at"`
	Stages          types.List   `tfsdk:"stages"`
	Summary         types.List   `tfsdk:"summary"`
}

// identityModel is what names a deployment to Terraform 1.12 and later.
type identityModel struct {
	Environment types.String `tfsdk:"environment"`
	PluginID    types.String `tfsdk:"plugin_id"`
}

func (m *deploymentModel) identity() identityModel {
	return identityModel{Environment: m.Environment, PluginID: m.PluginID}
}

func (m *deploymentModel) environment() engine.Environment {
	return engine.Environment(m.Environment.ValueString())
}

// kind is what the environment is like; "" where the model does not say.
func (m *deploymentModel) kind() engine.Environment {
	return engine.Spec{Environment: m.environment(), EnvironmentKind: engine.Environment(m.EnvironmentKind.ValueString())}.Kind()
}

func (m *deploymentModel) plugin() string { return m.PluginID.ValueString() }

// target is ENVIRONMENT/PLUGIN.
func (m *deploymentModel) target() string {
	return m.Environment.ValueString() + "/" + m.PluginID.ValueString()
}

func (m *deploymentModel) phase() engine.Phase { return engine.Phase(m.Status.ValueString()) }

// copyComputed takes everything that the provider computes from another model.
func (m *deploymentModel) copyComputed(from deploymentModel) {
	m.ID, m.RolloutID = from.ID, from.RolloutID
	m.Status, m.Outcome, m.Reason = from.Status, from.Outcome, from.Reason
	m.ActiveVersion, m.PreviousVersion = from.ActiveVersion, from.PreviousVersion
	m.AffectedTenants = from.AffectedTenants
	m.StartedAt, m.FinishedAt = from.StartedAt, from.FinishedAt
	m.Stages, m.Summary = from.Stages, from.Summary
}

// forgetRollout makes everything that a rollout decides unknown.
func (m *deploymentModel) forgetRollout() {
	m.RolloutID, m.Status, m.Outcome, m.Reason = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.ActiveVersion, m.PreviousVersion = types.StringUnknown(), types.StringUnknown()
	m.AffectedTenants = types.Int64Unknown()
	m.StartedAt, m.FinishedAt = types.StringUnknown(), types.StringUnknown()
	m.Stages, m.Summary = types.ListUnknown(stageObject), types.ListUnknown(types.StringType)
}

// fillDefaults fills in what a plan would, for values that never went through one.
func (m *deploymentModel) fillDefaults() {
	fill := func(v *types.String, s string) {
		if v.IsNull() || v.IsUnknown() {
			*v = types.StringValue(s)
		}
	}
	fill(&m.OnHold, "succeed")
	fill(&m.OnRollback, "fail")
	fill(&m.OnInterrupt, "leave")
	fill(&m.OnTimeout, "rollback")
	fill(&m.OnDestroy, "rollback")
}

// null is an empty string where s is "", and s otherwise.
func orNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// wholly says whether nothing in v is unknown.
func wholly(ctx context.Context, v attr.Value) bool {
	t, err := v.ToTerraformValue(ctx)
	return err == nil && t.IsFullyKnown()
}

// member reads a string out of an object; "" where it is not there.
func member(o types.Object, name string) string {
	if s, ok := o.Attributes()[name].(basetypes.StringValuable); ok && !o.IsNull() && !o.IsUnknown() {
		v, _ := s.ToStringValue(context.Background())
		return v.ValueString()
	}
	return ""
}
