package scenario_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestHotThenIll: a tenant that sent more than usual for a while, and others that begin to
// fail when it does no more, within one stretch of routing.
func TestHotThenIll(t *testing.T) {
	s, err := scenario.Parse("hot.yaml", []byte(`installed: "1"
tenants: {count: 20}
versions: {"1": {error_rate: 0.01}, "2": {error_rate: 0.01}}
faults:
  - {kind: hot_tenant, tenants: [tenant-01], from_seconds: 30, to_seconds: 100}
  - {kind: tenant_fails, tenants: [tenant-02, tenant-01], from_seconds: 100, to_seconds: 200, magnitude: 0.5}
  - {kind: hot_tenant, tenants: [tenant-03], from_seconds: 150, to_seconds: 250}
deployment: {plugin_id: p, environment: Production, version: "2", strategy: Canary}
`))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(5) {
		r, err := scenario.Run(t.Context(), s, seed, scenario.Options{})
		if err != nil || len(r.Violations) > 0 {
			t.Errorf("seed %d: %v, %v", seed, err, r.Violations)
		}
	}
}
