package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// begun is how many rollouts of stripe in Production there were.
func begun(t *testing.T, w *memoryWorlds) int {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	heads, err := at.journals.List(context.Background(), "Production", "stripe", engine.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return len(heads)
}

// TestRolledBackStaysAway: of a create there is no state, of an update the prior one,
// and the rollout may be another root's. The plan warns, the apply fails and touches
// nothing, until something about what is asked for changes.
func TestRolledBackStaysAway(t *testing.T) {
	ctx := context.Background()
	bad := deployment("9.9.9")
	for name, c := range map[string]struct {
		before []map[string]any // applied by the same root
		others bool             // another root tried it
	}{
		"create":                     {},
		"update":                     {before: []map[string]any{deployment("1.6.0")}},
		"create after another root":  {others: true},
		"update after another root":  {before: []map[string]any{deployment("1.6.0")}, others: true},
		"update of an adopted fleet": {before: []map[string]any{deployment("1.5.0")}},
	} {
		for until, change := range map[string]map[string]any{
			"retry":            {"retry": "ID"},
			"other settings":   {"rollback_triggers": map[string]any{"consecutive_health_failures": 5}},
			"another strategy": {"strategy": "Direct"},
			"another version":  {"version": "1.7.0"},
		} {
			t.Run(name+", until "+until, func(t *testing.T) {
				w := newMemoryWorlds(t)
				core := newCore(t, w)
				for _, config := range c.before {
					expectGood(t, core.apply(ctx, config))
				}
				first := core
				if c.others {
					first = newCore(t, w)
				}
				expectError(t, first.apply(ctx, bad), "stripe 9.9.9 was rolled back", "Applying again unchanged is refused: retry = ")
				id := latestID(t, w)
				n, version := begun(t, w), core.get("version")
				for range 2 {
					core.refresh()
					planned, _ := core.plan(bad)
					expectGood(t, planned.Diagnostics)
					expectText(t, warningsIn(planned.Diagnostics), "stripe 9.9.9: rolled back before, and not tried again (Production)",
						"Rollout "+id+" of 9.9.9 with these settings was rolled back at 2025-01-01T", "retry = \""+id+"\"", "Applying this plan fails")
					refused := core.apply(ctx, bad)
					expectError(t, refused, "rolled back before, and not tried again", id, "the fleet is not touched", "retry = \""+id+"\"")
					saysOnce(t, refused)
					if got := begun(t, w); got != n || core.get("version") != version {
						t.Fatalf("%d rollouts, want %d; version %s", got, n, core.get("version"))
					}
				}
				if until == "retry" {
					wrong := deployment("9.9.9", map[string]any{"retry": "stripe-production-77"})
					expectError(t, core.apply(ctx, wrong), "rolled back before")
					change["retry"] = id
				}
				diags := core.apply(ctx, deployment("9.9.9", change))
				if got := begun(t, w); got != n+1 {
					t.Fatalf("%d rollouts, want %d: %s", got, n+1, errorsIn(diags))
				}
				if until == "retry" { // used up
					expectError(t, core.apply(ctx, deployment("9.9.9", change)), "rolled back before, and not tried again", latestID(t, w))
				}
			})
		}
	}
}

func latestID(t *testing.T, w *memoryWorlds) string {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	heads, err := at.journals.List(context.Background(), "Production", "stripe", engine.Filter{Limit: 1})
	if err != nil || len(heads) == 0 {
		t.Fatal(heads, err)
	}
	return heads[0].Rollout
}

// TestWhatStaysAway: what a verdict or a person rolled back does, what failed for want
// of time, of a fleet, or of an apply that was left alone does not.
func TestWhatStaysAway(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	for name, c := range map[string]struct {
		fleet  func(*simulator.Config)
		config map[string]any
		then   map[string]any // applied after it, before it is tried again
		cancel int            // interrupt after this many events
		away   bool
	}{
		"gate":         {config: deployment("9.9.9", map[string]any{"rollback_triggers": off}), away: true},
		"guard":        {config: deployment("9.9.9", map[string]any{"strategy": "Direct"}), away: true},
		"inconclusive": {fleet: func(c *simulator.Config) { c.RequestsPerSecond = 0.1 }, config: deployment("1.6.0", map[string]any{"analysis": map[string]any{"on_inconclusive": "rollback"}}), away: true},
		"decision": {
			config: deployment("9.9.9", hold),
			then:   deployment("9.9.9", hold, map[string]any{"decision": map[string]any{"rollout_id": "stripe-production-1", "action": "rollback"}}), away: true,
		},
		"version set back": {config: deployment("9.9.9", hold), then: deployment("1.5.0", hold), away: true},
		"hold timeout":     {config: deployment("9.9.9", hold, map[string]any{"hold_timeout": "1m"}), away: true},
		"timeout":          {config: deployment("1.6.0", timeouts("create", "15m"))},
		"interrupt":        {config: deployment("1.6.0", map[string]any{"on_interrupt": "rollback"}), cancel: 9},
		"installs that fail": {
			fleet: withFaults(simulator.Fault{Kind: simulator.InstallFails, Version: "1.6.0", Times: 100}), config: deployment("1.6.0"),
		},
		"a slow start": {
			fleet: withFaults(simulator.Fault{Kind: simulator.SlowStart, Version: "1.6.0", Magnitude: 600}), config: deployment("1.6.0", map[string]any{"strategy": "Rolling"}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			if c.fleet != nil {
				w = newMemoryWorlds(t, c.fleet)
			}
			core := newCore(t, w)
			ctx, cancel := context.WithCancel(ctx)
			if c.cancel > 0 {
				w.written = (&strike{after: c.cancel, do: func() error { cancel(); return nil }}).written
			}
			core.apply(ctx, c.config)
			cancel()
			w.written = nil
			if c.then != nil {
				expectGood(t, core.apply(context.Background(), c.then))
			}
			n := begun(t, w)
			ro, err := latestRollout(context.Background(), mustWorld(t, w).journals, "Production", "stripe")
			if err != nil || ro.State.Outcome != engine.RolledBack {
				t.Fatalf("%v, %v", ro.State, err)
			}
			diags := core.apply(context.Background(), c.config)
			if c.away {
				expectError(t, diags, "rolled back before, and not tried again")
				n--
			}
			if got := begun(t, w); got != n+1 {
				t.Errorf("%d rollouts, want %d: %s", got, n+1, errorsIn(diags))
			}
		})
	}
}

func mustWorld(t *testing.T, w *memoryWorlds) *memoryWorld {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestWhatOthersDidSinceMakesNothingGood: between two tries another root rolled another
// version out.
func TestWhatOthersDidSinceMakesNothingGood(t *testing.T) {
	ctx := context.Background()
	for _, created := range []bool{true, false} {
		w := newMemoryWorlds(t)
		core := newCore(t, w)
		if !created {
			expectGood(t, core.apply(ctx, deployment("1.6.0")))
		}
		expectError(t, core.apply(ctx, deployment("9.9.9")), "stripe 9.9.9 was rolled back")
		bad := latestID(t, w)
		expectGood(t, newCore(t, w).apply(ctx, deployment("1.7.0")))
		expectError(t, core.apply(ctx, deployment("9.9.9")), "rolled back before, and not tried again", bad)
		expectError(t, core.apply(ctx, deployment("9.9.9", map[string]any{"retry": bad})), "stripe 9.9.9 was rolled back at")
	}
}

// TestRetryOfAnAnswer: where the state says that the version was turned down, and that
// is no difference, retry has it tried once more, and once only.
func TestRetryOfAnAnswer(t *testing.T) {
	ctx := context.Background()
	for name, config := range map[string]map[string]any{
		"retained":    deployment("1.6.0", map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "1h"}}),
		"rolled_back": deployment("9.9.9", map[string]any{"on_rollback": "warn"}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			core := newCore(t, w)
			expectGood(t, core.apply(ctx, config))
			expect(t, core, map[string]string{"status": name, "rollout_id": "stripe-production-1"})
			expectQuiet(t, core, config)
			again := deployment("", config, map[string]any{"retry": "stripe-production-1"})
			expectGood(t, core.apply(ctx, again))
			expect(t, core, map[string]string{"status": name, "rollout_id": "stripe-production-2"})
			expectQuiet(t, core, again)
			// Another root takes the answer over.
			other := newCore(t, w)
			expectGood(t, other.apply(ctx, config))
			expect(t, other, map[string]string{"status": name, "rollout_id": "stripe-production-2", "active_version": "1.5.0"})
			expectQuiet(t, other, config)
			if n := begun(t, w); n != 2 {
				t.Errorf("%d rollouts, want 2", n)
			}
		})
	}
}

