package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
)

// hotswap is the provider.
type hotswap struct {
	version string
	// connect finds the fleets that the block simulated speaks of.
	connect func(ctx context.Context, simulated types.Object) (worlds, diag.Diagnostics)
	// simulations are those that were asked for, of all data sources.
	simulations *simulations
}

var (
	_ provider.Provider              = (*hotswap)(nil)
	_ provider.ProviderWithFunctions = (*hotswap)(nil)
)

// New returns a maker of providers that say they are of this version.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &hotswap{version: version, connect: newSimulatedWorlds, simulations: newSimulations()}
	}
}

func (p *hotswap) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "hotswap"
	resp.Version = p.version
}

// providerModel is the provider block.
type providerModel struct {
	Simulated           types.Object `tfsdk:"simulated"`
	Fleet               types.Object `tfsdk:"fleet"`
	Controller          types.Object `tfsdk:"controller"`
	Prometheus          types.Object `tfsdk:"prometheus"`
	Journal             types.Object `tfsdk:"journal"`
	AllowedEnvironments types.List   `tfsdk:"allowed_environments"`
	MaxConcurrency      types.Int64  `tfsdk:"max_concurrency"`

	MaxBlockingWait durationValue `tfsdk:"max_blocking_wait"`
}

// connection is what Configure hands to resources and data sources.
type connection struct {
	worlds  worlds // nil: the configuration is not known yet, or absent is set
	absent  bool   // the provider was given no fleet
	claims  *claims
	planned *planned
	// maxBlockingWait is how long an apply waits by default for what goes on without it.
	maxBlockingWait time.Duration
}

// needed is for everything that works on the fleet: it says that the provider was given
// none. Simulations and functions need none.
func (c *connection) needed(diags *diag.Diagnostics) {
	if c.absent {
		diags.AddError("No fleet", "The provider has to know the fleet it deploys to, and it never simulates one silently. "+
			"Write fleet = { endpoint = \"https://…\" } in its block for a real one, or set "+endpointVariable+"; or controller = { endpoint = \"https://…\" } for a rollout server; or write simulated = {} for a simulated fleet with the default settings.")
	}
}

// known says whether the fleet can be reached already. While Terraform plans, a
// provider block may refer to things that do not exist yet.
func (c *connection) known() bool { return c != nil && c.worlds != nil }

// Configure only notes where the fleet is: nothing is opened, locked or created
// before an operation needs it.
func (p *hotswap) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	conn := &connection{claims: &claims{}, planned: &planned{}, maxBlockingWait: m.blockingWait(&resp.Diagnostics)}
	resp.ResourceData, resp.DataSourceData = conn, conn
	switch m.kind(&resp.Diagnostics) {
	case noFleet:
		conn.absent = true
		return
	case simulatedFleet:
		if wholly(ctx, m.Simulated) {
			worlds, diags := p.connect(ctx, m.Simulated)
			resp.Diagnostics.Append(diags...)
			conn.worlds = worlds
		}
	case realFleet:
		if m.known(ctx) {
			conn.worlds = p.reachFleet(ctx, &m, &resp.Diagnostics)
		}
	case throughServer:
		if m.known(ctx) {
			conn.worlds = p.reachController(&m, &resp.Diagnostics)
		}
	}
	if only := m.environments(); conn.worlds != nil && len(only) > 0 {
		conn.worlds = allowedWorlds{conn.worlds, only}
	}
	if resp.Diagnostics.HasError() {
		conn.worlds = nil
	}
}

// known says whether all that a real fleet needs is known already.
func (m *providerModel) known(ctx context.Context) bool {
	return wholly(ctx, m.Fleet) && wholly(ctx, m.Controller) && wholly(ctx, m.Prometheus) && wholly(ctx, m.Journal) && wholly(ctx, m.AllowedEnvironments) && wholly(ctx, m.MaxConcurrency)
}

// reachFleet makes the real fleet's worlds. Nothing is asked yet.
func (p *hotswap) reachFleet(ctx context.Context, m *providerModel, diags *diag.Diagnostics) worlds {
	s := m.readFleet(ctx, p.version, diags)
	if diags.HasError() {
		return nil
	}
	f, err := fleet.Open(s)
	if err != nil {
		addError(diags, path.Empty(), invalidConnection, err)
		return nil
	}
	return &fleetWorlds{f}
}

// reachController makes the worlds of a controller. Nothing is asked yet.
func (p *hotswap) reachController(m *providerModel, diags *diag.Diagnostics) worlds {
	s := m.readController(p.version, diags)
	if diags.HasError() {
		return nil
	}
	c, err := client.New(s)
	if err != nil {
		addError(diags, path.Empty(), invalidConnection, err)
		return nil
	}
	return &controllerWorlds{c}
}

func (p *hotswap) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newDeploymentResource}
}

func (p *hotswap) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newFleetDataSource, newRolloutDataSource, newExposureDataSource, p.newSimulationDataSource}
}

func (p *hotswap) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newRecommendFunction}
}
