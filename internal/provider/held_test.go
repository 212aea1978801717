package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

var holding = map[string]any{"auto_rollback": false}

// TestOnHoldFails: with on_hold = "fail" an apply that leaves a rollout held fails with the
// same text, and so does every further one, until somebody decides.
func TestOnHoldFails(t *testing.T) {
	ctx := context.Background()
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(ctx, deployment("1.6.0", map[string]any{"on_hold": "fail"})))
	held := deployment("9.9.9", map[string]any{"on_hold": "fail", "canary": holding})
	for range 3 {
		expectError(t, c.apply(ctx, held), `is held at stage "10%"`, "To go on, add", "Exposed      15 of 150 tenants")
		expect(t, c, map[string]string{"status": "held", "version": "9.9.9", "active_version": "1.6.0"})
	}
	held["decision"] = map[string]any{
		"rollout_id": c.get("rollout_id"), "action": "rollback", "reason": "too many refunds", "by": "anna",
	}
	diags := c.apply(ctx, held)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "was rolled back, as asked", "asked for by anna", "too many refunds", "It was held there for what was measured", "fail: error rate")
}

// TestHoldTimeout: an apply waits for a decision as long as hold_timeout says, watched by
// the guards, and then does what on_hold_timeout says.
func TestHoldTimeout(t *testing.T) {
	ctx := context.Background()
	t.Run("rollback", func(t *testing.T) {
		c := newCore(t, newMemoryWorlds(t))
		diags := c.apply(ctx, deployment("9.9.9", map[string]any{"canary": holding, "hold_timeout": "30m"}))
		expectError(t, diags, "was rolled back at stage", "nobody decided within 30m", "for 30m10s")
	})
	t.Run("hold", func(t *testing.T) {
		c := newCore(t, newMemoryWorlds(t))
		diags := c.apply(ctx, deployment("9.9.9", map[string]any{"canary": holding, "hold_timeout": "30m", "on_hold_timeout": "hold"}))
		expectGood(t, diags)
		expectText(t, warningsIn(diags), `is held at stage "10%"`, "for 30m10s, and as long as it waits")
		expect(t, c, map[string]string{"status": "held"})
	})
	t.Run("a test keeps A", func(t *testing.T) {
		c := newCore(t, newMemoryWorlds(t, better))
		expectGood(t, c.apply(ctx, deployment("1.6.0", map[string]any{
			"strategy": "ABTesting", "ab_testing": map[string]any{"auto_promote": false}, "hold_timeout": "2h",
		})))
		expect(t, c, map[string]string{"outcome": "retained", "active_version": "1.5.0"})
	})
	t.Run("the guards watch meanwhile", func(t *testing.T) {
		// Too little data holds it; then the version goes bad.
		c := newCore(t, newMemoryWorlds(t, func(cfg *simulator.Config) {
			cfg.RequestsPerSecond = 2
			cfg.Faults = []simulator.Fault{{Kind: simulator.ErrorSpike, Version: "1.6.0", Magnitude: 0.9, FromSeconds: 2400}}
		}))
		diags := c.apply(ctx, deployment("1.6.0", map[string]any{"hold_timeout": "10h"}))
		expectError(t, diags, "A guard stopped", "error rate")
		if strings.Contains(errorsIn(diags), "nobody decided") {
			t.Error(errorsIn(diags))
		}
	})
}

// TestGuardsRollBack: where gates hold, guards can roll back all the same.
func TestGuardsRollBack(t *testing.T) {
	ctx := context.Background()
	spike := withFaults(simulator.Fault{Kind: simulator.ErrorSpike, Version: "1.6.0", Magnitude: 0.9, FromSeconds: 700})
	settings := map[string]any{"canary": holding, "analysis": map[string]any{"mode": "threshold"}}
	c := newCore(t, newMemoryWorlds(t, spike))
	expectGood(t, c.apply(ctx, deployment("1.6.0", settings)))
	expect(t, c, map[string]string{"status": "held"})
	settings["guards"] = "rollback"
	expectError(t, newCore(t, newMemoryWorlds(t, spike)).apply(ctx, deployment("1.6.0", settings)), "was rolled back", "A guard stopped")
}

// TestInvalidHolds names what is wrong with the settings of holds.
func TestInvalidHolds(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	expectError(t, c.validate(deployment("1.6.0", map[string]any{
		"hold_timeout": "10ms", "on_hold_timeout": "promote", "guards": "never", "on_hold": "maybe",
	})), "PT0.01S is not in PT1S", `"promote" is not one of rollback, hold`, `"never" is not one of as_gates, rollback`, "on_hold")
	expectError(t, c.validate(deployment("1.6.0", map[string]any{"on_hold_timeout": "hold"})), "on_hold_timeout: says what follows hold_timeout, and there is none")
}
