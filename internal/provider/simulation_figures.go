package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// simulationFigures are the answer of hotswap_simulation.
type simulationFigures struct {
	Outcomes         map[string]shareModel `tfsdk:"outcomes"`
	FalseRollback    *shareModel           `tfsdk:"false_rollback"`
	GoodStopped      *shareModel           `tfsdk:"good_stopped"`
	MissedRegression *shareModel           `tfsdk:"missed_regression"`

	KeptThoughBetter   *shareModel `tfsdk:"kept_though_better"`
	AdoptedThoughWorse *shareModel `tfsdk:"adopted_though_worse"`

	DurationSeconds *spreadModel `tfsdk:"duration_seconds"`
	DetectedSeconds *spreadModel `tfsdk:"detected_seconds"`
	RollbackSeconds *spreadModel `tfsdk:"rollback_seconds"`
	TenantsExposed  *spreadModel `tfsdk:"tenants_exposed"`
	Requests        *spreadModel `tfsdk:"requests"`
	FailedRequests  *spreadModel `tfsdk:"failed_requests"`

	TookEffect []effectModel `tfsdk:"took_effect"`

	PromisesChecked types.Int64  `tfsdk:"promises_checked"`
	PromisesBroken  types.Int64  `tfsdk:"promises_broken"`
	Broken          []string     `tfsdk:"broken"`
	AsExpected      *shareModel  `tfsdk:"as_expected"`
	Holds           types.Bool   `tfsdk:"holds"`
	Worst           []worstModel `tfsdk:"worst"`
	Played          types.String `tfsdk:"played"`
	Trace           types.String `tfsdk:"trace"`
}

// shareModel is how often something happened. Where it could not, its figures are null,
// and the object is not: coalesce(x.missed_regression.high, 0) works whatever it is.
type shareModel struct {
	Count *int64   `tfsdk:"count"`
	Share *float64 `tfsdk:"share"`
	Low   *float64 `tfsdk:"low"`
	High  *float64 `tfsdk:"high"`
}

// spreadModel is how a figure differs from run to run. Where no run has it, the count
// is 0 and the rest is null.
type spreadModel struct {
	Count int64    `tfsdk:"count"`
	Mean  *float64 `tfsdk:"mean"`
	Least *float64 `tfsdk:"least"`
	P50   *float64 `tfsdk:"p50"`
	P95   *float64 `tfsdk:"p95"`
	P99   *float64 `tfsdk:"p99"`
	Most  *float64 `tfsdk:"most"`
}

// effectModel is how often a part of the scenario took effect.
type effectModel struct {
	Path  string  `tfsdk:"path"`
	What  string  `tfsdk:"what"`
	Count int64   `tfsdk:"count"`
	Share float64 `tfsdk:"share"`
	Low   float64 `tfsdk:"low"`
	High  float64 `tfsdk:"high"`
}

// worstModel is a run that stands out.
type worstModel struct {
	Why  string `tfsdk:"why"`
	Seed int64  `tfsdk:"seed"`
}

// fill says the figures of a campaign in the words of the data source.
func (m *simulationModel) fill(s *scenario.Scenario, f *campaign.Figures) {
	m.Bad, m.Runs, m.Seed = types.BoolValue(f.Bad), types.Int64Value(int64(f.Runs)), types.Int64Value(f.Seed)
	m.Outcomes = map[string]shareModel{}
	for _, o := range f.Outcomes {
		m.Outcomes[o.Of] = *shareOf(o)
	}
	m.FalseRollback, m.GoodStopped, m.MissedRegression, m.AsExpected = shareOf(f.FalseRollback), shareOf(f.GoodStopped), shareOf(f.Missed), shareOf(f.Expected)
	m.KeptThoughBetter, m.AdoptedThoughWorse = shareOf(f.KeptThoughBetter), shareOf(f.AdoptedThoughWorse)
	m.TookEffect = []effectModel{}
	for _, e := range f.TookEffect {
		m.TookEffect = append(m.TookEffect, effectModel{e.Path, e.What, e.Count, e.Share.Share, e.Low, e.High})
	}
	m.DurationSeconds, m.DetectedSeconds, m.RollbackSeconds = spreadOf(f.TookSeconds), spreadOf(f.DetectedSeconds), spreadOf(f.RollbackSeconds)
	m.TenantsExposed, m.Requests, m.FailedRequests = spreadOf(f.Tenants), spreadOf(f.Requests), spreadOf(f.FailedRequests)
	m.PromisesChecked, m.PromisesBroken = types.Int64Value(int64(f.Promises)), types.Int64Value(int64(f.Violations))
	m.Broken = append([]string{}, f.Broken...)
	m.Holds = types.BoolValue(f.Holds())
	m.Worst = []worstModel{}
	for _, w := range f.Worst {
		m.Worst = append(m.Worst, worstModel{Why: w.Why, Seed: w.Seed})
	}
	m.Played, m.Trace = types.StringValue(string(s.Encode())), types.StringValue(f.Trace)
}

func shareOf(s campaign.Share) *shareModel {
	if s.Absent {
		return &shareModel{}
	}
	return &shareModel{Count: &s.Count, Share: &s.Share, Low: &s.Low, High: &s.High}
}

func spreadOf(s campaign.Spread) *spreadModel {
	if s.Count == 0 {
		return &spreadModel{}
	}
	return &spreadModel{Count: int64(s.Count), Mean: &s.Mean, Least: &s.Least, P50: &s.P50, P95: &s.P95, P99: &s.P99, Most: &s.Most}
}

// goodVersion is a version that nothing is said about.
func goodVersion() scenario.Version {
	return scenario.Version{Behaviour: simulator.DefaultBehaviour()}
}
