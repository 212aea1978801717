package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// policy is a working folder with the example of a policy.
func policy(t *testing.T) *terraform {
	t.Helper()
	tf := newTerraform(t)
	if err := os.CopyFS(tf.dir, os.DirFS(filepath.Join(examples, "policy"))); err != nil {
		t.Fatal(err)
	}
	return tf
}

// TestAccPolicyExample plans and applies the example of a policy, beside the
// provider's example.
func TestAccPolicyExample(t *testing.T) {
	t.Parallel()
	tf := policy(t)
	tf.write("provider.tf", `provider "hotswap" {
  simulated = { installed = { "payment-processor-stripe" = "1.5.0" } }
}
`)
	tf.good(tf.run("validate", "-no-color"))
	tf.bad(tf.run("plan", "-no-color", "-var", "stages=[50,100]"), "The policy exposes 75 tenants to a version that errs twice as often")
	tf.bad(tf.apply("-var", "judge=threshold"), "may miss up to 100.0 % of the versions")
	if exists(tf, ".hotswap") {
		t.Error("a policy that was refused touched the fleet")
	}
	tf.good(tf.apply())
	tf.good(tf.destroy())
}

// TestAccPolicyTests runs the tests that the example brings along.
func TestAccPolicyTests(t *testing.T) {
	t.Parallel()
	tf := policy(t)
	tf.says(tf.good(tf.run("test", "-no-color")), "5 passed, 0 failed")
}

// TestAccScenarioFleet deploys to a fleet that a scenario describes.
func TestAccScenarioFleet(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("fleet.yaml", "tenants: {count: 40}\ninstalled: 1.5.0\nversions: {9.9.9: {error_rate: 0.2}}\n"+
		"deployment: {plugin_id: stripe, environment: Production, version: 9.9.9}\nsignals: [{do: pause, at: 1m}]\n")
	config := func(more string) string {
		return fmt.Sprintf("terraform {\n  required_providers {\n    hotswap = { source = \"hotswap-io/hotswap\" }\n  }\n}\n\n"+
			"provider \"hotswap\" {\n  simulated = {\n    scenario = \"fleet.yaml\"\n    %s\n  }\n}\n", more)
	}
	tf.write("main.tf", config("")+resourceBlock("1.6.0", ""))
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "previous_version": "1.5.0", "affected_tenants": 40.0})
	tf.quiet()
	tf.write("main.tf", config("")+resourceBlock("9.9.9", ""))
	tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", "4 of 40 tenants")
	tf.write("main.tf", config("tenants = 41")+resourceBlock("1.6.0", ""))
	tf.bad(tf.run("plan", "-no-color"), "41 is not what the fleet was created with, 40")
	tf.write("fleet.yaml", "tenants: {count: none}\n")
	tf.write("main.tf", config("")+resourceBlock("1.6.0", ""))
	tf.bad(tf.run("plan", "-no-color"), "in provider \"hotswap\"", `fleet.yaml:1:18: tenants.count: "none" is not a whole number`)
}
