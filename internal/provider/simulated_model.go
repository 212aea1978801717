package provider

import (
	"context"
	"maps"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// simulatedModel is the block simulated.
type simulatedModel struct {
	fleetSettings
	Scenario  types.String  `tfsdk:"scenario"`
	Seed      types.Int64   `tfsdk:"seed"`
	StatePath types.String  `tfsdk:"state_path"`
	TimeScale types.Float64 `tfsdk:"time_scale"`
}

// fleetSettings are what a fleet is like, wherever it is simulated.
type fleetSettings struct {
	Instances         types.Int64   `tfsdk:"instances"`
	Tenants           types.Int64   `tfsdk:"tenants"`
	RequestsPerSecond types.Float64 `tfsdk:"requests_per_second"`
	Installed         types.Map     `tfsdk:"installed"`
	Versions          types.Map     `tfsdk:"versions"`
}

// behaviourModel is an element of versions.
type behaviourModel struct {
	ErrorRate          types.Float64 `tfsdk:"error_rate"`
	TimeoutRate        types.Float64 `tfsdk:"timeout_rate"`
	LatencyP50Ms       types.Float64 `tfsdk:"latency_p50_ms"`
	LatencyP99Ms       types.Float64 `tfsdk:"latency_p99_ms"`
	ConversionRate     types.Float64 `tfsdk:"conversion_rate"`
	InstallFailureRate types.Float64 `tfsdk:"install_failure_rate"`
	StartupSeconds     types.Float64 `tfsdk:"startup_seconds"`
}

var _ provider.ProviderWithValidateConfig = (*hotswap)(nil)

// ValidateConfig says all that is wrong with the fleet's settings, as far as they
// are known. Whether there is a fleet at all is asked when one is needed.
func (p *hotswap) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.Simulated.IsNull() || m.Simulated.IsUnknown() {
		return
	}
	_, diags := readSimulated(ctx, m.Simulated)
	resp.Diagnostics.Append(diags...)
}

// simulatedSettings are the block as the simulator wants it.
type simulatedSettings struct {
	config    simulator.Config
	path      string
	timeScale float64
}

// readSimulated reads the block. What is unknown is left to its default.
func readSimulated(ctx context.Context, o types.Object) (s simulatedSettings, diags diag.Diagnostics) {
	var m simulatedModel
	diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
	if diags.HasError() {
		return s, diags
	}
	at := path.Root("simulated")
	s = simulatedSettings{config: simulator.DefaultConfig(), path: ".hotswap/fleet"}
	if fromEnv := os.Getenv(statePathVariable); fromEnv != "" {
		s.path = fromEnv
	}
	if !m.Scenario.IsNull() && !m.Scenario.IsUnknown() {
		played, found := readScenario(m.Scenario.ValueString(), at.AtName("scenario"))
		diags.Append(found...)
		if found.HasError() {
			return s, diags
		}
		s.config = played.Config(played.Seed)
	}
	take(m.StatePath, &s.path, types.String.ValueString)
	take(m.TimeScale, &s.timeScale, types.Float64.ValueFloat64)
	take(m.Seed, &s.config.Seed, types.Int64.ValueInt64)
	diags.Append(m.settle(ctx, &s.config)...)
	if s.path == "" {
		diags.AddAttributeError(at.AtName("state_path"), invalidFleet, "state_path: is empty: leave it out for the default.")
	}
	if !(s.timeScale >= 0 && s.timeScale <= 1e9) {
		diags.AddAttributeError(at.AtName("time_scale"), invalidFleet, "time_scale: is not in 0..1e9.")
	}
	if err := s.config.Validate(); err != nil {
		addError(&diags, path.Empty(), invalidFleet, err)
	}
	return s, diags
}

// settle puts what is set and known over what c says. Plugins and versions are put
// beside those that c knows.
func (m fleetSettings) settle(ctx context.Context, c *simulator.Config) (diags diag.Diagnostics) {
	take(m.Instances, &c.Instances, func(v types.Int64) int { return int(v.ValueInt64()) })
	take(m.Tenants, &c.Tenants, func(v types.Int64) int { return int(v.ValueInt64()) })
	take(m.RequestsPerSecond, &c.RequestsPerSecond, types.Float64.ValueFloat64)
	if !m.Installed.IsNull() && wholly(ctx, m.Installed) {
		var installed map[string]string
		diags.Append(m.Installed.ElementsAs(ctx, &installed, false)...)
		c.Installed = over(c.Installed, installed)
	}
	if !m.Versions.IsNull() && !m.Versions.IsUnknown() {
		var versions map[string]behaviourModel
		diags.Append(m.Versions.ElementsAs(ctx, &versions, false)...)
		behaviours := map[string]simulator.Behaviour{}
		for version, b := range versions {
			known, ok := c.Versions[version]
			if !ok {
				known = simulator.DefaultBehaviour()
			}
			behaviours[version] = b.settle(known)
		}
		c.Versions = over(c.Versions, behaviours)
	}
	return diags
}

// over is a map with everything in below, and everything in above in its place.
func over[V any](below, above map[string]V) map[string]V {
	all := maps.Clone(above)
	if all == nil {
		all = map[string]V{}
	}
	for name, v := range below {
		if _, ok := all[name]; !ok {
			all[name] = v
		}
	}
	return all
}

const invalidFleet = "Invalid simulated fleet"

// settle puts what is set and known over b.
func (m behaviourModel) settle(b simulator.Behaviour) simulator.Behaviour {
	for _, f := range []struct {
		from types.Float64
		to   *float64
	}{
		{m.ErrorRate, &b.ErrorRate},
		{m.TimeoutRate, &b.TimeoutRate},
		{m.LatencyP50Ms, &b.LatencyP50Ms},
		{m.LatencyP99Ms, &b.LatencyP99Ms},
		{m.ConversionRate, &b.ConversionRate},
		{m.InstallFailureRate, &b.InstallFailureRate},
		{m.StartupSeconds, &b.StartupSeconds},
	} {
		take(f.from, f.to, types.Float64.ValueFloat64)
	}
	return b
}

// take copies v into to where it is set and known.
func take[V attr.Value, T any](v V, to *T, read func(V) T) {
	if !v.IsNull() && !v.IsUnknown() {
		*to = read(v)
	}
}
