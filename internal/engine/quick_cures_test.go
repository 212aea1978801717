package engine_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestBaselineWithoutErrors: a baseline that never errs is compared with like any other
// once it had enough requests, and there is no ratio to tell of.
func TestBaselineWithoutErrors(t *testing.T) {
	g := testGate
	g.Compare = nil
	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}
	e := engine.Evidence{Prior: engine.Prior{Candidate: 0.001, Baseline: 0.001, All: 0.001}}
	for _, c := range []struct {
		errors, baseline, baselineErrors int64
		want                             engine.Result
	}{
		{40, 9000, 0, engine.Fail},
		{40, 9000, 1, engine.Fail},
		{40, 9000, 4, engine.Fail},
		{40, 1000, 0, engine.Fail},
		{0, 9000, 0, engine.Inconclusive},
		{1, 9000, 0, engine.Inconclusive},
		{40, 999, 0, engine.Inconclusive},
		{40, 0, 0, engine.Inconclusive},
	} {
		e.Candidate = engine.Measurement{Requests: 1000, Errors: c.errors}
		e.Baseline = engine.Measurement{Requests: c.baseline, Errors: c.baselineErrors}
		v := engine.SequentialJudge{}.Judge(&g, &e)
		if v.Result != c.want {
			t.Errorf("%d of 1000 against %d of %d: %s (%s), want %s", c.errors, c.baselineErrors, c.baseline, v.Result, v.Reason, c.want)
		}
		for _, f := range v.Findings {
			if math.IsInf(f.Observed, 0) || math.IsNaN(f.Observed) || strings.Contains(f.Detail, "Inf") {
				t.Errorf("%d of 1000 against %d of %d: %+v", c.errors, c.baselineErrors, c.baseline, f)
			}
			if infinite := f.Metric == string(engine.ErrorRatio) && c.baselineErrors == 0; f.Infinite != infinite {
				t.Errorf("%+v: infinite is not %v", f, infinite)
			}
		}
	}
}

// errorFree are the tenants of a test in which A never errs, and B's tenants err each so
// often in 10,000 requests; conversions are those of A's and B's tenants.
func errorFree(errors int64, a, b int64) []engine.Pair {
	var pairs []engine.Pair
	for i := range 40 {
		p := engine.Pair{B: i%2 == 1, Now: &engine.TenantCount{Requests: 10_000, Conversions: a + int64(i%5)}}
		if a == 0 {
			p.Now.Conversions = 0
		}
		if p.B {
			p.Now.Errors, p.Now.Conversions = errors, b+int64(i%5)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// TestAWithoutErrors: B can be adopted where A never errs, unless its own errors are past
// chance and beyond an absolute margin.
func TestAWithoutErrors(t *testing.T) {
	g := testGate
	g.Margin, g.MinRequests, g.MinTenants = 0.05, 0, 0
	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}
	g.Compare = &engine.Compare{Metrics: []engine.Metric{engine.ConversionRate}, WinnerThreshold: 0.05, TenantsA: 20, TenantsB: 20}
	for _, c := range []struct {
		errors, a, b int64
		winner, says string
	}{
		{0, 300, 600, "B", "conversion rate"},
		{20, 300, 600, "B", "conversion rate"},                  // 0.2 %, and 0.25 % may be
		{40, 300, 600, "A", "worse"},                            // 0.4 %
		{0, 0, 600, "B", "conversion rate"},                     // A never converts
		{0, 300, 300, "A", "no advantage of at least"},          // the same
		{0, 0, -1, "A", "nothing of conversion rate, of which"}, // nobody converts at all
	} {
		e := engine.Evidence{Pairs: errorFree(c.errors, c.a, c.b)}
		if c.b < 0 {
			for i := range e.Pairs {
				e.Pairs[i].Now.Conversions = 0
			}
		}
		v := engine.DecideTest(&g, &e, engine.Verdict{})
		if v.Winner != c.winner || !strings.Contains(v.Reason, c.says) {
			t.Errorf("%d errors, conversions %d and %d: %s, %s", c.errors, c.a, c.b, v.Winner, v.Reason)
		}
		if strings.Contains(v.Reason, "no data for conversion rate") || strings.Contains(v.Reason, "no data for error rate") {
			t.Errorf("there was data: %s", v.Reason)
		}
	}
}
