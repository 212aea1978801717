package provider

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

var (
	waiting    = map[string]any{"wait_for_completion": true}
	notWaiting = map[string]any{"wait_for_completion": false}
)

// TestWaits: with a controller an apply waits or does not, as the configuration says, and another
// word of the configuration counts in the middle of a rollout too.
func TestWaits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, story := range map[string]func(t *testing.T, c *underServer, own *core){
		"true": func(t *testing.T, _ *underServer, own *core) {
			expectGood(t, own.apply(ctx, fast("1.1.0", waiting)))
			expect(t, own, map[string]string{"status": "succeeded", "active_version": "1.1.0"})
			expectQuiet(t, own, fast("1.1.0", waiting))
			expectError(t, own.apply(ctx, fast("2.0.0", waiting)), "stripe 2.0.0 was rolled back")
			expect(t, own, map[string]string{"status": "rolled_back", "version": "1.1.0"})
			expectGood(t, own.destroy(ctx))
		},
		"false": func(t *testing.T, c *underServer, own *core) {
			diags := own.apply(ctx, fast("1.1.0", notWaiting))
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "is on its way", "The controller walks it", "hotswap rollout watch "+firstRollout)
			expect(t, own, map[string]string{"status": "progressing", "rollout_id": firstRollout, "active_version": "1.0.0"})
			expectQuiet(t, own, fast("1.1.0", notWaiting))
			c.settle(own)
			expect(t, own, map[string]string{"status": "succeeded", "active_version": "1.1.0"})
			expectQuiet(t, own, fast("1.1.0", notWaiting))
			expectGood(t, own.destroy(ctx))
		},
		"false, then true": func(t *testing.T, c *underServer, own *core) {
			expectGood(t, own.apply(ctx, fast("1.1.0", notWaiting)))
			expectGood(t, own.apply(ctx, fast("1.1.0", waiting)))
			expect(t, own, map[string]string{"status": "succeeded", "active_version": "1.1.0", "wait_for_completion": "true"})
			expectQuiet(t, own, fast("1.1.0", waiting))
			if n := c.began(); n != 1 {
				t.Errorf("%d rollouts", n)
			}
		},
		"set back": func(t *testing.T, c *underServer, own *core) {
			expectGood(t, own.apply(ctx, slow("1.1.0", notWaiting)))
			expectError(t, own.apply(ctx, slow("2.0.0", notWaiting)), "A rollout is in flight", firstRollout)
			expectGood(t, own.apply(ctx, slow("1.0.0", notWaiting)))
			c.settle(own)
			expect(t, own, map[string]string{"status": "rolled_back", "version": "1.0.0", "active_version": "1.0.0"})
			expectQuiet(t, own, slow("1.0.0", notWaiting))
		},
		"destroyed": func(t *testing.T, c *underServer, own *core) {
			expectGood(t, own.apply(ctx, slow("1.1.0", notWaiting)))
			expectGood(t, own.destroy(ctx))
			if n := c.said(engine.Finished); n != 1 || c.began() != 1 {
				t.Errorf("%d rollouts, %d ended", c.began(), n)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newControlled(t)
			story(t, c, c.core(nil))
		})
	}
}

// TestControlledFleetLacks: a fleet that cannot have some defaults has them left out, as where the
// apply walks; what was asked for by name is refused, with its name.
func TestControlledFleetLacks(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for strategy, block := range map[string]map[string]any{
		"Canary":    {"canary": map[string]any{"stages": []any{25, 100}, "evaluation_period": "1s"}},
		"Direct":    {"direct": map[string]any{"validation_period": "1s"}},
		"Rolling":   {"rolling": map[string]any{"batch_size": "50%", "wait_between_batches": "1s"}},
		"BlueGreen": {"blue_green": map[string]any{"warmup_period": "1s", "monitoring_period": "1s"}},
		"ABTesting": {"ab_testing": map[string]any{"test_duration": "2s", "traffic_split": map[string]any{"a": 50, "b": 50}}},
	} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			fleet := servertest.Fleet(engine.Production, "stripe")
			fleet.Config.Can = map[engine.Capability]bool{}
			for _, c := range []engine.Capability{
				engine.CanLatency, engine.CanTimeouts, engine.CanConversions, engine.CanSatisfaction, engine.CanExecutionTime, engine.CanCPU, engine.CanMemory,
				engine.CanSmokeTests, engine.CanDeaths,
			} {
				fleet.Config.Can[c] = false
			}
			c := controlledOver(t, fleet)
			own := c.core(nil)
			asked := func(version string, more ...map[string]any) map[string]any {
				return deployment(version, append([]map[string]any{block, waiting, {
					"strategy": strategy, "analysis": map[string]any{"min_requests": 20, "min_tenants": 1},
				}}, more...)...)
			}
			expectGood(t, own.apply(ctx, asked("1.1.0")))
			expectQuiet(t, own, asked("1.1.0"))
			if n := c.began(); n != 1 {
				t.Errorf("%d rollouts began", n)
			}
			expectError(t, own.apply(ctx, asked("2.0.0", map[string]any{"rollback_triggers": map[string]any{"max_latency_p99_ratio": 2.5}})),
				"max_latency_p99_ratio: the fleet does not measure latencies")
			if n := c.began(); n != 1 {
				t.Errorf("%d rollouts began", n)
			}
			expectGood(t, own.destroy(ctx))
		})
	}
}

