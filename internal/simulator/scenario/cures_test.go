package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestGuardsAllowForWhomTheyMeasured: where a stage begins, the guards still look back on
// the tenants of the one before; a guard that allows for the new stage's rolled good
// versions back at that very second, one in twenty.
func TestGuardsAllowForWhomTheyMeasured(t *testing.T) {
	const text = "installed: 1.5.0\ntenants: {count: 37, spread: 2, error_spread: 1.06}\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary, canary: {stages: [10, 25, 40, 60, 100]}}\n" +
		"versions:\n  1.5.0: {error_rate: 0.03}\n  1.6.0: {error_rate: 0.03}\n"
	byGuard := 0
	for seed := range 200 {
		r := played(t, fmt.Sprintf("seed: %d\n%s", seed+1, text))
		if v := r.Summary.Verdict; r.Ending == scenario.Ending(engine.RolledBack) && v != nil && v.Guard {
			byGuard++
		}
	}
	if byGuard > 4 {
		t.Errorf("guards rolled %d of 200 good versions back", byGuard)
	}
}

// TestRegressionFromNothing: what a baseline without errors, or with hardly any, shows is
// seen.
func TestRegressionFromNothing(t *testing.T) {
	for _, c := range []struct{ before, after float64 }{{0, 0.04}, {0.00001, 0.02}, {0.0001, 0.01}, {0.0002, 0.012}, {0, 0.002}} {
		text := fmt.Sprintf("installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary}\nversions:\n  1.5.0: {error_rate: %.5f}\n  1.6.0: {error_rate: %.5f}\n", c.before, c.after)
		if n := outcomes(t, 40, text); n[scenario.Ending(engine.RolledBack)] != 40 {
			t.Errorf("%g -> %g ends as %v", c.before, c.after, n)
		}
		same := fmt.Sprintf("installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary}\nversions:\n  1.5.0: {error_rate: %.5f}\n  1.6.0: {error_rate: %.5f}\n", c.before, c.before)
		if n := outcomes(t, 40, same); n[scenario.Ending(engine.Succeeded)] < 39 {
			t.Errorf("%g -> %g ends as %v", c.before, c.before, n)
		}
	}
}

// TestFewTenants: a gradual switch has no more steps than there are tenants, and each
// reaches as many as the plan says; an A/B test that no day could decide is refused.
func TestFewTenants(t *testing.T) {
	for tenants := 1; tenants <= 12; tenants++ {
		r := played(t, fmt.Sprintf("installed: 1.5.0\ntenants: {count: %d}\ndeployment: {plugin_id: p, environment: QA, version: 1.6.0, strategy: BlueGreen, blue_green: {switchover_type: Gradual, switchover_period: 10m}}\n", tenants))
		if r.Ending != scenario.Ending(engine.Succeeded) {
			t.Errorf("%d tenants: %s: %s", tenants, r.Ending, r.Reason)
		}
		reached := 0
		for i, s := range r.Plan.Stages {
			if !strings.HasPrefix(s.Name, "switch ") {
				continue
			}
			if s.Exposure.Tenants <= reached {
				t.Errorf("%d tenants: stage %s reaches nobody new", tenants, s.Name)
			}
			reached = s.Exposure.Tenants
			for _, e := range r.Events {
				if e.Stage == i && e.Kind == engine.Settled && (e.Exposed.Tenants < 1 || e.Exposed.Tenants > reached) {
					t.Errorf("%d tenants: stage %s reaches %d tenants, and the plan says %d", tenants, s.Name, e.Exposed.Tenants, reached)
				}
			}
		}
	}
	for _, c := range []struct {
		tenants, a, b int
		says          string
	}{
		{150, 99, 1, "gives B 1 tenant of 150"}, {2, 50, 50, "needs at least 4 tenants"}, {3, 50, 50, "needs at least 4 tenants"}, {150, 96, 4, ""}, {4, 50, 50, ""},
	} {
		text := fmt.Sprintf("installed: 1.5.0\ntenants: {count: %d, spread: 0}\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: ABTesting, ab_testing: {traffic_split: {a: %d, b: %d}, test_duration: 1h}}\n", c.tenants, c.a, c.b)
		r := played(t, text)
		if refused := strings.Contains(r.Reason, c.says) && c.says != ""; refused != (c.says != "") || refused != (r.Ending == "refused") {
			t.Errorf("%d tenants, %d:%d: %s: %s", c.tenants, c.a, c.b, r.Ending, r.Reason)
		}
	}
}
