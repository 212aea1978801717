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
		expectError(t, c.apply(ctx, held), `is held at stage "10%"`, "To go back, or to go on, apply with one of", "Exposed      15 of 150 tenants")
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
		expectError(t, diags, "was rolled back at stage", "nobody decided within 30m", "for 30m10s", "It was held there for what was measured", "fail: error rate", "Decide in time")
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
	spike := withFaults(simulator.Fault{Kind: simulator.ErrorSpike, Version: "1.6.0", Magnitude: 0.9, FromSeconds: 20})
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

// TestDecisionIsTakenOnce: another reason or name is no other decision; another stage is.
func TestDecisionIsTakenOnce(t *testing.T) {
	ctx := context.Background()
	c := newCore(t, newMemoryWorlds(t))
	config := deployment("9.9.9", map[string]any{"canary": holding})
	expectGood(t, c.apply(ctx, config))
	decide := func(by, stage string) {
		config["decision"] = map[string]any{"rollout_id": c.get("rollout_id"), "action": "promote", "by": by}
		if stage != "" {
			config["decision"].(map[string]any)["stage"] = stage
		}
		expectGood(t, c.apply(ctx, config))
	}
	decide("anna", "")
	expectText(t, c.get("reason"), "error rate")
	reached := c.get("affected_tenants")
	decide("bob", "")
	if got := c.get("affected_tenants"); got != reached {
		t.Errorf("another name promoted from %s to %s tenants", reached, got)
	}
	decide("bob", "30%")
	if got := c.get("affected_tenants"); got == reached {
		t.Errorf("a decision about the next stage left %s tenants", got)
	}
}

// TestHeldCreateGoesOn: the plan of a create that takes a held rollout up says what becomes
// of it.
func TestHeldCreateGoesOn(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct{ action, says string }{
		{"", "1.5.0 -> 9.9.9 still waits for a decision about rollout stripe-production-1, and nothing else runs"},
		{"rollback", "1.5.0 -> 9.9.9 is rolled back, as the decision says"},
		{"promote", "1.5.0 -> 9.9.9 is promoted, as the decision says, and goes on"},
	} {
		worlds := newMemoryWorlds(t)
		config := deployment("9.9.9", map[string]any{"canary": holding})
		expectGood(t, newCore(t, worlds).apply(ctx, config))
		if c.action != "" {
			config["decision"] = map[string]any{"rollout_id": "stripe-production-1", "action": c.action}
		}
		_, planned := newCore(t, worlds).plan(config) // its state was lost
		expectText(t, attributes(t, planned)["summary"].String(), c.says)
	}
}

// TestTriedInAnotherWay: a version that was rolled back and is asked for with other
// settings is rolled out, but not without a word; a retry of another rollout is named.
func TestTriedInAnotherWay(t *testing.T) {
	ctx := context.Background()
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	expectError(t, c.apply(ctx, deployment("9.9.9")), "was rolled back")
	expectError(t, c.apply(ctx, deployment("9.9.9", map[string]any{"retry": "stripe-production-1"})),
		"not tried again", `retry = "stripe-production-1" names another rollout`)
	planned, _ := c.plan(deployment("9.9.9", map[string]any{"strategy": "Rolling"}))
	expectText(t, warningsIn(planned.Diagnostics), "rolled back before, with other settings", "stripe-production-2")
	planned, _ = c.plan(deployment("1.7.0"))
	if text := warningsIn(planned.Diagnostics); strings.Contains(text, "rolled back before") {
		t.Error(text)
	}
}

// TestHeldIsFoundBefore: what a refresh says of a rollout that is held is shown behind an apply
// that promoted it, too.
func TestHeldIsFoundBefore(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t))
	expectGood(t, core.apply(context.Background(), deployment("9.9.9", map[string]any{"canary": map[string]any{"auto_rollback": false}})))
	said := warningsIn(core.refresh())
	expectText(t, said, "Found before the plan: stripe 9.9.9 is held at stage", "To go back, or to go on", "hold_timeout has an apply watch it")
	if strings.Contains(said, "nobody") {
		t.Error(said)
	}
}
