package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestFiguresFit: what is reckoned with the tenants who sent the requests is no arithmetic of the
// figures beside it, which says so; where it is their arithmetic, nothing is said.
func TestFiguresFit(t *testing.T) {
	g := testGate
	g.Compare = nil
	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}
	e := engine.Evidence{End: true}
	e.Baseline, e.Candidate = engine.Measurement{Requests: 9000, Errors: 51}, engine.Measurement{Requests: 500, Errors: 75, Tenants: 10}
	for _, c := range []struct {
		candidate, all float64 // how the candidate's tenants and all of them did before
		ratio, bound   string
	}{
		{0.0100, 0.01, "", ""},
		{0.0098, 0.01, "27 times as often among like tenants", "its tenants had 2 % fewer errors than the average tenant before the rollout, so that the bound for them is 2 % lower"},
		{0.0130, 0.01, "20.4 times as often among like tenants", "its tenants had 30 % more errors than the average tenant before the rollout, so that the bound for them is 30 % higher"},
	} {
		e.Prior = engine.Prior{Candidate: c.candidate, Baseline: 0.01, All: c.all}
		v := engine.SequentialJudge{}.Judge(&g, &e)
		for i, want := range []string{c.ratio, c.bound} {
			detail := v.Findings[i].Detail
			if want == "" && strings.Contains(detail, "tenants") || !strings.Contains(detail, want) {
				t.Errorf("%q is not in %q", want, detail)
			}
		}
	}
}

// TestNothingToCompareWith is no pass, and none is missing for it.
func TestNothingToCompareWith(t *testing.T) {
	g := testGate
	g.Compare = nil
	g.Checks = nil
	for _, requests := range []int64{0, 100, 5000} {
		e := engine.Evidence{End: true, Prior: engine.Prior{Candidate: 0.01, Baseline: 0.01, All: 0.01}}
		e.Baseline, e.Candidate = engine.Measurement{Requests: requests}, engine.Measurement{Requests: 5000, Tenants: 50}
		v := engine.SequentialJudge{}.Judge(&g, &e)
		want := map[bool]engine.Result{true: engine.Pass, false: engine.Uncompared}[requests >= 1000]
		if v.Result != engine.Pass || v.Findings[0].Result != want {
			t.Error(fmt.Sprint(requests), v.Result, v.Findings)
		}
	}
}

// TestAdjusted: an edge is noted as adjusted where a reader's own arithmetic gives another one.
func TestAdjusted(t *testing.T) {
	for _, c := range []struct {
		row  engine.Comparison
		want bool
	}{
		{engine.Comparison{Metric: engine.ErrorRate, A: 0.00457, B: 0.00406, Advantage: 0.193, P: 0.01}, true},
		{engine.Comparison{Metric: engine.ErrorRate, A: 0.00457, B: 0.00406, Advantage: 0.1116, P: 0.01}, false},
		{engine.Comparison{Metric: engine.ErrorRate, A: 0.00457, B: 0.00406, Advantage: 0.193}, false}, // no judge that adjusts
		{engine.Comparison{Metric: engine.ConversionRate, A: 0.03, B: 0.061, Advantage: 1, P: 0.01}, false},
		{engine.Comparison{Metric: engine.ErrorRate, A: 0, B: 0.01, Advantage: -1, P: 0.9}, false},
	} {
		if got := c.row.Adjusted(); got != c.want {
			t.Errorf("%+v: %v", c.row, got)
		}
	}
}
