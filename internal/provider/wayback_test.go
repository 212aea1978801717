package provider

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// drifting is a fleet of which somebody gives an instance another version, at an hour of its clock.
func drifting(hours float64, version string, instances ...string) simulator.Fault {
	return simulator.Fault{Kind: simulator.Drift, Version: version, Instances: instances, FromSeconds: 3600 * hours, Absolute: true}
}

// pass lets the fleet's clock run to an hour.
func pass(t *testing.T, w *memoryWorlds, hours float64) {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	at.RunUntil(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(hour))))
}

// expectServed checks what the instances of the fleet serve: most of them usual, the
// others what is said of them.
func expectServed(t *testing.T, w *memoryWorlds, usual string, others map[string]string) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, i := range running(t, w).Active() {
		want[i.ID], got[i.ID] = usual, i.Default
	}
	maps.Copy(want, others)
	for id := range want {
		if want[id] != got[id] {
			t.Errorf("%s serves %q, want %q", id, got[id], want[id])
		}
	}
}

// TestWayBackPassesRepairs: an apply that only brought drifted instances along brought no
// version there, so the way back of a destroy is the one of the rollout that did.
func TestWayBackPassesRepairs(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		settings map[string]any
		faults   []simulator.Fault
		after    func(t *testing.T, c *core, w *memoryWorlds) // the first rollout, at hour 100
	}{
		"one":                                   {faults: []simulator.Fault{drifting(90, "1.4.0", "instance-03")}},
		"the drifted version is the one before": {faults: []simulator.Fault{drifting(90, "1.5.0", "instance-03")}},
		"two in a row": {
			faults: []simulator.Fault{drifting(90, "1.4.0", "instance-03"), drifting(190, "1.3.0", "instance-07")},
			after: func(t *testing.T, c *core, w *memoryWorlds) {
				expectGood(t, c.apply(ctx, deployment("1.6.0")))
				pass(t, w, 200)
			},
		},
		"blue-green": {settings: strategies["BlueGreen"], faults: []simulator.Fault{drifting(90, "1.4.0", "instance-13")}},
		"a failed update in between": {
			faults: []simulator.Fault{drifting(190, "1.4.0", "instance-03")},
			after: func(t *testing.T, c *core, w *memoryWorlds) {
				expectError(t, c.apply(ctx, deployment("9.9.9")), "rolled back")
				pass(t, w, 200)
			},
		},
		"an A/B test that won": {settings: map[string]any{"strategy": "ABTesting"}, faults: []simulator.Fault{drifting(90, "1.4.0", "instance-03")}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t, better, withFaults(c.faults...))
			core := newCore(t, w)
			config := deployment("1.6.0", c.settings)
			expectGood(t, core.apply(ctx, config))
			pass(t, w, 100)
			if c.after != nil {
				c.after(t, core, w)
			}
			expectGood(t, core.apply(ctx, config))
			expect(t, core, map[string]string{"status": "succeeded", "previous_version": "1.6.0"}) // it was a repair
			expectServed(t, w, "1.6.0", nil)
			core.refresh()
			diags := core.destroy(ctx)
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "stripe: destroy goes back to 1.5.0 for 150 tenants")
			expectServed(t, w, "1.5.0", nil)
		})
	}
}

// TestWayBackFromANeighbour: whoever lost the state and creates anew takes the rollout over that
// brought the version, though a repair came after it; and so does an import.
func TestWayBackFromANeighbour(t *testing.T) {
	ctx := context.Background()
	for name, take := range map[string]func(t *testing.T, c *core){
		"created":  func(t *testing.T, c *core) { expectGood(t, c.apply(ctx, deployment("1.6.0"))) },
		"imported": func(t *testing.T, c *core) { expectGood(t, c.importState("Production/stripe", nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t, withFaults(drifting(90, "1.4.0", "instance-03")))
			lost := newCore(t, w)
			expectGood(t, lost.apply(ctx, deployment("1.6.0")))
			pass(t, w, 100)
			expectGood(t, lost.apply(ctx, deployment("1.6.0")))
			c := newCore(t, w)
			take(t, c)
			expectGood(t, c.destroy(ctx))
			expectServed(t, w, "1.5.0", nil)
		})
	}
}

