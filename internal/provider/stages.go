package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

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
			Final:       s.Final,
			EarliestEnd: engine.FormatDuration(spans[i].Earliest),
			LatestEnd:   engine.FormatDuration(spans[i].Latest),
		}
	}
	return rows
}

func stagesValue(ctx context.Context, p *engine.Plan, diags *diag.Diagnostics) types.List {
	v, d := types.ListValueFrom(ctx, stageObject, stagesOf(p))
	diags.Append(d...)
	return v
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
	return fmt.Sprintf("%q (%s, %s; settle %s, bake %s)", s.Name, count(s.Targets.Tenants, "tenant"),
		count(s.Targets.Instances, "instance"), s.Settle, s.Bake)
}

// count is "1 tenant", "15 tenants".
func count[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// length is a time span as a person says it: 40m, 1h30m, 5s.
func length(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d >= time.Second:
		d = d.Round(time.Second)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
