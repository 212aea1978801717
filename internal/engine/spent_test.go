package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestSpentSnapshot: a plan that has its snapshot's list is the plan that has a copy of it, to the
// last digest, and is in the room of that list; a copy leaves the list as it was.
func TestSpentSnapshot(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 150, 999} {
		for _, strategy := range []engine.Strategy{engine.Canary, engine.Rolling, engine.ABTesting} {
			snapshot := enginetest.NewFleet(engine.Production, "stripe", 10, 0, "1.5.0", 150).Snapshot()
			snapshot.Tenants = nil
			for i := range n {
				tenant := engine.Tenant{ID: fmt.Sprintf("t-%03d", i), Weight: float64(1 + i%5), PriorRequests: 1000, PriorErrors: int64(i % 7 * 20)}
				if i%11 == 3 {
					tenant.Pin = "1.5.0"
				}
				snapshot.Tenants = append(snapshot.Tenants, tenant)
			}
			worst := 0.05
			spec := engine.Spec{PluginID: "stripe", Environment: engine.Production, Version: "1.6.0", Strategy: strategy}
			if strategy == engine.Canary {
				spec.Canary = &engine.CanarySettings{Thresholds: &engine.Thresholds{MaxTenantErrorRate: &worst}}
			}
			before := slices.Clone(snapshot.Tenants)
			copied, err := engine.Compile("r", spec, snapshot)
			if !slices.Equal(snapshot.Tenants, before) {
				t.Errorf("%d tenants, %s: the list was changed", n, strategy)
			}
			snapshot.Spent = true
			spent, other := engine.Compile("r", spec, snapshot)
			if fmt.Sprint(err) != fmt.Sprint(other) || !reflect.DeepEqual(copied, spent) {
				t.Errorf("%d tenants, %s: a spent snapshot makes another plan: %v, %v", n, strategy, err, other)
			}
			if err == nil && n > 0 && &spent.Tenants[0] != &snapshot.Tenants[0] {
				t.Errorf("%d tenants, %s: the list was copied", n, strategy)
			}
		}
	}
}
