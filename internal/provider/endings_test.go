package provider

import (
	"context"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

func timeouts(operation, length string) map[string]any {
	return map[string]any{"timeouts": map[string]any{operation: length}}
}

func TestTimeoutRollsBack(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	diags := c.apply(context.Background(), deployment("1.6.0", timeouts("create", "PT15M")))
	expectError(t, diags, "was rolled back", "timeouts.create of 15m passed", "Raise timeouts")
	expectText(t, warningsIn(diags), "the timeout is shorter than the rollout may take")
	if !c.state.IsNull() || !running(t, w).RunsOnly("1.5.0") {
		t.Error("the fleet is not as it was")
	}
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expectError(t, c.apply(context.Background(), deployment("1.7.0", timeouts("update", "15m"))), "timeouts.update of 15m passed")
	expect(t, c, map[string]string{"version": "1.6.0", "active_version": "1.6.0", "status": "rolled_back"})
}

func TestTimeoutPausesAndTheNextApplyResumes(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	config := deployment("1.6.0", timeouts("create", "PT15M"), map[string]any{"on_timeout": "pause"})
	diags := c.apply(context.Background(), config)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "is paused at stage \"30%\"", "The next apply resumes it")
	expect(t, c, map[string]string{"status": "paused", "outcome": "", "active_version": "1.5.0"})
	expectGood(t, c.apply(context.Background(), config))
	expect(t, c, map[string]string{"status": "succeeded", "rollout_id": "stripe-production-1"})
	expectQuiet(t, c, config)
}

// A person's pause is a person's to end: an apply that has nothing else to do leaves
// it alone.
func TestPausedByAPersonStays(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	disturbances["interrupted"](t, c, w, deployment("1.6.0"), 6)
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	r, err := goOnWalking(context.Background(), at, "stripe-production-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Signal(context.Background(), engine.Signal{Kind: engine.Paused, By: "alice", Reason: "looking into it"}); err != nil {
		t.Fatal(err)
	}
	diags := c.apply(context.Background(), deployment("1.6.0"))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "Paused by alice: looking into it", "Whoever paused it")
	expect(t, c, map[string]string{"status": "paused"})
	expectQuiet(t, c, deployment("1.6.0"))
	expectGood(t, c.apply(context.Background(), deployment("1.5.0")))
	expect(t, c, map[string]string{"status": "rolled_back"})
}

// stuckFleet is one that soon takes no changes any more, for two hours.
func stuckFleet(c *simulator.Config) {
	c.Faults = []simulator.Fault{{Kind: simulator.RefusedCall, FromSeconds: 5, ToSeconds: 7200, Absolute: true}}
}

func TestStuckCreateIsTaintedAndTriedAgain(t *testing.T) {
	w := newMemoryWorlds(t, stuckFleet)
	c := newCore(t, w)
	expectError(t, c.apply(context.Background(), deployment("9.9.9")), "is stuck at stage", "neither forward nor back", "Exposed")
	expect(t, c, map[string]string{"status": "stuck", "outcome": "stuck"})
	if !c.tainted {
		t.Error("the resource is not tainted")
	}
	expectText(t, warningsIn(c.refresh()), "is stuck")
	repair(t, w)
	// The fleet is well again: the replacement rolls back, and rolls out anew.
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0"})
}

func TestStuckUpdateKeepsPriorValues(t *testing.T) {
	w := newMemoryWorlds(t, stuckFleet)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.5.0")))
	expectError(t, c.apply(context.Background(), deployment("9.9.9")), "is stuck")
	expect(t, c, map[string]string{"status": "stuck", "version": "1.5.0"})
	// It is tried again even where the configuration asks for what runs, and as long as
	// it is stuck nothing else begins.
	expectError(t, c.apply(context.Background(), deployment("1.5.0")), "An earlier rollout could not be brought to its end")
	expectError(t, c.apply(context.Background(), deployment("1.6.0")), "An earlier rollout could not be brought to its end")
	repair(t, w)
	diags := c.apply(context.Background(), deployment("1.6.0"))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "an earlier rollout was brought to its end")
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0", "previous_version": "1.5.0"})
}

// repair lets the world's faults pass.
func repair(t *testing.T, w *memoryWorlds) {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	at.RunUntil(at.Now().Add(3 * hour))
}

func TestDestroyDoesNothingWhere(t *testing.T) {
	t.Run("on_destroy is leave", func(t *testing.T) {
		w := newMemoryWorlds(t)
		c := newCore(t, w)
		expectGood(t, c.apply(context.Background(), deployment("1.6.0", map[string]any{"on_destroy": "leave"})))
		expectGood(t, c.destroy(context.Background()))
		if !running(t, w).RunsOnly("1.6.0") {
			t.Error("the fleet was rolled back")
		}
	})
	t.Run("no journal knows what was before", func(t *testing.T) {
		w := newMemoryWorlds(t)
		c := newCore(t, w)
		expectGood(t, c.apply(context.Background(), deployment("1.5.0")))
		diags := c.destroy(context.Background())
		expectGood(t, diags)
		expectText(t, warningsIn(diags), "nothing was rolled back", "no journal")
	})
	t.Run("another rollout came later", func(t *testing.T) {
		w := newMemoryWorlds(t)
		c, other := newCore(t, w), newCore(t, w)
		expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
		expectGood(t, other.apply(context.Background(), deployment("1.7.0")))
		diags := c.destroy(context.Background())
		expectGood(t, diags)
		expectText(t, warningsIn(diags), "nothing was rolled back", "is not the latest one any more")
		if !running(t, w).RunsOnly("1.7.0") {
			t.Error("the fleet was rolled back")
		}
	})
}

