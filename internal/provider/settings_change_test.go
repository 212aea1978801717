package provider

import (
	"context"
	"testing"
)

// TestAfterRetainedOtherSettingsAreANewRollout: the test turned the version down, and
// whoever asks for it in another way asks for something else.
func TestAfterRetainedOtherSettingsAreANewRollout(t *testing.T) {
	ctx := context.Background()
	test := func(duration string) map[string]any {
		return map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": duration}}
	}
	for name, c := range map[string]struct {
		more map[string]any
		ends string // status; "": there is no difference
	}{
		"the same":            {more: test("1h")},
		"spelled differently": {more: test("PT60M")},
		"what is no setting of the rollout": {more: map[string]any{
			"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "1h"}, "on_destroy": "leave",
		}},
		"a longer test":    {more: test("2h"), ends: "retained"},
		"another strategy": {more: map[string]any{"strategy": "Canary"}, ends: "succeeded"},
		"no strategy":      {more: nil, ends: "succeeded"},
		"other guards": {more: map[string]any{
			"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "1h"}, "rollback_triggers": map[string]any{"max_error_rate": 0.1},
		}, ends: "retained"},
	} {
		t.Run(name, func(t *testing.T) {
			core := newCore(t, newMemoryWorlds(t))
			expectGood(t, core.apply(ctx, deployment("1.6.0", test("1h"))))
			expect(t, core, map[string]string{"status": "retained", "active_version": "1.5.0", "rollout_id": "stripe-production-1"})
			config := deployment("1.6.0", c.more)
			expectGood(t, core.apply(ctx, config))
			want := map[string]string{"status": "retained", "rollout_id": "stripe-production-1", "active_version": "1.5.0"}
			if c.ends != "" {
				want["status"], want["rollout_id"] = c.ends, "stripe-production-2"
			}
			if c.ends == "succeeded" {
				want["active_version"] = "1.6.0"
			}
			expect(t, core, want)
			expectQuiet(t, core, config)
		})
	}
}

// TestImportOfARetainedTest: a state that knows no settings starts no test.
func TestImportOfARetainedTest(t *testing.T) {
	ctx := context.Background()
	test := map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "1h"}}
	w := newMemoryWorlds(t)
	expectGood(t, newCore(t, w).apply(ctx, deployment("1.6.0", test)))
	core := newCore(t, w)
	expectGood(t, core.importState("Production/stripe", nil))
	before := core.get("rollout_id")
	expectGood(t, core.apply(ctx, deployment(core.get("version"), test)))
	expect(t, core, map[string]string{"rollout_id": before})
}

// TestSettingsUnderAHeldRollout are stored for the next one, and not in silence.
func TestSettingsUnderAHeldRollout(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	core := newCore(t, newMemoryWorlds(t))
	expectGood(t, core.apply(ctx, deployment("9.9.9", hold)))
	diags := core.apply(ctx, deployment("9.9.9", hold, map[string]any{"strategy": "Rolling", "canary": nil}))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "stripe 9.9.9: strategy Rolling waits for the next rollout", "Rollout stripe-production-1 is held at stage \"10%\"",
		"goes on as the Canary rollout", "Stored for the next one: strategy, canary")
	expect(t, core, map[string]string{"status": "held", "strategy": "Rolling"})
	diags = core.apply(ctx, deployment("9.9.9", hold, map[string]any{"analysis": map[string]any{"min_requests": 10}}))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "the new settings wait for the next rollout", "analysis")
	core.refresh()
	planned, _ := core.plan(deployment("9.9.9", hold, map[string]any{"analysis": map[string]any{"min_requests": 10}, "on_destroy": "leave"}))
	if text := warningsIn(planned.Diagnostics); text != "" {
		t.Errorf("what is no setting of the rollout warns: %s", text)
	}
}
