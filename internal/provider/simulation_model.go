package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// simulationModel is hotswap_simulation: what is asked, and the answer.
type simulationModel struct {
	simulationQuestion
	simulationFigures
}

// simulationQuestion is a fleet and a deployment to be tried on it.
type simulationQuestion struct {
	specModel
	Scenario  types.String `tfsdk:"scenario"`
	Simulated types.Object `tfsdk:"simulated"`

	Bad  types.Bool  `tfsdk:"bad"`
	Runs types.Int64 `tfsdk:"runs"`
	Seed types.Int64 `tfsdk:"seed"`
}

// read makes a scenario of the question. Values that are unknown are left to their
// defaults, and what is wrong because of them is not said.
func (q *simulationQuestion) read(ctx context.Context) (s *scenario.Scenario, diags diag.Diagnostics) {
	s = scenario.New()
	if !q.Scenario.IsNull() {
		if s, diags = readScenario(q.Scenario.ValueString(), path.Root("scenario")); diags.HasError() {
			return nil, diags
		}
	}
	base, err := s.Copied()
	if err != nil {
		addError(&diags, path.Root("scenario"), invalidScenario, err)
		return nil, diags
	}
	asked, reading := readSpec(q.specModel)
	spec := instead(base, asked)
	addProblems(&diags, path.Empty(), "Invalid deployment", reading.validate(spec))
	if diags.HasError() {
		return nil, diags
	}
	s = s.With(spec)
	diags.Append(q.settleFleet(ctx, s)...)
	q.settleBad(s)
	if !diags.HasError() && len(reading.unknown) == 0 && wholly(ctx, q.Simulated) {
		diags.Append(q.unmatched(s)...)
	}
	return s, diags
}

// instead is a deployment with what is asked in the place of what base says. Another
// strategy has no use for the old one's settings.
func instead(base, asked engine.Spec) engine.Spec {
	if asked.Strategy != "" && asked.Strategy != base.Strategy {
		base.Strategy = asked.Strategy
		base.Direct, base.Canary, base.BlueGreen, base.Rolling, base.ABTesting = nil, nil, nil, nil, nil
	}
	replace(&base.PluginID, asked.PluginID)
	if asked.Environment.IsKind() {
		base.EnvironmentKind = "" // the scenario's was of another name
	}
	replace(&base.Environment, asked.Environment)
	replace(&base.EnvironmentKind, asked.EnvironmentKind)
	replace(&base.Version, asked.Version)
	replace(&base.Direct, asked.Direct)
	replace(&base.Canary, asked.Canary)
	replace(&base.BlueGreen, asked.BlueGreen)
	replace(&base.Rolling, asked.Rolling)
	replace(&base.ABTesting, asked.ABTesting)
	replace(&base.Triggers, asked.Triggers)
	replace(&base.Analysis, asked.Analysis)
	return base
}

// replace puts v into to, unless v is nothing.
func replace[T comparable](to *T, v T) {
	var nothing T
	if v != nothing {
		*to = v
	}
}

// settleFleet puts the settings of the fleet over those of the scenario.
func (q *simulationQuestion) settleFleet(ctx context.Context, s *scenario.Scenario) (diags diag.Diagnostics) {
	c := s.Config(s.Seed)
	if !q.Simulated.IsNull() && !q.Simulated.IsUnknown() {
		settleFleet(ctx, blockOf(q.Simulated, "simulated"), &c)
	}
	if err := c.Validate(); err != nil {
		addError(&diags, path.Empty(), invalidFleet, err)
	}
	diags.Append(idleFleet(ctx, q.Simulated, c)...)
	s.Installed = c.Installed[s.Deployment.PluginID]
	versions := map[string]scenario.Version{}
	for name, b := range c.Versions {
		versions[name] = scenario.Version{Behaviour: b, Bad: s.Versions[name].Bad}
	}
	s.World, s.Versions = c, versions
	return diags
}

// settleBad says whether the candidate should be rolled back, where the question does.
func (q *simulationQuestion) settleBad(s *scenario.Scenario) {
	if q.Bad.IsNull() || q.Bad.IsUnknown() {
		return
	}
	name := s.Candidate()
	v, ok := s.Said(name)
	if !ok {
		v = goodVersion()
	}
	v.Bad = q.Bad.ValueBoolPointer()
	s.Versions = s.Having(name, v).Versions
}
