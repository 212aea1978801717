package prom

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// everything sets all metrics of the convention of two versions to what n steps make of them.
func everything(e *exposer, n float64) {
	for _, v := range []string{"v1", "v2"} {
		e.set(10*n, requests(v, "i1", OutcomeSuccess))
		e.set(2*n, requests(v, "i1", OutcomeError))
		e.set(n, requests(v, "i1", OutcomeTimeout))
		for i, le := range []string{"0.1", "0.5", "+Inf"} {
			e.set(n*float64(7+3*i), named(MetricDuration+"_bucket", v, "i1", "le", le))
			e.set(n*float64(7+3*i), named(MetricTenantDuration+"_bucket", v, "", "tenant", "t1", "le", le))
		}
		for _, m := range []string{MetricDuration, MetricExecution, MetricSatisfaction} {
			e.set(13*n, named(m+"_count", v, "i1"))
			e.set(2.5*n, named(m+"_sum", v, "i1"))
		}
		e.set(4*n, named(MetricConversions, v, "i1"))
		e.set(0.5, named(MetricCPU, v, "i1"))
		e.set(0.25, named(MetricMemory, v, "i1"))
		for i, tenant := range []string{"t1", "t2"} {
			e.set(n*float64(5-i), named(MetricTenantRequests, v, "", "tenant", tenant, "outcome", OutcomeSuccess))
			e.set(n*float64(i+1), named(MetricTenantRequests, v, "", "tenant", tenant, "outcome", OutcomeError))
			e.set(n, named(MetricTenantConversions, v, "", "tenant", tenant))
			e.set(3*n, named(MetricTenantSatisfaction+"_count", v, "", "tenant", tenant))
			e.set(12*n, named(MetricTenantSatisfaction+"_sum", v, "", "tenant", tenant))
			e.set(6*n, named(MetricTenantDuration+"_count", v, "", "tenant", tenant))
			e.set(1.5*n, named(MetricTenantDuration+"_sum", v, "", "tenant", tenant))
		}
	}
}

// wantAll asks for all that there is.
func wantAll(q *engine.Question) {
	q.Candidate = engine.WantCounts | engine.WantSlower | engine.WantMinutes | engine.WantHistogram | engine.WantMeans | engine.WantTenants | engine.WantByTenant
	q.Baseline, q.Bounds, q.TenantBound = q.Candidate, []float64{100, 500}, 500
}

// TestRealEverything asks a real Prometheus for all that there is, one by one and added up.
func TestRealEverything(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	everything(e, 0)
	p := real(t, e)
	tiled := meter(t, p.Address, func(s *Settings) { s.ScrapeInterval, s.FollowSeries = often, 1 })
	m, from := settledMeter(t, p)
	counted(t, m, from, wantAll)
	everything(e, 20)
	until(t, "all requests", func() bool {
		a := counted(t, m, from, wantAll)
		return a.Candidate.Requests == 260 && len(a.Candidate.PerTenant) == 2 && a.Candidate.PerTenant[1].Requests == 120
	})
	for name, a := range map[string]engine.Answer{"following": counted(t, m, from, wantAll), "anew": again(t, p, from, wantAll)} {
		for arm, m := range map[string]engine.Measurement{"candidate": a.Candidate, "baseline": a.Baseline} {
			checkEverything(t, name+", "+arm, m, a.Extrapolated)
		}
	}
	c, err := m.Capabilities(t.Context(), time.Now())
	if err != nil || len(c.Lacks) != 0 || !slices.Equal(c.LatencyBounds, []float64{100, 500}) || c.Resolution != often || c.Delay != time.Second {
		t.Errorf("capabilities: %+v, %v", c, err)
	}
	// Added up by tiles the counts are estimates, and said to be.
	from = from.Add(-time.Second)
	until(t, "all tiles", func() bool {
		a, err := ask(t, tiled, from, wantAll)
		return err == nil && math.Abs(float64(a.Candidate.Requests)-260) <= 60
	})
	a := counted(t, tiled, from, wantAll)
	if n := a.Candidate.Requests; !a.Extrapolated || a.Candidate.Newest.IsZero() {
		t.Errorf("added up: %d requests, %+v", n, a.Candidate)
	}
	if a := counted(t, tiled, from, func(q *engine.Question) { q.Instances = []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}} }); a.Coverage != 0.5 {
		t.Errorf("added up, one of two instances reports: %v", a.Coverage)
	}
}

func checkEverything(t *testing.T, name string, m engine.Measurement, extrapolated bool) {
	t.Helper()
	mean := func(what string, got engine.Mean, sum float64, count int64) {
		t.Helper()
		if math.Abs(got.Sum-sum) > 1e-6 || got.Count != count {
			t.Errorf("%s: %s is %+v, want %v of %d", name, what, got, sum, count)
		}
	}
	if m.Requests != 260 || m.Errors != 40 || m.Timeouts != 20 || m.Conversions != 80 || extrapolated {
		t.Errorf("%s: got %+v", name, m)
	}
	if !slices.Equal(m.Slower, []int64{120, 60}) || !slices.Equal(m.Histogram.Bounds, []float64{100, 500}) || !slices.Equal(m.Histogram.Slower, []int64{120, 60}) {
		t.Errorf("%s: slower %v, %+v", name, m.Slower, m.Histogram)
	}
	mean("latency", m.Latency, 50_000, 260)
	mean("execution", m.Execution, 50_000, 260)
	mean("satisfaction", m.Satisfaction, 50, 260)
	if m.CPU.Count == 0 || m.CPU.Sum/float64(m.CPU.Count) != 0.5 || m.Memory.Sum/float64(m.Memory.Count) != 0.25 {
		t.Errorf("%s: cpu %+v, memory %+v", name, m.CPU, m.Memory)
	}
	if n := len(m.Minutes); n == 0 || m.Minutes[n-1].Requests != 260 || m.Minutes[n-1].Errors != 40 {
		t.Errorf("%s: minutes %+v", name, m.Minutes)
	}
	if m.Tenants != 2 || m.Worst == nil || *m.Worst != (engine.TenantCount{Tenant: "t2", Requests: 120, Errors: 40}) || len(m.PerTenant) != 2 {
		t.Fatalf("%s: tenants %+v, worst %+v", name, m.PerTenant, m.Worst)
	}
	one := engine.TenantCount{
		Tenant: "t1", Requests: 120, Errors: 20, Conversions: 20, Slower: 60, Latency: engine.Mean{Sum: 30_000, Count: 120}, Satisfaction: engine.Mean{Sum: 240, Count: 60},
	}
	if m.PerTenant[0] != one {
		t.Errorf("%s: got %+v, want %+v", name, m.PerTenant[0], one)
	}
}
