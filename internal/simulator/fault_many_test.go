package simulator

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestEveryTenantFaultStrikes: of any number of faults on tenants that are active at
// once, each strikes whom it names, and nobody else.
func TestEveryTenantFaultStrikes(t *testing.T) {
	for _, n := range []int{1, 63, 64, 65, 66, 72, 73, 128, 130, 150} {
		cfg := installed(DefaultConfig())
		for i := range n {
			cfg.Faults = append(cfg.Faults, Fault{Kind: TenantFails, Tenants: []string{fmt.Sprintf("tenant-%03d", i+1)}, Magnitude: 1, Absolute: true})
		}
		w, plan := canaryAtMinute(t, cfg)
		failing := map[string]bool{}
		for _, arm := range []side{newArm, oldArm} {
			for tenant, c := range perTenant(t, look{w, plan}, arm) {
				if c.Requests > 20 && c.Errors == c.Requests {
					failing[tenant] = true
				}
			}
		}
		if len(failing) < n*8/10 {
			t.Errorf("of %d faults, %d tenants fail", n, len(failing))
		}
		for i := range 150 {
			if id := fmt.Sprintf("tenant-%03d", i+1); i >= n && failing[id] {
				t.Errorf("with %d faults, %s fails, whom none names", n, id)
			}
		}
		for i, struck := range w.Struck() {
			if !struck {
				t.Errorf("of %d faults, number %d never struck", n, i+1)
			}
		}
	}
}

// TestOneOfManyFaultsOnTenants: the last of many faults that strike all is felt.
func TestOneOfManyFaultsOnTenants(t *testing.T) {
	cfg := installed(DefaultConfig())
	for range 99 {
		cfg.Faults = append(cfg.Faults, Fault{Kind: TenantFails, Magnitude: 0.001, Absolute: true})
	}
	cfg.Faults = append(cfg.Faults, Fault{Kind: TenantFails, Magnitude: 0.9, Absolute: true})
	w, plan := canaryAtMinute(t, cfg)
	m := candidateArm(t, w, plan)
	if m.Errors*10 < m.Requests*8 {
		t.Errorf("%d of %d requests fail", m.Errors, m.Requests)
	}
}

// candidateArm is the candidate's first minute.
func candidateArm(t *testing.T, w *World, plan *engine.Plan) seen {
	t.Helper()
	return measure(t, w, plan, newArm, 0, time.Minute)
}
