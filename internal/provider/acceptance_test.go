package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// fleetBlock is a provider block; more goes into simulated.
func fleetBlock(more string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    hotswap = { source = "hotswap-io/hotswap" }
  }
}

provider "hotswap" {
  simulated = {
    installed = { stripe = "1.5.0", paypal = "1.5.0" }
    versions = {
      "1.6.0" = { conversion_rate = 0.05 }
      "9.9.9" = { error_rate = 0.2 }
    }
    %s
  }
}
`, more)
}

// resourceBlock is the deployment that the tests call stripe; more goes into it.
func resourceBlock(version, more string) string {
	return fmt.Sprintf(`
resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "stripe"
  environment = "Production"
  version     = %q
  %s
}
`, version, more)
}

// set writes the configuration anew.
func (tf *terraform) set(version, more string) {
	tf.t.Helper()
	tf.write("main.tf", fleetBlock("")+resourceBlock(version, more))
}

func TestAccStrategies(t *testing.T) {
	for name, settings := range map[string]string{
		"Direct":    `strategy = "Direct"`,
		"Canary":    `strategy = "Canary"`,
		"BlueGreen": `strategy = "BlueGreen"`,
		"Rolling":   "strategy = \"Rolling\"\n rolling = { batch_size = \"25%\" }",
		"ABTesting": "strategy = \"ABTesting\"\n ab_testing = { traffic_split = { a = 50, b = 50 } }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t)
			tf.set("1.6.0", settings)
			tf.says(tf.good(tf.run("plan", "-no-color")), "earliest_end", "latest_end", "targets")
			if exists(tf, ".hotswap") {
				t.Error("the plan created the fleet's folder")
			}
			tf.good(tf.apply())
			tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0", "previous_version": "1.5.0"})
			tf.quiet()
			tf.set("9.9.9", settings)
			if name == "ABTesting" {
				tf.says(tf.good(tf.apply()), "The A/B test kept A: 1.6.0")
				tf.expect(map[string]any{"status": "retained", "version": "9.9.9", "active_version": "1.6.0"})
				tf.quiet()
			} else {
				tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", "error rate", "everything runs 1.6.0 as before")
				tf.expect(map[string]any{"status": "rolled_back", "version": "1.6.0", "active_version": "1.6.0"})
				tf.set("1.6.0", settings)
				tf.quiet()
			}
			tf.good(tf.destroy())
		})
	}
}

func TestAccHeld(t *testing.T) {
	const hold = `canary = { stages = [10, 100], auto_rollback = false }
  rollback_triggers = { consecutive_health_failures = 0, max_error_rate = 0, max_latency_p99_ratio = 0 }`
	decide := func(action, stage string) string {
		return hold + fmt.Sprintf("\n  decision = { rollout_id = \"stripe-production-1\", action = %q, stage = %q }", action, stage)
	}
	t.Run("then promoted", func(t *testing.T) {
		t.Parallel()
		tf := newTerraform(t)
		tf.set("9.9.9", hold)
		tf.says(tf.good(tf.apply()), `stripe 9.9.9 is held at stage "10%"`, `rollout_id = "stripe-production-1"`)
		tf.expect(map[string]any{"status": "held", "outcome": nil, "active_version": "1.5.0"})
		tf.quiet() // a person is waited for
		tf.set("9.9.9", decide("promote", "10%"))
		tf.says(tf.good(tf.apply()), `held at stage "100%"`)
		tf.set("9.9.9", decide("promote", "100%"))
		tf.good(tf.apply())
		tf.expect(map[string]any{"status": "succeeded", "active_version": "9.9.9"})
		tf.quiet()
	})
	t.Run("then rolled back", func(t *testing.T) {
		t.Parallel()
		tf := newTerraform(t)
		tf.set("9.9.9", hold)
		tf.good(tf.apply())
		tf.set("9.9.9", decide("rollback", "10%"))
		tf.says(tf.good(tf.apply()), "was rolled back, as asked", "the next apply refuses it")
		tf.expect(map[string]any{"status": "rolled_back", "active_version": "1.5.0"})
	})
	t.Run("then version set back", func(t *testing.T) {
		t.Parallel()
		tf := newTerraform(t)
		tf.set("9.9.9", hold)
		tf.good(tf.apply())
		tf.set("1.6.0", hold)
		tf.bad(tf.run("plan", "-no-color"), "A rollout is in flight", "stripe-production-1")
		tf.set("1.5.0", hold)
		tf.good(tf.apply())
		tf.expect(map[string]any{"status": "rolled_back", "active_version": "1.5.0", "version": "1.5.0"})
		tf.quiet()
	})
	t.Run("then destroyed", func(t *testing.T) {
		t.Parallel()
		tf := newTerraform(t)
		tf.set("9.9.9", hold)
		tf.good(tf.apply())
		tf.good(tf.destroy())
		tf.set("1.5.0", "")
		tf.says(tf.good(tf.apply()), "the version is already active")
	})
}

// TestAccRetainedThenCanary: a test turned the version down, and it is to be rolled out
// nevertheless.
func TestAccRetainedThenCanary(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.7.0", "strategy = \"ABTesting\"\n ab_testing = { test_duration = \"1h\" }")
	tf.says(tf.good(tf.apply()), "The A/B test kept A: 1.5.0")
	tf.expect(map[string]any{"status": "retained"})
	tf.quiet()
	tf.set("1.7.0", `strategy = "Canary"`)
	tf.says(tf.good(tf.run("plan", "-no-color")), "1.5.0 -> 1.7.0, Canary in Production")
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.7.0", "rollout_id": "stripe-production-2"})
	tf.quiet()
}

// TestAccStalePlan: between plan and apply the fleet came to run something else.
func TestAccStalePlan(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.run("plan", "-out=stale.plan", "-no-color"))
	other := newTerraform(t)
	other.dir = tf.dir
	tf.good(other.run("apply", "-auto-approve", "-no-color", "-state=other.tfstate", "-lock=false"))
	// Somebody was faster with the very same: that is what was planned.
	tf.says(tf.good(tf.run("apply", "-no-color", "stale.plan")), "Rollout stripe-production-1 brought stripe to 1.6.0", "the version is already active")
	tf.expect(map[string]any{"rollout_id": "stripe-production-1", "status": "succeeded"})

	tf.set("1.7.0", "")
	tf.good(tf.run("plan", "-out=stale.plan", "-no-color"))
	tf.set("1.6.1", "")
	tf.good(other.run("apply", "-auto-approve", "-no-color", "-state=other.tfstate", "-lock=false"))
	tf.bad(tf.run("apply", "-no-color", "stale.plan"), "The fleet changed since the plan", "It ran 1.6.0 after stripe-production-1", "Nothing was changed")
	tf.expect(map[string]any{"active_version": "1.6.0"}) // nothing was refreshed
	tf.set("1.7.0", "")
	tf.good(tf.apply())
	tf.expect(map[string]any{"active_version": "1.7.0", "previous_version": "1.6.1"})
}

func TestAccTwoInParallel(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	both := fleetBlock("") + resourceBlock("1.6.0", "")
	tf.write("main.tf", both+strings.ReplaceAll(resourceBlock("9.9.9", ""), `"stripe"`, `"paypal"`))
	tf.bad(tf.apply(), "paypal 9.9.9 was rolled back")
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0"})
	if tf.attributes(deploymentType+".paypal") != nil {
		t.Error("paypal is in the state")
	}
}

// TestAccCreateBeforeDestroy: the successor is there before its predecessor is
// destroyed, and must not be rolled back with it.
func TestAccCreateBeforeDestroy(t *testing.T) {
	const lifecycle = "lifecycle {\n create_before_destroy = true\n }"
	for name, version := range map[string]string{"same version": "1.6.0", "another version": "1.7.0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t)
			tf.set("1.6.0", lifecycle)
			tf.good(tf.apply())
			tf.set(version, lifecycle)
			tf.says(tf.good(tf.apply("-replace="+deploymentType+".stripe")), "nothing was rolled back")
			tf.expect(map[string]any{"active_version": version, "status": "succeeded"})
			tf.quiet()
			tf.good(tf.destroy())
		})
	}
}

func TestAccReplaceOfThePlugin(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	tf.write("main.tf", fleetBlock("")+strings.Replace(resourceBlock("1.6.0", ""), `plugin_id   = "stripe"`, `plugin_id   = "paypal"`, 1))
	tf.says(tf.good(tf.run("plan", "-no-color")), "must be replaced")
	tf.says(tf.good(tf.apply()), "1 added, 0 changed, 1 destroyed")
	if n := tf.rollouts(); n != 2 {
		t.Errorf("%d rollouts of stripe, want one and its way back: another plugin's deployment does not take it over", n)
	}
	tf.expect(map[string]any{"plugin_id": "paypal", "active_version": "1.6.0", "id": "Production/paypal"})
	tf.quiet()
}

func TestAccImport(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	before := tf.attributes(deploymentType + ".stripe")
	tf.good(tf.run("state", "rm", deploymentType+".stripe"))
	tf.good(tf.run("import", "-no-color", deploymentType+".stripe", "Production/stripe"))
	after := tf.attributes(deploymentType + ".stripe")
	for name, v := range before {
		if fmt.Sprint(v) != fmt.Sprint(after[name]) {
			t.Errorf("%s was %v and is %v", name, v, after[name])
		}
	}
	tf.quiet()
	tf.good(tf.run("state", "rm", deploymentType+".stripe"))
	tf.bad(tf.run("import", "-no-color", deploymentType+".stripe", "Nowhere"), "ENVIRONMENT/PLUGIN")
	tf.bad(tf.run("import", "-no-color", deploymentType+".stripe", "Production/unknown"), "does not run unknown")
}

// TestAccDrift: somebody else brings the fleet to another version.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	other := newTerraform(t)
	other.set("1.7.0", "")
	other.write("main.tf", fleetBlock(fmt.Sprintf("state_path = %q", filepath.ToSlash(filepath.Join(tf.dir, ".hotswap", "fleet"))))+resourceBlock("1.7.0", ""))
	other.good(other.apply())
	tf.says(tf.good(tf.run("plan", "-no-color")), `"1.7.0" -> "1.6.0"`)
	tf.good(tf.apply())
	tf.expect(map[string]any{"active_version": "1.6.0", "previous_version": "1.7.0"})
	tf.quiet()
	tf.says(tf.good(other.destroy()), "nothing was rolled back", "is not the latest one any more")
	tf.quiet()
}

func TestAccUnknownConfiguration(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", strings.Replace(fleetBlock(`state_path = terraform_data.path.output`), `provider "hotswap"`,
		"resource \"terraform_data\" \"path\" {\n  input = \"fleet\"\n}\n\nprovider \"hotswap\"", 1)+resourceBlock("1.6.0", ""))
	tf.good(tf.apply())
	tf.expect(map[string]any{"active_version": "1.6.0"})
	tf.quiet()
	tf.good(tf.destroy())
}

func exists(tf *terraform, name string) bool {
	found, _ := filepath.Glob(filepath.Join(tf.dir, name))
	return len(found) > 0
}

// TestAccImportByIdentity needs Terraform 1.12.
func TestAccImportByIdentity(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.5.0", "")
	tf.write("import.tf", `
import {
  to       = hotswap_plugin_deployment.stripe
  identity = { environment = "Production", plugin_id = "stripe" }
}
`)
	r := tf.run("validate", "-no-color")
	if r.code != 0 && strings.Contains(flat(r.output), `argument named "identity" is not expected`) {
		t.Skip("this terraform has no import by identity")
	}
	tf.good(r)
	tf.says(tf.good(tf.apply()), "1 imported, 0 added")
	tf.expect(map[string]any{"id": "Production/stripe", "active_version": "1.5.0"})
	tf.quiet()
}
