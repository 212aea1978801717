package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// sequel is what comes to replace a deployment of 1.6.0.
var sequels = map[string]struct {
	config map[string]any
	runs   string
	failed bool
}{
	"the same":                  {config: deployment("1.6.0"), runs: "1.6.0"},
	"other settings":            {config: deployment("1.6.0", map[string]any{"strategy": "Rolling"}), runs: "1.6.0"},
	"another version":           {config: deployment("1.7.0"), runs: "1.7.0"},
	"a bad version":             {config: deployment("9.9.9"), runs: "1.6.0", failed: true},
	"the version before":        {config: deployment("1.5.0"), runs: "1.5.0"},
	"another strategy, another": {config: deployment("1.7.0", map[string]any{"strategy": "BlueGreen"}), runs: "1.7.0"},
}

// TestReplacementKeepsTheFleet: whether Terraform gives the destroy the memory of the
// old resource (-replace) or not (tainted), the fleet stays as it is until the create.
func TestReplacementKeepsTheFleet(t *testing.T) {
	for _, tainted := range []bool{false, true} {
		for name, s := range sequels {
			t.Run(fmt.Sprintf("%s, tainted %t", name, tainted), func(t *testing.T) {
				ctx := context.Background()
				w := newMemoryWorlds(t)
				c := newCore(t, w)
				expectGood(t, c.apply(ctx, deployment("1.6.0")))
				c.tainted = tainted
				c.refresh()
				diags := c.replace(ctx, s.config)
				if (errorsIn(diags) != "") != s.failed {
					t.Fatalf("errors: %s", errorsIn(diags))
				}
				expectText(t, warningsIn(diags), "nothing was rolled back", "the resource that replaces this one takes over what runs")
				if !running(t, w).RunsOnly(s.runs) {
					t.Errorf("the fleet runs %s", running(t, w).Baseline())
				}
				if s.failed {
					return
				}
				expectQuiet(t, c, s.config)
				// What was taken over can be destroyed, and goes back as ever.
				expectGood(t, c.destroy(ctx))
				if s.runs == "1.6.0" && !running(t, w).RunsOnly("1.5.0") {
					t.Errorf("after the destroy the fleet runs %s", running(t, w).Baseline())
				}
			})
		}
	}
}

// TestReplacementOfAHeldRollout goes on with it, and a decision is followed once.
func TestReplacementOfAHeldRollout(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("9.9.9", hold)))
	id := c.get("rollout_id")
	c.tainted = true
	diags := c.apply(ctx, deployment("9.9.9", hold))
	expectGood(t, diags)
	expect(t, c, map[string]string{"status": "held", "rollout_id": id})
	decide := map[string]any{"decision": map[string]any{"rollout_id": id, "action": "promote"}}
	for range 2 { // the second time it is the same decision, about another stage
		c.tainted = true
		expectGood(t, c.apply(ctx, deployment("9.9.9", hold, decide)))
		expect(t, c, map[string]string{"status": "held", "rollout_id": id})
	}
	// What asks for something else ends it first, without touching what was completed.
	c.tainted = true
	expectGood(t, c.apply(ctx, deployment("1.6.0", hold)))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0", "previous_version": "1.5.0"})
}

// TestHeldThatFailsGoesOn: with on_hold = "fail" a create that is held is an error with a
// state, and so a tainted one. The next apply replaces it, and that goes on.
func TestHeldThatFailsGoesOn(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{
		"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off, "on_hold": "fail",
	}
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	for range 3 {
		expectError(t, c.apply(ctx, deployment("9.9.9", hold)), "is held at stage \"10%\"")
		if !c.tainted || c.get("rollout_id") != "stripe-production-1" || c.get("status") != "held" {
			t.Fatalf("tainted %t, %s %s", c.tainted, c.get("rollout_id"), c.get("status"))
		}
	}
	decide := func(stage string) map[string]any {
		return map[string]any{"decision": map[string]any{"rollout_id": "stripe-production-1", "action": "promote", "stage": stage}}
	}
	expectError(t, c.apply(ctx, deployment("9.9.9", hold, decide("10%"))), "is held at stage \"100%\"")
	expectGood(t, c.apply(ctx, deployment("9.9.9", hold, decide("100%"))))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "9.9.9", "rollout_id": "stripe-production-1"})
	expectQuiet(t, c, deployment("9.9.9", hold, decide("100%")))
}