// TestNothingBehindARepair: where nobody knows what the fleet ran before, the destroy says so and
// leaves the fleet as it is.
func TestNothingBehindARepair(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t, withFaults(drifting(1, "1.4.0", "instance-03")))
	pass(t, w, 2)
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("1.5.0")))
	expect(t, c, map[string]string{"status": "succeeded", "rollout_id": "stripe-production-1"})
	planned, _ := c.plan(nil)
	expectText(t, warningsIn(planned.Diagnostics), "stripe: destroy leaves 1.5.0 running", "stripe-production-1 only brought instances to the version that the others had")
	diags := c.destroyAs(ctx, planned.PlannedPrivate)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "nothing was rolled back", "stripe-production-1 only brought instances to the version that the others had")
	expectServed(t, w, "1.5.0", nil)
}

// TestRepairThatFailed: it is undone, and the way back is the same as without it.
func TestRepairThatFailed(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t, withFaults(drifting(90, "1.4.0", "instance-03"),
		simulator.Fault{Kind: simulator.SlowStart, Version: "1.6.0", Magnitude: 600, FromSeconds: 95 * 3600, ToSeconds: 110 * 3600, Absolute: true}))
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	pass(t, w, 100)
	expectError(t, c.apply(ctx, deployment("1.6.0")), "was rolled back")
	pass(t, w, 120)
	expectGood(t, c.destroy(ctx))
	expectServed(t, w, "1.5.0", nil)
}

// TestDestroyIsKilledAfterARepair: the next destroy knows what the first one went back behind.
func TestDestroyIsKilledAfterARepair(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t, withFaults(drifting(90, "1.4.0", "instance-03")))
	c := newCore(t, w)
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	pass(t, w, 100)
	expectGood(t, c.apply(ctx, deployment("1.6.0")))
	state, private := c.state, c.private
	expectGood(t, c.destroy(ctx))
	c.state, c.private = state, private // killed before it could say so
	diags := c.destroy(ctx)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "an earlier destroy went back already")
	expectServed(t, w, "1.5.0", nil)
}

// TestWayBackLeavesWhatItNeverTouched: an instance that ran the candidate before the rollout stays
// on it; one that joined later gets the version that the others had.
func TestWayBackLeavesWhatItNeverTouched(t *testing.T) {
	ctx := context.Background()
	for name, settings := range strategies {
		if name == "BlueGreen" {
			continue // its instances are other ones
		}
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t, withFaults(drifting(1, "1.6.0", "instance-03"),
				simulator.Fault{Kind: simulator.InstanceJoins, Count: 1, FromSeconds: 90 * 3600, Absolute: true}))
			pass(t, w, 2)
			c := newCore(t, w)
			expectGood(t, c.apply(ctx, deployment("1.6.0", settings)))
			pass(t, w, 100)
			expectServed(t, w, "1.6.0", nil)
			expectGood(t, c.destroy(ctx))
			expectServed(t, w, "1.5.0", map[string]string{"instance-03": "1.6.0"})
		})
	}
}

// TestDestroyPastTheReturn: a rollout that can only go forward is ended, and then it is the one
// that is taken back, as the plan said.
func TestDestroyPastTheReturn(t *testing.T) {
	for name, settings := range map[string]map[string]any{
		"Canary":    {},
		"BlueGreen": {"strategy": "BlueGreen", "blue_green": map[string]any{"keep_previous_environment": false}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			c := newCore(t, w)
			expectGood(t, c.apply(context.Background(), deployment("1.6.0", settings)))
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w.written = func(e engine.Event) error {
				if at, err := w.at("Production", "stripe"); err == nil && e.Kind == engine.Began {
					if ro, err := latestRollout(ctx, at.journals, "Production", "stripe"); err == nil && ro.Plan.Stages[e.Stage].Final {
						cancel()
					}
				}
				return nil
			}
			c.apply(ctx, deployment("1.7.0", settings))
			expect(t, c, map[string]string{"status": "progressing", "version": "1.7.0"})
			w.written = nil
			c.refresh()
			diags := c.destroy(context.Background())
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "past the point of no return", "stripe: destroy goes back to 1.6.0 for 150 tenants")
			expectServed(t, w, "1.6.0", nil)
		})
	}
}
