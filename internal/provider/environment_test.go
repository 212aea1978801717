package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccOwnEnvironment takes a deployment to an environment with a name of its own
// through its life, beside one to the environment whose kind it has.
func TestAccOwnEnvironment(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	deployment := func(name, where string) string {
		return fmt.Sprintf(`
resource "hotswap_plugin_deployment" %q {
  plugin_id = "stripe"
  version   = "1.6.0"
  %s
}
`, name, where)
	}
	eu := deployment("stripe", `environment = "prod-eu"
  environment_kind = "Production"`)
	const read = `
data "hotswap_rollout" "r" {
  environment = "prod-eu"
  plugin_id   = "stripe"
  depends_on  = [hotswap_plugin_deployment.stripe]
}

check "rollout" {
  assert {
    condition     = data.hotswap_rollout.r.rollout_id == "stripe@prod-eu-1" && data.hotswap_rollout.r.strategy == "Canary"
    error_message = "It is ${data.hotswap_rollout.r.rollout_id}."
  }
}
`
	tf.write("main.tf", fleetBlock("")+eu+deployment("plain", `environment = "Production"`)+read)
	if r := tf.good(tf.apply()); strings.Contains(flat(r.output), "Check block assertion failed") {
		t.Error(r.output)
	}
	tf.expect(map[string]any{"id": "prod-eu/stripe", "strategy": "Canary", "environment_kind": "Production", "active_version": "1.6.0"})
	tf.quiet()
	if !exists(tf, filepath.Join(".hotswap", "fleet", "prod-eu", "stripe", "world.json")) {
		t.Error("the fleet is not where its names say")
	}
	// Lost, and imported again.
	tf.good(tf.run("state", "rm", "hotswap_plugin_deployment.stripe"))
	tf.good(tf.run("import", "-no-color", "hotswap_plugin_deployment.stripe", "prod-eu/stripe"))
	tf.expect(map[string]any{"strategy": "Canary", "environment_kind": "Production", "version": "1.6.0"})
	tf.quiet()
	// Another kind is a matter of settings, of the next rollout.
	tf.write("main.tf", fleetBlock("")+strings.Replace(eu, `"Production"`, `"Staging"`, 1)+deployment("plain", `environment = "Production"`))
	tf.says(tf.good(tf.apply()), "0 added, 1 changed, 0 destroyed")
	tf.expect(map[string]any{"strategy": "Rolling"})
	for _, c := range [][2]string{
		{`environment = "prod-eu"`, "a name of your own needs environment_kind"},
		{"environment = \"Production\"\n environment_kind = \"QA\"", "is not the kind of Production"},
		{"environment = \"../x\"\n environment_kind = \"QA\"", "nor a name of 1..63 letters"},
		{"environment = \"production\"\n environment_kind = \"QA\"", "is Production in other letters"},
	} {
		tf.write("main.tf", fleetBlock("")+deployment("stripe", c[0]))
		tf.bad(tf.run("validate", "-no-color"), c[1])
	}
	tf.bad(tf.run("import", "-no-color", "hotswap_plugin_deployment.stripe", "../x/stripe"), "Cannot import")
	tf.write("main.tf", fleetBlock(""))
	tf.good(tf.destroy())
}

// TestAccWithoutFleet: what plays on fleets of its own needs none of the provider's, and
// what deploys says that it does.
func TestAccWithoutFleet(t *testing.T) {
	t.Parallel()
	const head = `
terraform {
  required_providers {
    hotswap = { source = "hotswap-io/hotswap" }
  }
}

provider "hotswap" {}
`
	const plays = `
data "hotswap_simulation" "s" {
  plugin_id        = "stripe"
  environment      = "dev-1"
  environment_kind = "Development"
  version          = "2"
  runs             = 10
}

output "advice" {
  value = "${data.hotswap_simulation.s.runs} ${provider::hotswap::recommend_strategy("QA", 3, false, true, false)}"
}
`
	tf := newTerraform(t)
	for _, block := range []string{head, strings.ReplaceAll(head, "provider \"hotswap\" {}\n", "")} {
		tf.write("main.tf", block+plays)
		tf.good(tf.apply())
		tf.says(tf.run("output", "-raw", "advice"), "10 ABTesting")
	}
	for _, needs := range []string{
		resourceBlock("1", ""), "data \"hotswap_fleet\" \"f\" {\n  environment = \"QA\"\n  plugin_id = \"p\"\n}\n",
		"data \"hotswap_rollout\" \"f\" {\n  environment = \"QA\"\n  plugin_id = \"p\"\n}\n",
		"data \"hotswap_exposure\" \"f\" {\n  environment = \"QA\"\n  plugin_id = \"p\"\n}\n",
	} {
		tf.write("main.tf", head+needs)
		tf.good(tf.run("validate", "-no-color"))
		tf.bad(tf.run("plan", "-no-color"), "No fleet", "write simulated = {}", "HOTSWAP_ENDPOINT")
	}
	if entries, err := os.ReadDir(filepath.Join(tf.dir, ".hotswap")); err == nil {
		t.Errorf("something was written: %v", entries)
	}
}
