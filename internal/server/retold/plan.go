package retold

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// Plan is a plan in the API's words.
func Plan(p *engine.Plan, at time.Time) contract.Plan {
	told := contract.Plan{
		At: at, Rollout: p.Rollout, Environment: string(p.Spec.Environment), Plugin: p.Spec.PluginID, Strategy: string(p.Spec.Strategy),
		Baseline: p.Baseline, Candidate: p.Candidate, Restores: p.Restores, Outline: p.Outline(), Headline: engine.Headline(p),
		Summary: engine.SummaryLines(p), Warnings: []contract.Warning{}, Longest: engine.Duration(engine.Longest(p)), Stages: Stages(p),
	}
	for _, w := range p.Warnings {
		told.Warnings = append(told.Warnings, contract.Warning(w))
	}
	return told
}

// Stages are the stages of a plan in the API's words.
func Stages(p *engine.Plan) []contract.Stage {
	rows := make([]contract.Stage, len(p.Stages))
	spans := engine.Timeline(p)
	for i := range p.Stages {
		s := &p.Stages[i]
		rows[i] = contract.Stage{
			Name: s.Name, Tenants: s.Exposure.Tenants, Instances: s.Exposure.Instances, Share: s.Exposure.Share, Settle: engine.Duration(s.Settle),
			Bake: engine.Duration(s.Bake), Gate: s.Gate.String(), Hold: s.Hold, Final: s.NoWayBack(),
			EarliestEnd: engine.Duration(spans[i].Earliest), LatestEnd: engine.Duration(spans[i].Latest),
		}
		if s.Gate.IsZero() {
			continue
		}
		rows[i].OnFail, rows[i].OnInconclusive = s.Gate.Leads()
		rows[i].MinRequests, rows[i].MinTenants = s.Gate.MinRequests, s.Gate.MinTenants
		for _, c := range s.Gate.Checks {
			rows[i].Checks = append(rows[i].Checks, contract.Check{Metric: string(c.Metric), Bound: c.Bound})
		}
	}
	return rows
}
