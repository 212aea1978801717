package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestPlanOfADestroy says what happens to the fleet: no attribute shows it.
func TestPlanOfADestroy(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	for name, c := range map[string]struct {
		applied []map[string]any
		after   func(t *testing.T, w *memoryWorlds)
		says    []string
	}{
		"rolled out": {
			applied: []map[string]any{deployment("1.6.0")},
			says: []string{
				"stripe: destroy goes back to 1.5.0 for 150 tenants in 5 stages", "back from 1.6.0 to 1.5.0 in Production",
				"1.6.0 -> 1.5.0 at wave 5 of 5: 150 tenants, 10 instances",
			},
		},
		"blue-green": {
			applied: []map[string]any{deployment("1.6.0", map[string]any{"strategy": "BlueGreen"})},
			says:    []string{"stripe: destroy goes back to 1.5.0 for 150 tenants in 2 stages", "switch 100%"},
		},
		"left": {
			applied: []map[string]any{deployment("1.6.0", map[string]any{"on_destroy": "leave"})},
			says:    []string{"stripe: destroy leaves 1.6.0 running", `on_destroy is "leave"`},
		},
		"never rolled out": {
			applied: []map[string]any{deployment("1.5.0")},
			says:    []string{"stripe: destroy leaves 1.5.0 running", "no journal knows what the fleet ran before"},
		},
		"held": {
			applied: []map[string]any{deployment("9.9.9", hold)},
			says:    []string{"stripe: destroy rolls 9.9.9 back", "is held at stage", "The destroy rolls it back to 1.5.0"},
		},
		"held, after one that was completed": {
			applied: []map[string]any{deployment("1.6.0"), deployment("9.9.9", hold)},
			says: []string{
				"stripe: destroy goes back to 1.5.0 for 150 tenants", "is held at stage", "The destroy rolls it back to 1.6.0",
				"back from 1.6.0 to 1.5.0 in Production",
			},
		},
		"another rollout came later": {
			applied: []map[string]any{deployment("1.6.0")},
			after:   func(t *testing.T, w *memoryWorlds) { expectGood(t, newCore(t, w).apply(ctx, deployment("1.7.0"))) },
			says:    []string{"stripe: destroy leaves 1.7.0 running", "is not the latest one any more"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			core := newCore(t, w)
			for _, config := range c.applied {
				expectGood(t, core.apply(ctx, config))
			}
			if c.after != nil {
				c.after(t, w)
			}
			core.refresh()
			planned, _ := core.plan(nil)
			expectGood(t, planned.Diagnostics)
			expectText(t, warningsIn(planned.Diagnostics), c.says...)
			for _, d := range planned.Diagnostics {
				if strings.HasPrefix(d.Detail, "Then ") || strings.Contains(d.Summary+d.Detail, " waves") {
					t.Errorf("%s\n%s", d.Summary, d.Detail)
				}
			}
		})
	}
}

// TestDestroyOfOneInstance: nobody is served while a destroy replaces the only instance, and its
// plan says so.
func TestDestroyOfOneInstance(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t, func(c *simulator.Config) { c.Instances = 1 }))
	expectGood(t, core.apply(context.Background(), deployment("1.6.0")))
	core.refresh()
	planned, _ := core.plan(nil)
	expectText(t, warningsIn(planned.Diagnostics), "stripe: destroy goes back to 1.5.0", "The only instance that serves is replaced, so that requests go unanswered until it is back.")
}

// TestPlanOnAFleetThatForgot: the state names a rollout, and the fleet had none.
func TestPlanOnAFleetThatForgot(t *testing.T) {
	ctx := context.Background()
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	c.server = newCore(t, newMemoryWorlds(t)).server
	c.refresh()
	planned, _ := c.plan(deployment("1.6.0"))
	expectText(t, warningsIn(planned.Diagnostics), "stripe 1.6.0: the fleet knows nothing of rollout stripe-production-1", "Applying: 1.5.0 -> 1.6.0, Canary")
}

// TestPlanReplacesWhatSomethingElseBrought: the fleet changed and not the configuration.
func TestPlanReplacesWhatSomethingElseBrought(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	expectGood(t, newCore(t, w).apply(ctx, deployment("1.7.0")))
	c.refresh()
	planned, _ := c.plan(deployment("1.6.0"))
	expectText(t, warningsIn(planned.Diagnostics), "stripe 1.6.0: replaces 1.7.0, which something else brought", "10 of 10 instances run 1.7.0",
		"The last rollout of this resource, stripe-production-1, left 1.6.0", "The last rollout there is stripe-production-2 (stripe 1.7.0, succeeded",
		"1.7.0 -> 1.6.0, Canary")
	// What the configuration asks for is no drift.
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	c.refresh()
	if planned, _ := c.plan(deployment("1.5.0")); warningsIn(planned.Diagnostics) != "" {
		t.Errorf("a downgrade that was asked for warns: %s", warningsIn(planned.Diagnostics))
	}
}

// TestDecisionAboutNothing: a name that is written wrong does not wait in silence.
func TestDecisionAboutNothing(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	decide := func(id, action string) map[string]any {
		return map[string]any{"decision": map[string]any{"rollout_id": id, "action": action}}
	}
	c := newCore(t, newMemoryWorlds(t))
	planned, _ := c.plan(deployment("9.9.9", hold, decide("stripe-1", "promote")))
	expectText(t, warningsIn(planned.Diagnostics), "stripe 9.9.9: the decision is about an unknown rollout", "There was no rollout yet")
	expectGood(t, c.apply(ctx, deployment("9.9.9", hold)))
	c.refresh()
	planned, _ = c.plan(deployment("9.9.9", hold, decide("stripe-production-11", "promote")))
	expectText(t, warningsIn(planned.Diagnostics), "there is no rollout stripe-production-11 of stripe in Production", "The one that is held is stripe-production-1")
	good := deployment("9.9.9", hold, decide("stripe-production-1", "rollback"))
	planned, _ = c.plan(good)
	if text := warningsIn(planned.Diagnostics); text != "" {
		t.Errorf("a decision about the rollout that is held warns: %s", text)
	}
	expectGood(t, c.apply(ctx, good))
	c.refresh()
	planned, _ = c.plan(deployment("1.5.0", hold, decide("stripe-production-1", "rollback")))
	if text := warningsIn(planned.Diagnostics); text != "" {
		t.Errorf("a decision that was followed warns: %s", text)
	}
	planned, _ = c.plan(deployment("1.5.0", hold, decide("stripe-production-1", "promote")))
	expectText(t, warningsIn(planned.Diagnostics), "the decision is about a rollout that is over", "(9.9.9) is rolled_back at 2025", "None is in flight")
}
