package provider

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// strike counts the events of an apply and does something after the nth.
type strike struct {
	after, seen int
	do          func() error
}

func (s *strike) written(engine.Event) error {
	if s.seen++; s.seen == s.after {
		return s.do()
	}
	return nil
}

// better is a fleet on which B wins an A/B test.
func better(c *simulator.Config) {
	b := simulator.DefaultBehaviour()
	b.ConversionRate, b.ErrorRate, b.LatencyP99Ms = 0.06, 0.005, 150
	c.Versions["1.6.0"] = b
}

// eventsOf counts the events of an apply that nothing disturbs.
func eventsOf(t *testing.T, config map[string]any) int {
	t.Helper()
	w := newMemoryWorlds(t, better)
	s := &strike{after: -1}
	w.written = s.written
	newCore(t, w).apply(context.Background(), config)
	if s.seen == 0 {
		t.Fatal("the apply wrote nothing")
	}
	return s.seen
}

func running(t *testing.T, w *memoryWorlds) engine.Snapshot {
	t.Helper()
	at, err := w.at("Production", "stripe")
	if err != nil {
		t.Fatal(err)
	}
	return at.Snapshot()
}

// TestDisturbedAnywhereEndsTheSame stops an apply after every single event, in
// three ways, and applies again: the fleet has to end where it would have ended.
func TestDisturbedAnywhereEndsTheSame(t *testing.T) {
	// Short stages: the events are the same, and there are many runs.
	for name, settings := range map[string]map[string]any{
		"Direct":    {"strategy": "Direct"},
		"Canary":    {"strategy": "Canary", "canary": map[string]any{"evaluation_period": "1m"}},
		"BlueGreen": {"strategy": "BlueGreen", "blue_green": map[string]any{"warmup_period": "10s", "monitoring_period": "30s"}},
		"Rolling":   {"strategy": "Rolling", "rolling": map[string]any{"batch_size": "34%", "wait_between_batches": "30s"}},
		"ABTesting": {"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "10m"}},
	} {
		for _, version := range []string{"1.6.0", "9.9.9"} {
			config := deployment(version, settings)
			for how, disturb := range disturbances {
				t.Run(strings.Join([]string{name, version, how}, "/"), func(t *testing.T) {
					t.Parallel()
					every := 1
					if testing.Short() {
						every = 5
					}
					for n, last := 1, eventsOf(t, config); n <= last; n += every {
						w := newMemoryWorlds(t, better)
						c := newCore(t, w)
						disturb(t, c, w, config, n)
						if t.Failed() {
							t.Fatalf("after event %d", n)
						}
						w.written = nil
						text := errorsIn(c.apply(context.Background(), config))
						wantEnd(t, c, w, version, text, name == "ABTesting")
						if t.Failed() {
							t.Fatalf("after event %d: %s", n, text)
						}
					}
				})
			}
		}
	}
}

// wantEnd checks where a disturbed rollout ended.
func wantEnd(t *testing.T, c *core, w *memoryWorlds, version, text string, abTest bool) {
	t.Helper()
	fleet := running(t, w)
	switch {
	case version == "1.6.0":
		if text != "" || !fleet.RunsOnly("1.6.0") || c.get("outcome") != "succeeded" {
			t.Errorf("the fleet runs %s, outcome %s", fleet.Baseline(), c.get("outcome"))
		}
	case abTest:
		if text != "" || !fleet.RunsOnly("1.5.0") || c.get("outcome") != "retained" {
			t.Errorf("the fleet runs %s, outcome %s", fleet.Baseline(), c.get("outcome"))
		}
	default:
		if !strings.Contains(text, "was rolled back") || !fleet.RunsOnly("1.5.0") {
			t.Errorf("the fleet runs %s", fleet.Baseline())
		}
		if v := c.get("version"); v == version {
			t.Error("the state hides that the version does not run")
		}
	}
}

var disturbances = map[string]func(t *testing.T, c *core, w *memoryWorlds, config map[string]any, n int){
	"interrupted": func(t *testing.T, c *core, w *memoryWorlds, config map[string]any, n int) {
		ctx, cancel := context.WithCancel(context.Background())
		w.written = (&strike{after: n, do: func() error { cancel(); return nil }}).written
		diags := c.apply(ctx, config)
		cancel()
		if text := errorsIn(diags); text != "" {
			// The last event was the end of a rollback: nothing was left to interrupt.
			if !strings.Contains(text, "was rolled back") {
				t.Error(text)
			}
			return
		}
		switch phase := engine.Phase(c.get("status")); phase {
		case engine.PhaseProgressing, engine.PhaseRollingBack:
			expectText(t, warningsIn(diags), "interrupted", "nobody is watching")
		case engine.PhaseSucceeded, engine.PhaseRetained:
		default:
			t.Errorf("status is %s", phase)
		}
	},
	"killed": func(t *testing.T, c *core, w *memoryWorlds, config map[string]any, n int) {
		ctx, cancel := context.WithCancel(context.Background())
		w.written = (&strike{after: n, do: func() error { cancel(); return nil }}).written
		state, private, tainted := c.state, c.private, c.tainted
		c.apply(ctx, config)
		cancel()
		c.state, c.private, c.tainted = state, private, tainted // nothing was stored
	},
	"disk full": func(t *testing.T, c *core, w *memoryWorlds, config map[string]any, n int) {
		if overHTTP {
			t.Skip("a real fleet's journal is asked again, and has the event")
		}
		w.written = (&strike{after: n, do: func() error { return errors.New("no space left on device") }}).written
		text := errorsIn(c.apply(context.Background(), config))
		if !strings.Contains(text, "no space left on device") {
			t.Errorf("the error is not on show: %s", text)
		}
	},
}

// TestInterruptedUpdateGoesOn is the same for a resource that exists, and for one
// that is killed while it is updated.
func TestInterruptedUpdateGoesOn(t *testing.T) {
	for how, disturb := range disturbances {
		for _, version := range []string{"1.6.0", "9.9.9"} {
			t.Run(how+"/"+version, func(t *testing.T) {
				for _, n := range []int{1, 2, 3, 5, 8} {
					w := newMemoryWorlds(t)
					c := newCore(t, w)
					expectGood(t, c.apply(context.Background(), deployment("1.5.1")))
					config := deployment(version)
					disturb(t, c, w, config, n)
					w.written = nil
					text := errorsIn(c.apply(context.Background(), config))
					fleet := running(t, w)
					if version == "1.6.0" && (text != "" || !fleet.RunsOnly("1.6.0")) {
						t.Errorf("after event %d: runs %s: %s", n, fleet.Baseline(), text)
					}
					if version == "9.9.9" && (!strings.Contains(text, "was rolled back") || !fleet.RunsOnly("1.5.1")) {
						t.Errorf("after event %d: runs %s: %s", n, fleet.Baseline(), text)
					}
				}
			})
		}
	}
}

// TestKilledJustBeforeTheEnd: the rollout is done, and the state knows nothing of it.
// The next apply takes it over, so that a destroy can roll it back.
func TestKilledJustBeforeTheEnd(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	config := deployment("1.6.0")
	expectGood(t, c.apply(context.Background(), deployment("1.5.1")))
	disturbances["killed"](t, c, w, config, eventsOf(t, config))
	w.written = nil
	expect(t, c, map[string]string{"rollout_id": "stripe-production-1"})
	diags := c.apply(context.Background(), config)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "which brought it there, is now the one of this resource")
	expect(t, c, map[string]string{"rollout_id": "stripe-production-2", "status": "succeeded", "previous_version": "1.5.1"})
	expectQuiet(t, c, config)
	expectGood(t, c.destroy(context.Background()))
	if !running(t, w).RunsOnly("1.5.1") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
}

