package provider

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// deployment is a configuration of the resource; more overrides it.
func deployment(version string, more ...map[string]any) map[string]any {
	config := map[string]any{"plugin_id": "stripe", "environment": "Production", "version": version}
	for _, m := range more {
		maps.Copy(config, m)
	}
	return config
}

func expect(t *testing.T, c *core, want map[string]string) {
	t.Helper()
	for name, v := range want {
		if got := c.get(name); got != v {
			t.Errorf("%s = %q, want %q", name, got, v)
		}
	}
}

func expectError(t *testing.T, diags []*tfprotov6.Diagnostic, parts ...string) {
	t.Helper()
	text := errorsIn(diags)
	if text == "" {
		t.Fatalf("no error; warnings: %s", warningsIn(diags))
	}
	expectText(t, text, parts...)
}

func expectText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

func expectGood(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if text := errorsIn(diags); text != "" {
		t.Fatal(text)
	}
}

// expectQuiet checks that a further apply has nothing to do.
func expectQuiet(t *testing.T, c *core, config map[string]any) {
	t.Helper()
	expectGood(t, c.refresh())
	resp, value := c.plan(config)
	expectGood(t, resp.Diagnostics)
	if !value.Equal(c.state) {
		diffs, _ := value.Diff(c.state)
		t.Errorf("the next plan is not empty: %v", diffs)
	}
}

var strategies = map[string]map[string]any{
	"Direct":    {"strategy": "Direct"},
	"Canary":    {"strategy": "Canary"},
	"BlueGreen": {"strategy": "BlueGreen"},
	"Rolling":   {"strategy": "Rolling"},
}

func TestGoodVersionIsRolledOut(t *testing.T) {
	for name, settings := range strategies {
		t.Run(name, func(t *testing.T) {
			c := newCore(t, newMemoryWorlds(t))
			config := deployment("1.6.0", settings)
			expectGood(t, c.apply(context.Background(), config))
			expect(t, c, map[string]string{
				"status": "succeeded", "outcome": "succeeded", "version": "1.6.0", "active_version": "1.6.0", "previous_version": "1.5.0",
				"id": "Production/stripe",
			})
			expectQuiet(t, c, config)
			expectGood(t, c.apply(context.Background(), deployment("1.7.0", settings)))
			expect(t, c, map[string]string{"status": "succeeded", "active_version": "1.7.0", "previous_version": "1.6.0"})
			expectGood(t, c.destroy(context.Background()))
			if !c.state.IsNull() {
				t.Error("the state is still there")
			}
		})
	}
}

func TestBadVersionIsRolledBack(t *testing.T) {
	for name, settings := range strategies {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			c := newCore(t, w)
			expectError(t, c.apply(context.Background(), deployment("9.9.9", settings)), "stripe 9.9.9 was rolled back", "error rate", "Exposed", "1.5.0")
			if !c.state.IsNull() {
				t.Fatal("a create that was rolled back left a state")
			}
			expectGood(t, c.apply(context.Background(), deployment("1.6.0", settings)))
			expectError(t, c.apply(context.Background(), deployment("9.9.9", settings)), "stripe 9.9.9 was rolled back")
			expect(t, c, map[string]string{"version": "1.6.0", "active_version": "1.6.0", "status": "rolled_back", "outcome": "rolled_back"})
			// The difference is still there, and going back to what runs closes it.
			if resp, value := c.plan(deployment("9.9.9", settings)); value.Equal(c.state) {
				t.Errorf("the next plan is empty: %v", resp)
			}
			expectQuiet(t, c, deployment("1.6.0", settings))
		})
	}
}

func TestStagesAreKnownWhenPlanning(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	resp, value := c.plan(deployment("1.6.0"))
	expectGood(t, resp.Diagnostics)
	attrs := attributes(t, value)
	if !attrs["stages"].IsFullyKnown() {
		t.Fatal("the stages are not known")
	}
	if attrs["status"].IsKnown() {
		t.Error("the status is known before the apply")
	}
	if got := textOf(t, attrs["previous_version"]); got != "1.5.0" {
		t.Errorf("previous_version = %s", got)
	}
}

func TestHeldIsPromoted(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	diags := c.apply(context.Background(), deployment("9.9.9", hold))
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "is held at stage \"10%\"", "action = \"promote\"", "Exposed")
	expect(t, c, map[string]string{"status": "held", "outcome": "", "version": "9.9.9", "active_version": "1.5.0"})
	id := c.get("rollout_id")
	expectText(t, warningsIn(c.refresh()), "is held")
	decide := map[string]any{"decision": map[string]any{"rollout_id": id, "action": "promote"}}
	diags = c.apply(context.Background(), deployment("9.9.9", hold, decide))
	expectGood(t, diags)
	expect(t, c, map[string]string{"status": "held", "rollout_id": id}) // at 100 % it is no better
	again := map[string]any{"decision": map[string]any{"rollout_id": id, "action": "promote", "stage": "100%"}}
	expectGood(t, c.apply(context.Background(), deployment("9.9.9", hold, again)))
	expect(t, c, map[string]string{"status": "succeeded", "active_version": "9.9.9", "rollout_id": id})
	expectQuiet(t, c, deployment("9.9.9", hold, again))
}

var off = map[string]any{"consecutive_health_failures": 0, "max_error_rate": 0, "max_latency_p99_ratio": 0}

func TestHeldIsRolledBack(t *testing.T) {
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}}
	for name, change := range map[string]func(id string) map[string]any{
		"by a decision": func(id string) map[string]any {
			return deployment("9.9.9", hold, map[string]any{"decision": map[string]any{"rollout_id": id, "action": "rollback"}})
		},
		"by the version": func(string) map[string]any { return deployment("1.5.0", hold) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCore(t, newMemoryWorlds(t))
			expectGood(t, c.apply(context.Background(), deployment("9.9.9", hold)))
			expect(t, c, map[string]string{"status": "held"})
			config := change(c.get("rollout_id"))
			diags := c.apply(context.Background(), config)
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "was rolled back, as asked")
			expect(t, c, map[string]string{"status": "rolled_back", "active_version": "1.5.0", "version": config["version"].(string)})
			if config["version"] == "1.5.0" {
				expectQuiet(t, c, config)
			}
		})
	}
}

func TestAnotherVersionIsRefusedWhileHeld(t *testing.T) {
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}}
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(context.Background(), deployment("9.9.9", hold)))
	expectError(t, c.apply(context.Background(), deployment("1.6.0", hold)), "A rollout is in flight", c.get("rollout_id"), "1.5.0")
}

func TestSettingsAloneRunNothing(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	id := c.get("rollout_id")
	changed := deployment("1.6.0", map[string]any{"canary": map[string]any{"evaluation_period": "5m"}})
	expectGood(t, c.apply(context.Background(), changed))
	expect(t, c, map[string]string{"rollout_id": id, "status": "succeeded"})
	respelled := deployment("1.6.0", map[string]any{"canary": map[string]any{"evaluation_period": "PT5M"}})
	expectQuiet(t, c, respelled)
}