// TestFailedDestroyIsTriedAgain: the old version does not come up again, so the way
// back is itself rolled back; later it does.
func TestFailedDestroyIsTriedAgain(t *testing.T) {
	w := newMemoryWorlds(t, withFaults(simulator.Fault{
		Kind: simulator.SlowStart, Version: "1.5.0", Magnitude: 600, FromSeconds: 60, ToSeconds: 7200, Absolute: true,
	}))
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expectError(t, c.destroy(context.Background()), "The way back was itself rolled back", "not settled")
	expect(t, c, map[string]string{"active_version": "1.6.0"})
	if !running(t, w).RunsOnly("1.6.0") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
	expectQuiet(t, c, deployment("1.6.0"))
	repair(t, w)
	expectGood(t, c.destroy(context.Background()))
	if !c.state.IsNull() || !running(t, w).RunsOnly("1.5.0") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
}

// TestApplyAfterAnInterruptedDestroy: whoever changes their mind gets the version
// back that the configuration asks for.
func TestApplyAfterAnInterruptedDestroy(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		w := newMemoryWorlds(t)
		c := newCore(t, w)
		expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
		ctx, cancel := context.WithCancel(context.Background())
		w.written = (&strike{after: n, do: func() error { cancel(); return nil }}).written
		expectError(t, c.destroy(ctx), "Destroy again")
		cancel()
		w.written = nil
		diags := c.apply(context.Background(), deployment("1.6.0"))
		expectGood(t, diags)
		expectText(t, warningsIn(diags), "an earlier rollout was brought to its end")
		expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0", "previous_version": "1.5.0"})
		expectQuiet(t, c, deployment("1.6.0"))
	}
}

// TestDestroyAfterAFailedUpdate goes back to before the last rollout that was
// completed, not to before the one that failed.
func TestDestroyAfterAFailedUpdate(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expectError(t, c.apply(context.Background(), deployment("9.9.9")), "rolled back")
	expectGood(t, c.destroy(context.Background()))
	if !running(t, w).RunsOnly("1.5.0") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
}

func TestDestroyOfAFirstDeployment(t *testing.T) {
	w := newMemoryWorlds(t, func(c *simulator.Config) { c.Installed = nil })
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expect(t, c, map[string]string{"status": "succeeded", "previous_version": "", "active_version": "1.6.0"})
	expectGood(t, c.destroy(context.Background()))
	if b := running(t, w).Baseline(); b != "" {
		t.Errorf("the fleet still runs %s", b)
	}
}

// TestGoneIsCreatedAgain: where the plugin is not on the fleet at all, there is no
// deployment.
func TestGoneIsCreatedAgain(t *testing.T) {
	w := newMemoryWorlds(t, func(c *simulator.Config) { c.Installed = nil })
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	w.byName = map[string]*memoryWorld{} // somebody deleted the fleet
	expectGood(t, c.refresh())
	if !c.state.IsNull() {
		t.Error("the state is still there")
	}
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
}

func TestABTestIsWonAndLost(t *testing.T) {
	test := map[string]any{"strategy": "ABTesting"}
	c := newCore(t, newMemoryWorlds(t, better, func(c *simulator.Config) {
		b := c.Versions["1.6.0"]
		b.ConversionRate = 0.03 // it is worse in this alone, so that the test goes on to its end
		c.Versions["1.7.0"] = b
	}))
	expectGood(t, c.apply(context.Background(), deployment("1.6.0", test)))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0"})
	diags := c.apply(context.Background(), deployment("1.7.0", test))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "The A/B test kept A: 1.6.0", "conversion rate", "worse")
	expect(t, c, map[string]string{"status": "retained", "outcome": "retained", "version": "1.7.0", "active_version": "1.6.0"})
	expectQuiet(t, c, deployment("1.7.0", test))
}

func TestABTestHoldsForAPerson(t *testing.T) {
	test := map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"auto_promote": false, "test_duration": "1h"}}
	c := newCore(t, newMemoryWorlds(t, better))
	diags := c.apply(context.Background(), deployment("1.6.0", test))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "is held at stage", "conversion rate", "better (decides)")
	decide := map[string]any{"decision": map[string]any{"rollout_id": c.get("rollout_id"), "action": "promote"}}
	expectGood(t, c.apply(context.Background(), deployment("1.6.0", test, decide)))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.6.0"})
}
