package provider

import (
	"context"
	"strings"
	"testing"
)

// TestRollbackIsAnAnswer: with on_rollback = "warn" a rollback is stored, said at every
// refresh, and not tried again until something is asked for otherwise.
func TestRollbackIsAnAnswer(t *testing.T) {
	ctx := context.Background()
	warn := func(version string, more ...map[string]any) map[string]any {
		return deployment(version, append(more, map[string]any{"on_rollback": "warn"})...)
	}
	for name, before := range map[string][]map[string]any{"create": nil, "update": {warn("1.6.0")}} {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			c := newCore(t, w)
			runs := "1.5.0"
			for _, config := range before {
				expectGood(t, c.apply(ctx, config))
				runs = "1.6.0"
			}
			diags := c.apply(ctx, warn("9.9.9"))
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "stripe 9.9.9 was rolled back")
			expectText(t, warningsIn(diags), "applying again unchanged does nothing")
			expect(t, c, map[string]string{"version": "9.9.9", "active_version": runs, "status": "rolled_back", "outcome": "rolled_back"})
			if c.tainted {
				t.Error("it is tainted")
			}
			expectText(t, warningsIn(c.refresh()), "stripe 9.9.9 was rolled back, and does not run")
			expectQuiet(t, c, warn("9.9.9"))

			// Another strategy is another rollout, and so is another version.
			diags = c.apply(ctx, warn("9.9.9", map[string]any{"strategy": "Direct"}))
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "stripe 9.9.9 was rolled back")
			expectQuiet(t, c, warn("9.9.9", map[string]any{"strategy": "Direct"}))
			expectGood(t, c.apply(ctx, warn("1.7.0")))
			expect(t, c, map[string]string{"version": "1.7.0", "active_version": "1.7.0", "outcome": "succeeded"})
			if text := warningsIn(c.refresh()); strings.Contains(text, "rolled back") {
				t.Errorf("a refresh still says %s", text)
			}

			// What was an answer is a failure for who wants to know it as one.
			expectGood(t, c.apply(ctx, warn("9.9.9", map[string]any{"strategy": "Rolling"})))
			expectError(t, c.apply(ctx, deployment("9.9.9", map[string]any{"strategy": "Canary", "on_rollback": "fail"})))
			expect(t, c, map[string]string{"active_version": "1.7.0"})
			expectGood(t, c.destroy(ctx))
		})
	}
}

// TestAccExpectARollback lets terraform test expect one, in a create and in an update.
func TestAccExpectARollback(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.env = append(tf.env, statePathVariable+"="+t.TempDir())
	tf.write("main.tf", fleetBlock("")+`
variable "version_of_stripe" {
  type = string
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "stripe"
  environment = "Production"
  version     = var.version_of_stripe
  on_rollback = "warn"
}

resource "hotswap_plugin_deployment" "first" {
  plugin_id   = "never-there-before"
  environment = "Staging"
  version     = var.version_of_stripe
  strategy    = "Direct"
  on_rollback = "warn"
}
`)
	tf.write("rollback.tftest.hcl", `
run "a_bad_version_is_rolled_back" {
  variables {
    version_of_stripe = "9.9.9"
  }
  assert {
    condition     = hotswap_plugin_deployment.stripe.outcome == "rolled_back" && hotswap_plugin_deployment.stripe.active_version == "1.5.0"
    error_message = "It is ${hotswap_plugin_deployment.stripe.outcome}."
  }
  assert {
    condition     = hotswap_plugin_deployment.first.outcome == "rolled_back" && hotswap_plugin_deployment.first.active_version == null
    error_message = "It is ${hotswap_plugin_deployment.first.outcome}."
  }
}

run "nothing_is_tried_again" {
  command = plan
  variables {
    version_of_stripe = "9.9.9"
  }
  assert {
    condition     = hotswap_plugin_deployment.stripe.status == "rolled_back"
    error_message = "Another rollout is planned."
  }
}

run "a_good_one_is_rolled_out" {
  variables {
    version_of_stripe = "1.6.0"
  }
  assert {
    condition     = hotswap_plugin_deployment.stripe.outcome == "succeeded"
    error_message = "It is ${hotswap_plugin_deployment.stripe.outcome}."
  }
}

run "and_a_bad_one_after_it_is_not" {
  variables {
    version_of_stripe = "9.9.9"
  }
  assert {
    condition     = hotswap_plugin_deployment.stripe.active_version == "1.6.0" && hotswap_plugin_deployment.stripe.affected_tenants < 150
    error_message = "It runs ${hotswap_plugin_deployment.stripe.active_version}."
  }
}
`)
	tf.says(tf.good(tf.run("test", "-no-color")), "4 passed, 0 failed")
}
