package engine

import (
	"fmt"
	"slices"
	"testing"
)

// TestAssigned: an A/B test compares tenants that were given their variant by chance, and whom
// that served: nobody who joined since, nor whom somebody else pins.
func TestAssigned(t *testing.T) {
	fleet := Snapshot{
		Head:      Head{Environment: Production, Plugin: "stripe", Routes: []Route{{Slot: "blue", Percent: 100}}},
		Instances: []Instance{{ID: "a", Slot: "blue", Installed: []string{"1.5.0", "1.6.0"}, Default: "1.5.0", Ready: true}},
	}
	for i := range 20 {
		tenant := Tenant{ID: fmt.Sprintf("t%02d", i), Weight: 1}
		if i < 5 {
			tenant.Pin = "1.5.0"
		}
		fleet.Tenants = append(fleet.Tenants, tenant)
	}
	plan, err := Compile("r", Spec{
		PluginID: "stripe", Environment: Production, Version: "1.6.0", Strategy: ABTesting,
		ABTesting: &ABTestingSettings{TrafficSplit: &TrafficSplit{A: 60, B: 40}},
	}, fleet)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plan.Stages, func(s Stage) bool { return s.Gate.Compare != nil })
	toB := plan.Stages[i].Gate.Compare.TenantsB
	if a := plan.Stages[i].Gate.Compare.TenantsA; a+toB != 15 || toB < 2 {
		t.Errorf("%d and %d tenants of the 15 that may be moved", a, toB)
	}
	counts := func(from, to int, more ...string) (list []TenantCount) {
		for _, of := range plan.Tenants[from:to] {
			list = append(list, TenantCount{Tenant: of.ID, Requests: 1})
		}
		for _, id := range more {
			list = append(list, TenantCount{Tenant: id, Requests: 1})
		}
		return list
	}
	a, b := plan.Tenants[toB].ID, plan.Tenants[0].ID
	gate := &plan.Stages[i].Gate
	arms := [2][]TenantCount{counts(toB, len(plan.Tenants), "joined", b), counts(0, toB, "came later", a)}
	served := [2][]TenantCount{}
	pairs := pairsOf(gate, arms, plan.Tenants[:plan.Movable])
	remember(pairs, counts(1, 2))
	for _, p := range pairs {
		served[armOf(p.B)] = append(served[armOf(p.B)], *p.Now)
		if known := p.Before != nil; known != (p.Now.Tenant == plan.Tenants[1].ID) || plan.Tenants[p.At].ID != p.Now.Tenant {
			t.Errorf("%s: %+v", p.Now.Tenant, p)
		}
	}
	if want := counts(toB, plan.Movable); !slices.Equal(served[0], want) {
		t.Errorf("A: %v, and not %v", served[0], want)
	}
	if want := counts(0, toB); !slices.Equal(served[1], want) {
		t.Errorf("B: %v, and not %v", served[1], want)
	}
}
