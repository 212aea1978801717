package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// stageModel is a row of the attribute stages.
type stageModel struct {
	Name        string       `tfsdk:"name"`
	Share       float64      `tfsdk:"share"`
	Targets     targetsModel `tfsdk:"targets"`
	Settle      string       `tfsdk:"settle"`
	Bake        string       `tfsdk:"bake"`
	Gate        string       `tfsdk:"gate"`
	Hold        bool         `tfsdk:"hold"`
	Final       bool         `tfsdk:"final"`
	EarliestEnd string       `tfsdk:"earliest_end"`
	LatestEnd   string       `tfsdk:"latest_end"`

	// The same for policies, which compare numbers.
	Thresholds       *thresholdsModel `tfsdk:"thresholds"`
	OnFail           *string          `tfsdk:"on_fail"`
	OnInconclusive   *string          `tfsdk:"on_inconclusive"`
	BakeSeconds      float64          `tfsdk:"bake_seconds"`
	LatestEndSeconds float64          `tfsdk:"latest_end_seconds"`
}

// thresholdsModel is what a gate asks for, under the names of the settings; null is
// not checked.
type thresholdsModel struct {
	MaxErrorRate       *float64 `tfsdk:"max_error_rate"`
	MaxLatencyP99Ms    *float64 `tfsdk:"max_latency_p99_ms"`
	MinSuccessRate     *float64 `tfsdk:"min_success_rate"`
	MaxCPU             *float64 `tfsdk:"max_cpu"`
	MaxMemory          *float64 `tfsdk:"max_memory"`
	MaxExecutionTimeMs *float64 `tfsdk:"max_execution_time_ms"`
	MaxTenantErrorRate *float64 `tfsdk:"max_tenant_error_rate"`
	MinRequests        int64    `tfsdk:"min_requests"`
	MinTenants         int64    `tfsdk:"min_tenants"`
}

// thresholdsOf are those of a gate; nil where nothing is measured.
func thresholdsOf(g *engine.Gate) *thresholdsModel {
	if len(g.Checks) == 0 {
		return nil
	}
	t := &thresholdsModel{MinRequests: g.MinRequests, MinTenants: int64(g.MinTenants)}
	for _, c := range g.Checks {
		bound := c.Bound
		switch c.Metric {
		case engine.ErrorRate:
			t.MaxErrorRate = &bound
		case engine.LatencyP99:
			t.MaxLatencyP99Ms = &bound
		case engine.SuccessRate:
			t.MinSuccessRate = &bound
		case engine.CPU:
			t.MaxCPU = &bound
		case engine.Memory:
			t.MaxMemory = &bound
		case engine.ExecutionTime:
			t.MaxExecutionTimeMs = &bound
		case engine.TenantErrorRate:
			t.MaxTenantErrorRate = &bound
		}
	}
	return t
}

// leads is what failure of a gate and too little data lead to; nil where there is no gate.
func leads(g *engine.Gate) (fail, inconclusive *string) {
	if g.IsZero() {
		return nil, nil
	}
	onFail, onInconclusive := g.Leads()
	return &onFail, &onInconclusive
}

type targetsModel struct {
	Tenants   int64 `tfsdk:"tenants"`
	Instances int64 `tfsdk:"instances"`
}

// stageObject is the type of an element of the attribute stages.
var stageObject = stagesSchema().GetType().(types.ListType).ElemType //nolint:forcetypeassert // the schema is right above

// stagesOf says a plan in the words of the attribute stages.
func stagesOf(p *engine.Plan) []stageModel {
	rows := make([]stageModel, len(p.Stages))
	spans := engine.Timeline(p)
	for i, s := range p.Stages {
		rows[i] = stageModel{
			Name:        s.Name,
			Share:       s.Exposure.Share,
			Targets:     targetsModel{Tenants: int64(s.Exposure.Tenants), Instances: int64(s.Exposure.Instances)},
			Settle:      engine.FormatDuration(s.Settle),
			Bake:        engine.FormatDuration(s.Bake),
			Gate:        s.Gate.String(),
			Hold:        s.Hold,
			Final:       s.NoWayBack(),
			EarliestEnd: engine.FormatDuration(spans[i].Earliest),
			LatestEnd:   engine.FormatDuration(spans[i].Latest),

			Thresholds:       thresholdsOf(&s.Gate),
			BakeSeconds:      s.Bake.Seconds(),
			LatestEndSeconds: spans[i].Latest.Seconds(),
		}
		rows[i].OnFail, rows[i].OnInconclusive = leads(&s.Gate)
	}
	return rows
}

func stagesValue(ctx context.Context, p *engine.Plan, diags *diag.Diagnostics) types.List {
	v, d := types.ListValueFrom(ctx, stageObject, stagesOf(p))
	diags.Append(d...)
	return v
}

// show says in the plan which rollout it is.
func (m *deploymentModel) show(ctx context.Context, p *engine.Plan, diags *diag.Diagnostics) {
	m.Stages, m.PreviousVersion = stagesValue(ctx, p, diags), orNull(p.Baseline)
	m.Summary = linesValue(engine.SummaryLines(p))
}

// staleness says how the stages that were planned differ from those that the fleet
// now needs; nothing where they are the same. Shares are left out: they follow the
// traffic, which is never quite the same.
func staleness(ctx context.Context, planned types.List, p *engine.Plan) ([]string, diag.Diagnostics) {
	if planned.IsNull() || planned.IsUnknown() {
		return nil, nil
	}
	var then []stageModel
	if diags := planned.ElementsAs(ctx, &then, false); diags.HasError() {
		return nil, diags
	}
	now := stagesOf(p)
	var lines []string
	for i := range max(len(then), len(now)) {
		switch {
		case i >= len(now):
			lines = append(lines, fmt.Sprintf("stage %q is not needed any more", then[i].Name))
		case i >= len(then):
			lines = append(lines, fmt.Sprintf("stage %q is needed too", now[i].Name))
		case then[i].outline() != now[i].outline():
			lines = append(lines, fmt.Sprintf("stage %d was %s, and now is %s", i+1, then[i].outline(), now[i].outline()))
		}
	}
	return lines, nil
}

func (s stageModel) outline() string {
	return fmt.Sprintf("%q (%s, %s; settle %s, bake %s)", s.Name, engine.Plural(s.Targets.Tenants, "tenant"),
		engine.Plural(s.Targets.Instances, "instance"), s.Settle, s.Bake)
}
