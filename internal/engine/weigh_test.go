package engine_test

import (
	"math"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestEvidenceIsTold: a finding says how far it is from proof. It fails where its evidence is
// at the boundary, climbs as failures come, and is told as a number that JSON has.
func TestEvidenceIsTold(t *testing.T) {
	g := testGate
	g.Compare = nil
	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}, {Metric: engine.TenantErrorRate, Bound: 0.1}}
	e := engine.Evidence{End: true, Prior: engine.Prior{Candidate: 0.01, Baseline: 0.01, All: 0.01}}
	e.Baseline = engine.Measurement{Requests: 9000, Errors: 90}
	last, told := map[string]float64{}, map[string]int{}
	for errors := int64(0); errors <= 1000; errors += 10 {
		e.Candidate = engine.Measurement{
			Requests: 1000, Errors: errors, Tenants: 10, Worst: &engine.TenantCount{Tenant: "a", Requests: 100, Errors: errors / 10},
		}
		v := engine.SequentialJudge{}.Judge(&g, &e)
		for _, f := range v.Findings {
			if f.Boundary == 0 != (f.Evidence == 0) || f.Evidence < 0 || math.IsInf(f.Evidence, 0) || f.Evidence < last[f.Metric] {
				t.Errorf("%d of 1000: evidence %g after %g, boundary %g", errors, f.Evidence, last[f.Metric], f.Boundary)
			}
			const rounded = 0.011
			if failed := f.Result == engine.Fail; f.Boundary > 0 && (failed && f.Evidence < f.Boundary-rounded || !failed && f.Evidence > f.Boundary+rounded) {
				t.Errorf("%d of 1000: %s is %s with evidence %g, boundary %g", errors, f.Metric, f.Result, f.Evidence, f.Boundary)
			}
			last[f.Metric] = f.Evidence
			if f.Boundary > 0 && f.Evidence < f.Boundary {
				told[f.Metric]++
			}
		}
	}
	for _, m := range []engine.Metric{engine.ErrorRatio, engine.ErrorRate, engine.TenantErrorRate} {
		if told[string(m)] == 0 {
			t.Errorf("evidence of %s is not told on its way", m)
		}
	}

	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0}} // nothing is allowed
	v := engine.SequentialJudge{}.Judge(&g, &e)
	if f := v.Findings[1]; f.Result != engine.Fail || math.IsInf(f.Evidence, 0) || f.Evidence < f.Boundary {
		t.Errorf("where nothing is allowed: %+v", f)
	}
}