// TestAnotherAddressInEitherOrder: destroy and create are resources of their own.
func TestAnotherAddressInEitherOrder(t *testing.T) {
	for _, order := range []string{"create first", "destroy first", "create planned first", "create planned in the middle"} {
		for name, s := range sequels {
			t.Run(order+", "+name, func(t *testing.T) {
				ctx := context.Background()
				w := newMemoryWorlds(t)
				old := newCore(t, w)
				expectGood(t, old.apply(ctx, deployment("1.6.0")))
				old.refresh()
				successor := newCore(t, w)
				_, planned := successor.plan(s.config)
				gone, _ := old.plan(nil)
				// The apply is another process than the plan.
				apply := newCore(t, w)
				applied := func() {
					diags := apply.applyFinally(ctx, s.config, planned)
					if (errorsIn(diags) != "") != s.failed {
						t.Fatalf("errors: %s", errorsIn(diags))
					}
				}
				old.server = apply.server
				switch order {
				case "create first":
					applied()
					expectGood(t, old.destroyAs(ctx, gone.PlannedPrivate))
				case "destroy first":
					expectGood(t, old.destroyAs(ctx, gone.PlannedPrivate))
					if !running(t, w).RunsOnly("1.5.0") {
						t.Error("the destroy did not go back")
					}
					applied()
				case "create planned in the middle":
					once := false
					w.written = func(engine.Event) error {
						if !once {
							once = true
							apply.finally(s.config, planned)
						}
						return nil
					}
					diags := old.destroyAs(ctx, gone.PlannedPrivate)
					w.written = nil
					expectGood(t, diags)
					applied()
				case "create planned first":
					final, value := apply.plan(s.config)
					diags := old.destroyAs(ctx, gone.PlannedPrivate)
					expectGood(t, diags)
					expectText(t, warningsIn(diags), "takes over what runs")
					if diags := apply.applyPlan(ctx, s.config, final, value); (errorsIn(diags) != "") != s.failed {
						t.Fatalf("errors: %s", errorsIn(diags))
					}
				}
				if s.failed {
					return
				}
				if !running(t, w).RunsOnly(s.runs) {
					t.Errorf("the fleet runs %s", running(t, w).Baseline())
				}
				expectQuiet(t, apply, s.config)
			})
		}
	}
}

// TestAnotherAddressIsSaid: whichever of the two is planned first, the plan as a whole
// says what will happen and how to avoid it.
func TestAnotherAddressIsSaid(t *testing.T) {
	ctx := context.Background()
	for _, destroyFirst := range []bool{true, false} {
		w := newMemoryWorlds(t)
		old := newCore(t, w)
		expectGood(t, old.apply(ctx, deployment("1.6.0")))
		old.refresh()
		next := newCore(t, w)
		old.server = next.server
		if destroyFirst {
			old.plan(nil)
		}
		created, value := next.plan(deployment("1.7.0"))
		gone, _ := old.plan(nil)
		text := warningsIn(created.Diagnostics) + warningsIn(gone.Diagnostics)
		expectText(t, text, "stripe-production-1", "back from 1.6.0 to 1.5.0", "1.6.0 -> 1.7.0, Canary", "1.5.0 -> 1.7.0, Canary",
			"create_before_destroy", "moved block", "on_destroy", "150 tenants", "destroy goes back to 1.5.0 for 150 tenants in 5 stages")
		if destroyFirst {
			expectText(t, text, "stripe 1.7.0: destroyed and created in one apply")
		} else {
			expectText(t, text, "A new resource for the same plugin and environment is planned too")
		}
		for _, name := range []string{"stages", "previous_version", "active_version", "status"} {
			if attributes(t, value)[name].IsKnown() {
				t.Errorf("%s is known, and the destroy may change it", name)
			}
		}
	}
}

// TestDestroyAfterAnothersFailure: what another root tried and had to take back is no
// reason to stay.
func TestDestroyAfterAnothersFailure(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	expectError(t, newCore(t, w).apply(ctx, deployment("9.9.9")), "rolled back")
	c.server = newCore(t, w).server // a later process
	expectGood(t, c.destroy(ctx))
	if !running(t, w).RunsOnly("1.5.0") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
}

// TestAnotherDeploymentIsSaid: a change of environment or plugin_id is a destroy of the old
// deployment, which Terraform does not plan by itself: the plan of the create says what it does.
func TestAnotherDeploymentIsSaid(t *testing.T) {
	ctx := context.Background()
	for name, changed := range map[string]map[string]any{
		"environment":         {"environment": "Staging", "environment_kind": "Staging"},
		"plugin_id":           {"plugin_id": "paypal"},
		"environment unknown": {"environment": unknown{}, "environment_kind": "Staging"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			c := newCore(t, w)
			expectGood(t, c.apply(ctx, deployment("1.6.0")))
			c.refresh()
			resp, _ := c.plan(deployment("1.6.0", changed))
			expectGood(t, resp.Diagnostics)
			expectText(t, warningsIn(resp.Diagnostics), "stripe: destroy goes back to 1.5.0 for 150 tenants in 5 stages (Production)", "This resource is replaced")
			if name == "environment unknown" {
				expectText(t, warningsIn(resp.Diagnostics), "is not known yet", "even where they turn out to be what they were")
			}
		})
	}
}
