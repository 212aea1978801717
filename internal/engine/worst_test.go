package engine_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestWorstTenantAtTheEnd: a tenant that fails in nearly all of its requests never passes, also
// where those are too few to prove it among very many tenants; one whose rate chance explains does.
func TestWorstTenantAtTheEnd(t *testing.T) {
	g := testGate
	g.Compare, g.Checks = nil, []engine.Check{{Metric: engine.TenantErrorRate, Bound: 0.2}}
	for _, c := range []struct {
		errors, requests int64
		want             engine.Result
	}{
		{0, 25, engine.Pass},
		{4, 25, engine.Pass},
		{9, 25, engine.Pass},
		{11, 25, engine.Pass},
		{20, 20, engine.Inconclusive},
		{22, 22, engine.Inconclusive},
		{40, 40, engine.Fail},
	} {
		for _, end := range []bool{false, true} {
			e := engine.Evidence{End: end, Noise: 0.25, Prior: engine.Prior{Candidate: 0.01, Baseline: 0.01, All: 0.01}}
			e.Baseline = engine.Measurement{Requests: 90_000, Errors: 900}
			e.Candidate = engine.Measurement{Requests: 90_000, Errors: 900, Tenants: 150, Worst: &engine.TenantCount{Tenant: "a", Requests: c.requests, Errors: c.errors}}
			v := engine.SequentialJudge{}.Judge(&g, &e)
			want := c.want
			if !end && want == engine.Pass {
				want = engine.Inconclusive // the bake is not over
			}
			if v.Result != want {
				t.Errorf("%d of %d, at the end %v: %s (%s), want %s", c.errors, c.requests, end, v.Result, v.Reason, want)
			}
		}
	}
}