// TestKilledUpdateIsSetBack: a person who finds a killed apply may want to go back.
func TestKilledUpdateIsSetBack(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.5.1")))
	disturbances["killed"](t, c, w, deployment("1.6.0"), 6)
	w.written = nil
	said := warningsIn(c.refresh())
	expectText(t, said, "Found before the plan: ", "unattended", "The rollout was progressing", "nobody watched it", "An apply goes on from there")
	if strings.Contains(said, "is watching") || strings.Contains(said, "The next apply") {
		t.Errorf("it says how things are, and is shown when they are otherwise: %s", said)
	}
	expect(t, c, map[string]string{"version": "1.6.0", "status": "progressing", "active_version": "1.5.1", "rollout_id": "stripe-production-1"})
	expectGood(t, c.apply(context.Background(), deployment("1.5.1")))
	expect(t, c, map[string]string{"version": "1.5.1", "status": "rolled_back", "active_version": "1.5.1", "rollout_id": "stripe-production-2"})
	expectQuiet(t, c, deployment("1.5.1"))
}

func TestRollbackOnInterrupt(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.written = (&strike{after: 6, do: func() error { cancel(); return nil }}).written
	diags := c.apply(ctx, deployment("1.6.0", map[string]any{"on_interrupt": "rollback"}))
	expectError(t, diags, "was rolled back", "the apply was interrupted")
	if !c.state.IsNull() || !running(t, w).RunsOnly("1.5.0") {
		t.Error("the fleet is not as it was")
	}
}

// TestDestroyDisturbedAnywhere stops a destroy after every event: destroying again
// has to bring the fleet to where it was before.
func TestDestroyDisturbedAnywhere(t *testing.T) {
	for name, settings := range strategies {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				w := newMemoryWorlds(t)
				c := newCore(t, w)
				settings := maps.Clone(settings)
				if name == "Canary" {
					settings["canary"] = map[string]any{"evaluation_period": "1m"}
				}
				if name == "Rolling" {
					settings["rolling"] = map[string]any{"batch_size": "34%"}
				}
				expectGood(t, c.apply(context.Background(), deployment("1.6.0", settings)))
				ctx, cancel := context.WithCancel(context.Background())
				s := &strike{after: n, do: func() error { cancel(); return nil }}
				w.written = s.written
				text := errorsIn(c.destroy(ctx))
				cancel()
				if s.seen < n {
					return // it was done before
				}
				if text != "" {
					expectText(t, text, "interrupted", "Destroy again")
					w.written = nil
					expectGood(t, c.refresh())
					expectGood(t, c.destroy(context.Background()))
				}
				if !c.state.IsNull() || !running(t, w).RunsOnly("1.5.0") {
					t.Fatalf("after event %d the fleet runs %s", n, running(t, w).Baseline())
				}
			}
		})
	}
}

// TestTooLateToSetBack: the old version is being retired already. The rollout goes on
// to its end, and going back is a rollout of its own.
func TestTooLateToSetBack(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	config := deployment("1.6.0")
	disturbances["interrupted"](t, c, w, config, eventsOf(t, config)-3)
	w.written = nil
	expect(t, c, map[string]string{"status": "progressing"})
	diags := c.apply(context.Background(), deployment("1.5.0"))
	expectError(t, diags, "stripe 1.6.0 was rolled out to the end", "too late to go back to 1.5.0")
	expectText(t, warningsIn(diags), "past the point of no return")
	expect(t, c, map[string]string{"status": "succeeded", "version": "1.6.0", "active_version": "1.6.0"})
	expectGood(t, c.apply(context.Background(), deployment("1.5.0")))
	expect(t, c, map[string]string{"status": "succeeded", "version": "1.5.0", "active_version": "1.5.0", "previous_version": "1.6.0"})
}
