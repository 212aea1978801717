package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// planned is a test of B with a share of the traffic of tenants that differ, one of whom may send
// as much as all others together times whale.
func planned(t *testing.T, draw *rand.Rand, tenants, b int, whale float64) (*Plan, *Compare) {
	t.Helper()
	fleet := Snapshot{
		Head:      Head{Environment: Production, Plugin: "stripe", Routes: []Route{{Slot: "blue", Percent: 100}}},
		Instances: []Instance{{ID: "a", Slot: "blue", Installed: []string{"1.5.0", "1.6.0"}, Default: "1.5.0", Ready: true}},
	}
	sum := 0.0
	for i := range tenants {
		tenant := Tenant{ID: fmt.Sprintf("t%d", i), Weight: math.Exp(draw.NormFloat64()), PriorRequests: 1 + draw.Int64N(1e6)}
		tenant.PriorErrors = draw.Int64N(1 + tenant.PriorRequests/10)
		if draw.IntN(10) == 0 {
			tenant.Pin = "1.5.0"
		}
		fleet.Tenants, sum = append(fleet.Tenants, tenant), sum+tenant.Weight
	}
	if whale > 0 {
		fleet.Tenants[0].Weight, fleet.Tenants[0].Pin = sum*whale, ""
	}
	plan, err := Compile(fmt.Sprint("r", draw.Uint64()), Spec{
		PluginID: "stripe", Environment: Production, Version: "1.6.0", Strategy: ABTesting,
		ABTesting: &ABTestingSettings{TrafficSplit: &TrafficSplit{A: 100 - b, B: b}},
	}, fleet)
	if err != nil {
		t.Fatal(err)
	}
	for i := range plan.Stages {
		if c := plan.Stages[i].Gate.Compare; c != nil {
			return &plan, c
		}
	}
	t.Fatal("the plan has no test")
	return nil, nil
}

// TestLotsAreThePlans: with the hashes and the salt of the rollout, lots are what its plan drew.
func TestLotsAreThePlans(t *testing.T) {
	for _, tenants := range []int{30, 250, 3000} {
		draw := rand.New(rand.NewPCG(1, uint64(tenants)))
		for range 20 {
			plan, c := planned(t, draw, tenants, 30+draw.IntN(40), draw.Float64()/3)
			l := plan.newLots(c)
			expose(l.list, l.order, l.strata, &l.sorter, saltOf(plan.Rollout))
			for i := range l.list {
				if l.list[i].at != int32(i) {
					t.Fatalf("%d tenants, %s: place %d is that of tenant %d", tenants, plan.Rollout, i, l.list[i].at)
				}
			}
			if n := l.share(); n != c.TenantsB {
				t.Fatalf("%d tenants, %s: B has %d tenants, and not %d", tenants, plan.Rollout, n, c.TenantsB)
			}
		}
	}
}

// TestLotsDrawWhalesAsPlansDo: how often the one that sends a fifth of everything has B, and how
// many have it with it and without it, is what it is in plans.
func TestLotsDrawWhalesAsPlansDo(t *testing.T) {
	const runs, tenants, b = 600, 60, 40
	draw := rand.New(rand.NewPCG(3, 4))
	type seen struct{ with, ofWith, ofWithout float64 }
	note := func(s *seen, with bool, n int) {
		if with {
			s.with, s.ofWith = s.with+1, s.ofWith+float64(n)
		} else {
			s.ofWithout += float64(n)
		}
	}
	var plans, lots seen
	for range runs {
		plan, c := planned(t, draw, tenants, b, 0.25)
		whale := 0
		for i := range plan.Tenants {
			if plan.Tenants[i].ID == "t0" {
				whale = i
			}
		}
		note(&plans, whale < c.TenantsB, c.TenantsB)
		has := plan.newLots(c).draw(draw.IntN(3))
		n := 0
		for _, b := range has {
			n += armOf(b)
		}
		note(&lots, has[whale], n)
	}
	// Its deviation is 0.02 of the runs, and that of a mean number of tenants about half of one.
	if p, l := plans.with/runs, lots.with/runs; math.Abs(p-l) > 0.09 || p < 0.1 || p > 0.6 {
		t.Errorf("it has B in %.3f of plans, and in %.3f of draws", p, l)
	}
	if p, l := plans.ofWith/plans.with, lots.ofWith/lots.with; math.Abs(p-l) > 2 {
		t.Errorf("with it %.1f have B in plans, and %.1f in draws", p, l)
	}
	if p, l := plans.ofWithout/(runs-plans.with), lots.ofWithout/(runs-lots.with); math.Abs(p-l) > 2 {
		t.Errorf("without it %.1f have B in plans, and %.1f in draws", p, l)
	}
}