// TestDestroyedIsCreatedAgain: whoever destroys a deployment and creates it anew gets it.
func TestDestroyedIsCreatedAgain(t *testing.T) {
	ctx := context.Background()
	core := newCore(t, newMemoryWorlds(t))
	for range 3 {
		expectGood(t, core.apply(ctx, deployment("1.6.0")))
		expectGood(t, core.destroy(ctx))
	}
	// Also where it was held, and a destroy took it back.
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	for range 2 {
		expectGood(t, core.apply(ctx, deployment("9.9.9", hold)))
		expect(t, core, map[string]string{"status": "held"})
		expectGood(t, core.destroy(ctx))
	}
}

// TestAnAnsweredTestIsNotRepeated: a test of days runs once, though its state was lost.
func TestAnAnsweredTestIsNotRepeated(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
	config := deployment("1.6.0", map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "1h"}})
	expectGood(t, newCore(t, w).apply(ctx, config))
	for _, before := range []map[string]any{nil, deployment("1.5.0")} {
		core := newCore(t, w)
		if before != nil {
			expectGood(t, core.apply(ctx, before))
		}
		diags := core.apply(ctx, config)
		expectGood(t, diags)
		expectText(t, warningsIn(diags), "an A/B test answered that already", "The A/B test kept A")
		expect(t, core, map[string]string{"status": "retained", "rollout_id": "stripe-production-1", "active_version": "1.5.0"})
		expectQuiet(t, core, config)
	}
	core := newCore(t, w)
	expectGood(t, core.apply(ctx, deployment("1.6.0", config, map[string]any{"retry": "stripe-production-1"})))
	expect(t, core, map[string]string{"status": "retained", "rollout_id": "stripe-production-2"})
}

// saysOnce fails the test where two of the diagnostics of a plan and its apply, which Terraform
// shows together, say the same sentences.
func saysOnce(t *testing.T, all []*tfprotov6.Diagnostic) {
	t.Helper()
	said := map[string]bool{}
	for _, d := range all {
		for line := range strings.SplitSeq(d.Detail, "\n") {
			if said[line] && len(line) > 0 {
				t.Errorf("it is said twice: %s", line)
			}
			said[line] = true
		}
	}
}
