package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestEveryResumeIsATry: a person who resumes thirty times has the bake judged thirty times,
// and all bakes together spend no more than the rollout's alpha. The first ones spend what
// they would without any resume.
func TestEveryResumeIsATry(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 2, 30, "1.0.0", 0) // without traffic every bake is inconclusive
	r, err := enginetest.Begin(f, engine.NewMemoryJournals(), "r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	spent, last := 0.0, 1.0
	for n := range 31 {
		runTo(t, r, time.Duration(n+1)*time.Hour)
		if s := r.State(); s.Phase != engine.PhaseHeld || s.Bakes != n+1 {
			t.Fatalf("after %d resumes the rollout is %s, in bake %d", n, s.Phase, s.Bakes)
		}
		alpha := r.AlphaOfBake()
		if n == 0 && alpha != 0.005 || alpha >= last {
			t.Errorf("bake %d may spend %g, after %g", n+1, alpha, last)
		}
		spent, last = spent+alpha, alpha
		cost := r.Plan().ResumeCost(ptrTo(r.State()))
		if n == 1 && !strings.Contains(cost, "as bake 3 of this rollout: to find the new version worse takes evidence of 2400:1 then, where this bake took 1200:1") {
			t.Errorf("what another resume costs: %s", cost)
		}
		if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Resumed, By: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	if spent > 0.01 || spent < 0.0095 {
		t.Errorf("31 bakes may spend %g of 0.01", spent)
	}
}

// TestFewTenantsAreNoTest: a split that gives an arm so few tenants that chance alone draws
// the same arms often is told of in the plan, with the number that would do.
func TestFewTenantsAreNoTest(t *testing.T) {
	for _, c := range []struct {
		tenants, b int
		says       string
	}{
		{4, 50, "of 4 tenants, 2 have B, and chance divides them the same way once in 6: a metric has to be better past 1.67 % to count, so that A will stay whatever B does; with this split it takes 8 tenants"},
		{8, 50, ""},
		{11, 20, "of 11 tenants, 2 have B, and chance divides them the same way once in 55"},
		{40, 10, ""},
	} {
		s := served("1.5.0", "1.5.0")
		s.Tenants = nil
		for i := range c.tenants {
			s.Tenants = append(s.Tenants, engine.Tenant{ID: string(rune('a' + i)), Weight: 1})
		}
		plan, err := engine.Compile("r", engine.Spec{
			PluginID: "stripe", Environment: engine.Production, Version: "1.6.0", Strategy: engine.ABTesting,
			ABTesting: &engine.ABTestingSettings{TrafficSplit: &engine.TrafficSplit{A: 100 - c.b, B: c.b}},
		}, s)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, w := range plan.Warnings {
			if strings.Contains(w.String(), "too few tenants") {
				said = w.String()
			}
		}
		if (c.says == "") != (said == "") || !strings.Contains(said, c.says) {
			t.Errorf("%d tenants, %d %% have B: %q, want %q", c.tenants, c.b, said, c.says)
		}
	}
}

// TestNoiseOfMinutes: how unlike minutes are is read from their counts, and nothing is taken
// for quiet that is only unknown.
func TestNoiseOfMinutes(t *testing.T) {
	minutes := func(n int, errors func(i int) int64) (list []engine.MinuteCount) {
		for i := range n {
			list = append(list, engine.MinuteCount{Start: time.Unix(int64(60*i), 0), Requests: 60_000, Errors: errors(i)})
		}
		return list
	}
	even := func(int) int64 { return 1200 }
	for _, c := range []struct {
		name     string
		list     []engine.MinuteCount
		from, to float64
	}{
		{"nobody knows", nil, 0.25, 0.25},
		{"too few", minutes(30, even), 0.25, 0.25},
		{"all alike", minutes(1440, even), 0.125, 0.13},
		{"half of them twice as bad", minutes(1440, func(i int) int64 { return int64(800 + 800*(i%2)) }), 0.33, 0.46},
		{"no errors", minutes(1440, func(int) int64 { return 0 }), 0.5, 0.5},
		{"hardly any", minutes(1440, func(i int) int64 { return int64(truth(i%100 == 0)) }), 0.5, 0.5},
		{"one in ten is terrible", minutes(1440, func(i int) int64 { return int64(600 + 6000*truth(i%10 == 0)) }), 1.4, 2},
		{"a bad version was taken back", minutes(360, func(i int) int64 { return int64(1200 + 20_000*truth(i > 345)) }), 0.125, 0.13},
	} {
		if got := engine.NoiseOf(c.list); got < c.from || got > c.to {
			t.Errorf("%s: %.3f, want %g..%g", c.name, got, c.from, c.to)
		}
	}
}
