package provider

import (
	"fmt"
	"strings"
	"testing"
)

// manyBlock deploys each of plugins, to a fleet with settings.
func manyBlock(settings string) string {
	return `
terraform {
  required_providers {
    hotswap = { source = "hotswap-io/hotswap" }
  }
}

variable "plugins" {
  type    = set(string)
  default = ["a", "b"]
}

provider "hotswap" {
  simulated = {
    ` + settings + `
  }
}

resource "hotswap_plugin_deployment" "this" {
  for_each    = var.plugins
  plugin_id   = each.key
  environment = "Staging"
  version     = "1.6.0"
  strategy    = "Direct"
}
`
}

// TestAccPluginLeaves: a plugin that leaves the settings of the fleet together with the
// resources is destroyed, and one that comes back is deployed again.
func TestAccPluginLeaves(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", manyBlock(`installed = { for p in var.plugins : p => "1.5.0" }`))
	tf.good(tf.apply())
	tf.good(tf.run("plan", "-no-color", "-var", `plugins=["a"]`))
	tf.good(tf.apply("-var", `plugins=["a"]`))
	if tf.attributes(deploymentType+`.this["b"]`) != nil {
		t.Error("b is still there")
	}
	tf.says(tf.good(tf.apply("-var", `plugins=["a"]`)), "0 added, 0 changed, 0 destroyed")
	tf.good(tf.apply())
	tf.good(tf.destroy())
}

// TestAccSettingsLeave: what held when the fleet was made stays where it is not said any
// more, and cannot be said otherwise.
func TestAccSettingsLeave(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", manyBlock(`installed = { a = "1.5.0", b = null }
    instances = 4
    tenants   = 1500
    seed      = 7
    versions  = { "1.6.0" = { error_rate = 0.5 }, "a@1.6.0" = {}, "b@1.6.0" = {}, "2" = null }`))
	tf.good(tf.apply())
	const read = `
data "hotswap_fleet" "a" {
  environment  = "Staging"
  plugin_id    = "a"
  with_tenants = true
}

data "hotswap_fleet" "next" {
  environment   = "Staging"
  plugin_id     = "a"
  with_tenants  = true
  tenants_after = data.hotswap_fleet.a.tenants_next
  tenants_limit = 600
}

check "fleet" {
  assert {
    condition     = length(data.hotswap_fleet.a.instances) == 4 && data.hotswap_fleet.a.tenant_count == 1500
    error_message = "The fleet changed."
  }
  assert {
    condition     = length(data.hotswap_fleet.a.tenants) == 1000 && length(data.hotswap_fleet.next.tenants) == 500 && data.hotswap_fleet.next.tenants_next == null
    error_message = "The pages are ${length(data.hotswap_fleet.a.tenants)} and ${length(data.hotswap_fleet.next.tenants)} long."
  }
  assert {
    condition     = length(toset(concat(data.hotswap_fleet.a.tenants[*].id, data.hotswap_fleet.next.tenants[*].id))) == 1500
    error_message = "The pages are not all tenants."
  }
}
`
	tf.write("main.tf", manyBlock("")+read)
	r := tf.good(tf.apply())
	tf.says(r, "There are 1500 tenants, and tenants has the first 1000")
	if strings.Contains(flat(r.output), "Check block assertion failed") {
		t.Error(r.output)
	}
	tf.write("main.tf", manyBlock("keep_rollouts = 0"))
	tf.bad(tf.run("validate", "-no-color"), "keep_rollouts: 0 is not in 1..10000")
	tf.write("main.tf", manyBlock("keep_rollouts = 1"))
	tf.good(tf.run("plan", "-no-color"))
	tf.write("main.tf", manyBlock("instances = 5"))
	tf.bad(tf.run("plan", "-no-color"), "simulated.instances: 5 is not what the fleet was created with, 4")
	tf.write("main.tf", manyBlock("")+strings.ReplaceAll(read, "600", "10001"))
	tf.bad(tf.run("plan", "-no-color"), "10001 is not in 1..10000")
	tf.write("main.tf", manyBlock(""))
	tf.good(tf.destroy())
}

// TestAccEscapes: what a terminal would obey is shown and not sent.
func TestAccEscapes(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	for _, settings := range []string{
		`scenario = "a\u001b[31mb.yaml"`, `versions = { "1\u001b[2J\u202e" = { error_rate = 2 } }`, `installed = { "a\u001b" = "" }`,
		`state_path = "main.tf/\u001b[31m\u202e"`,
	} {
		tf.write("main.tf", manyBlock(settings))
		r := tf.bad(tf.apply())
		// Terraform itself shows the line of the configuration, as it is written there.
		if strings.ContainsAny(r.output, "\x1b\u202e") {
			t.Errorf("%s: %q", settings, r.output)
		}
	}
	tf.write("main.tf", strings.ReplaceAll(manyBlock(""), `"1.6.0"`, fmt.Sprintf("%q", strings.Repeat("x", 20_000)+"!")))
	if r := tf.bad(tf.run("plan", "-no-color"), "(20001 characters)"); strings.Count(r.output, "x") > 25_000 {
		t.Errorf("%d bytes", len(r.output))
	}
}