// TestWaitsByDefault: where nobody says, the plan says whether the apply waits, both times that
// Terraform plans, and the apply does so.
func TestWaitsByDefault(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), newControlled(t)
	for name, test := range map[string]struct {
		block  map[string]any
		config map[string]any
		want   bool
	}{
		"short":                       {nil, fast("1.1.0"), true},
		"longer than an hour":         {nil, fast("1.1.0", map[string]any{"canary": map[string]any{"evaluation_period": "1h"}}), false},
		"longer than it may":          {map[string]any{"max_blocking_wait": "1s"}, fast("1.1.0"), false},
		"longer than what may be 2 h": {map[string]any{"max_blocking_wait": "4h"}, fast("1.1.0", map[string]any{"canary": map[string]any{"stages": []any{100}, "evaluation_period": "2h"}}), true},
		"an A/B test":                 {nil, deployment("1.1.0", map[string]any{"strategy": "ABTesting"}), false},
		"an A/B test, waited for":     {nil, deployment("1.1.0", map[string]any{"strategy": "ABTesting"}, waiting), true},
		"nothing to do":               {map[string]any{"max_blocking_wait": "0s"}, fast("1.0.0"), true},
	} {
		own := c.core(test.block)
		first, value := own.plan(test.config)
		expectGood(t, first.Diagnostics)
		own.finally(test.config, value)
		if got := attributes(t, value)["wait_for_completion"]; !got.Equal(tftypes.NewValue(tftypes.Bool, test.want)) {
			t.Errorf("%s: %s, want %t", name, got, test.want)
		}
	}
	own := c.core(map[string]any{"max_blocking_wait": "1s"})
	expectGood(t, own.apply(ctx, fast("1.1.0"))) // which holds what was planned against what came
	expect(t, own, map[string]string{"wait_for_completion": "false", "status": "progressing"})
	expectQuiet(t, own, fast("1.1.0"))
	c.settle(own)
	expectQuiet(t, own, fast("1.1.0"))
}

// TestWaitIsUnknown: a version that is known only as the apply runs leaves open how long that
// takes, and so whether it waits.
func TestWaitIsUnknown(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	own := c.core(map[string]any{"max_blocking_wait": "1s"})
	first, value := own.plan(fast("", map[string]any{"version": unknown{}}))
	expectGood(t, first.Diagnostics)
	if attributes(t, value)["wait_for_completion"].IsKnown() {
		t.Error("it is known")
	}
	expectGood(t, own.applyFinally(context.Background(), fast("1.1.0"), value))
	expect(t, own, map[string]string{"wait_for_completion": "false", "status": "progressing"})
}

// TestStateBeforeWaits: a state that was written before there was wait_for_completion is no
// difference.
func TestStateBeforeWaits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newControlled(t)
	for name, own := range map[string]*core{"controller": c.core(nil), "memory": newCore(t, newMemoryWorlds(t))} {
		config := fast("1.1.0")
		expectGood(t, own.apply(ctx, config))
		attrs := attributes(t, own.state)
		attrs["wait_for_completion"] = tftypes.NewValue(tftypes.Bool, nil)
		own.state = tftypes.NewValue(own.typ, attrs)
		planned, value := own.plan(config) // as with -refresh=false: the plan fills it in, and no more
		expectGood(t, planned.Diagnostics)
		before, private := own.state, own.private
		expectGood(t, own.applyPlan(ctx, config, planned, value))
		own.state, own.private = before, private
		expectQuiet(t, own, config)
		if got := own.get("wait_for_completion"); got != "true" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLostAnswers: where the answer of a start or of a signal is lost, it was carried out once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), newControlled(t)
	left := map[string]int{"/rollouts": 2, "/signals": 1}
	c.lose = func(r *http.Request) bool {
		for end := range left {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, end) && left[end] > 0 {
				left[end]--
				return true
			}
		}
		return false
	}
	own := c.core(nil)
	expectGood(t, own.apply(ctx, slow("1.1.0", notWaiting)))
	expectGood(t, own.apply(ctx, slow("1.0.0", waiting)))
	expect(t, own, map[string]string{"status": "rolled_back", "active_version": "1.0.0"})
	if n, said := c.began(), c.said(engine.Aborted); n != 1 || said != 1 || left["/rollouts"]+left["/signals"] > 0 {
		t.Errorf("%d rollouts, %d times back, %v left to lose", n, said, left)
	}
}

// TestErrorsPass: an apply waits through errors on the way to the controller.
func TestErrorsPass(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), newControlled(t)
	own := c.core(nil)
	done := make(chan []*tfprotov6.Diagnostic, 1)
	go func() { done <- own.apply(ctx, fast("1.1.0", waiting)) }()
	for c.began() == 0 {
		pause(hour / 72000)
	}
	c.fail.Store(6) // more than one request is tried
	expectGood(t, <-done)
	expect(t, own, map[string]string{"status": "succeeded"})
	if c.fail.Load() > 0 {
		t.Errorf("%d errors are left", c.fail.Load())
	}
}

// TestChangedBeforeStart: the fleet that moves between the plan of an apply and its start is told
// as such, and nothing begins.
func TestChangedBeforeStart(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), newControlled(t)
	own, other := c.core(nil), c.core(nil)
	planned, value := own.plan(fast("1.1.0", waiting))
	expectGood(t, planned.Diagnostics)
	began := false
	c.lose = func(r *http.Request) bool {
		if !began && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/rollouts") {
			began = true
			quick := map[string]any{"strategy": "Direct", "canary": nil, "direct": map[string]any{"validation_period": "1s"}}
			expectGood(t, other.apply(ctx, fast("1.2.0", waiting, quick)))
		}
		return false
	}
	expectError(t, own.applyPlan(ctx, fast("1.1.0", waiting), planned, value), "The fleet changed since the plan", "Nothing was changed")
	if n := c.began(); n != 1 {
		t.Errorf("%d rollouts", n)
	}
}
