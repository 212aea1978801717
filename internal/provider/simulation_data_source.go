package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// simulationDataSource is the data source hotswap_simulation. It needs no fleet: what
// it plays, it plays in memory.
type simulationDataSource struct{ simulations *simulations }

var _ datasource.DataSourceWithValidateConfig = (*simulationDataSource)(nil)

func (p *hotswap) newSimulationDataSource() datasource.DataSource {
	return &simulationDataSource{p.simulations}
}

func (d *simulationDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_simulation"
}

// ValidateConfig says all that is wrong with what is known.
func (d *simulationDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m simulationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.Scenario.IsUnknown() {
		return
	}
	_, diags := m.read(ctx)
	resp.Diagnostics.Append(diags...)
}

// Read plays the campaign. It takes no longer than ctx lasts.
func (d *simulationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m simulationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, diags := m.read(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	opt := campaign.Options{Runs: defaultRuns, Seed: s.Seed}
	take(m.Runs, &opt.Runs, func(v types.Int64) int { return int(v.ValueInt64()) })
	take(m.Seed, &opt.Seed, types.Int64.ValueInt64)
	figures, err := d.simulations.play(ctx, s, opt)
	switch {
	case ctx.Err() != nil:
		resp.Diagnostics.AddError("The simulation was interrupted", "It was stopped before all of its runs were over, so there are no figures.")
	case err != nil:
		addError(&resp.Diagnostics, path.Empty(), "The simulation failed", err)
	default:
		resp.Diagnostics.Append(refusal(ctx, s, figures)...)
		resp.Diagnostics.Append(idle(figures)...)
		m.fill(s, figures)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

// defaultRuns is how many runs there are where nothing is said.
const defaultRuns = 1000

// idle warns of what never took effect, in any run.
func idle(f *campaign.Figures) (diags diag.Diagnostics) {
	for _, e := range f.TookEffect {
		if never := e.Never(); never != "" {
			diags.AddWarning("The simulation shows less than its scenario says", fmt.Sprintf("In %d runs %s: what it should show is not shown.", f.Runs, never))
		}
	}
	return diags
}

// refusal is why no run had a plan, where none had one: then there are no figures to
// speak of.
func refusal(ctx context.Context, s *scenario.Scenario, f *campaign.Figures) (diags diag.Diagnostics) {
	for _, o := range f.Outcomes {
		if o.Of != string(scenario.Refused) || o.Count < int64(f.Runs) {
			continue
		}
		run, err := scenario.Run(ctx, s, campaign.SeedOf(f.Seed, 0), scenario.Options{})
		if err != nil {
			addError(&diags, path.Empty(), "The simulation failed", err)
			return diags
		}
		diags.AddError("No rollout can be planned", fmt.Sprintf("There is nothing to simulate: %s", sentence(run.Reason)))
	}
	return diags
}
