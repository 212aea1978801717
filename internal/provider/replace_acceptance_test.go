package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// rollouts is how many rollouts the fleet of stripe in Production has seen.
func (tf *terraform) rollouts() int {
	tf.t.Helper()
	files, err := filepath.Glob(filepath.Join(tf.dir, ".hotswap", "*", "*", "stripe", "journals", "*.journal"))
	if err != nil {
		tf.t.Fatal(err)
	}
	return len(files)
}

// TestAccReplace: whatever replaces a deployment by one of the same plugin in the same
// environment leaves the fleet alone, and ends on the version that is asked for.
func TestAccReplace(t *testing.T) {
	const stripe = deploymentType + ".stripe"
	trigger := func(n string) string {
		return fmt.Sprintf("\nresource \"terraform_data\" \"t\" {\n  input = %q\n}\n", n)
	}
	const triggered = "lifecycle {\n replace_triggered_by = [terraform_data.t]\n }"
	for name, c := range map[string]struct {
		first    func(tf *terraform)
		then     func(tf *terraform) result
		rollouts int // in all
		version  string
	}{
		"tainted": {
			then: func(tf *terraform) result {
				tf.good(tf.run("taint", stripe))
				return tf.apply()
			}, rollouts: 1,
		},
		"tainted, planned before": {
			then: func(tf *terraform) result {
				tf.good(tf.run("taint", stripe))
				tf.good(tf.run("plan", "-out=p", "-no-color"))
				return tf.run("apply", "-no-color", "p")
			}, rollouts: 1,
		},
		"asked for": {then: func(tf *terraform) result { return tf.apply("-replace=" + stripe) }, rollouts: 1},
		"asked for, with other settings": {
			then: func(tf *terraform) result {
				tf.set("1.6.0", `strategy = "Rolling"`)
				return tf.apply("-replace=" + stripe)
			}, rollouts: 1,
		},
		"asked for, with another version": {
			then: func(tf *terraform) result {
				tf.set("1.7.0", "")
				return tf.apply("-replace=" + stripe)
			}, rollouts: 2, version: "1.7.0",
		},
		"triggered": {
			first: func(tf *terraform) {
				tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", triggered)+trigger("1"))
				tf.good(tf.apply())
			},
			then: func(tf *terraform) result {
				tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", triggered)+trigger("2"))
				return tf.apply()
			}, rollouts: 1,
		},
		"a provisioner that failed once": {
			first: func(tf *terraform) {
				tf.set("1.6.0", "provisioner \"local-exec\" {\n command = \"test -f there\"\n }")
				tf.bad(tf.apply(), "local-exec")
			},
			then: func(tf *terraform) result {
				tf.write("there", "")
				return tf.apply()
			}, rollouts: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t)
			if c.first == nil {
				tf.set("1.6.0", "")
				tf.good(tf.apply())
			} else {
				c.first(tf)
			}
			tf.says(tf.good(c.then(tf)), "nothing was rolled back", "stays as it is")
			if c.version == "" {
				c.version = "1.6.0"
			}
			tf.expect(map[string]any{"active_version": c.version, "status": "succeeded", "tainted": false})
			if n := tf.rollouts(); n != c.rollouts {
				t.Errorf("%d rollouts, want %d", n, c.rollouts)
			}
			tf.quiet()
			tf.says(tf.good(tf.destroy()), "destroy goes back to")
		})
	}
}

// TestAccAnotherAddress: a resource that gets another address without a moved block is
// destroyed and created in any order. The plan says so, and the apply ends on the
// version that is asked for.
func TestAccAnotherAddress(t *testing.T) {
	renamed := func(version string) string {
		return strings.Replace(resourceBlock(version, ""), `" "stripe"`, `" "renamed"`, 1)
	}
	const each = `
resource "hotswap_plugin_deployment" "each" {
  %s
  plugin_id   = "stripe"
  environment = "Production"
  version     = "1.6.0"
}
`
	for name, c := range map[string]struct{ before, after, address, version string }{
		"renamed":                      {resourceBlock("1.6.0", ""), renamed("1.6.0"), ".renamed", "1.6.0"},
		"renamed, and another version": {resourceBlock("1.6.0", ""), renamed("1.7.0"), ".renamed", "1.7.0"},
		"count to for_each":            {fmt.Sprintf(each, "count = 1"), fmt.Sprintf(each, `for_each = toset(["a"])`), `.each["a"]`, "1.6.0"},
		"another key": {
			fmt.Sprintf(each, `for_each = toset(["a"])`), fmt.Sprintf(each, `for_each = toset(["b"])`), `.each["b"]`, "1.6.0",
		},
	} {
		for _, saved := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, saved %t", name, saved), func(t *testing.T) {
				t.Parallel()
				tf := newTerraform(t)
				tf.write("main.tf", fleetBlock("")+c.before)
				tf.good(tf.apply())
				tf.write("main.tf", fleetBlock("")+c.after)
				tf.says(tf.good(tf.run("plan", "-out=p", "-no-color")), "moved block", "create_before_destroy", `on_destroy = "leave"`,
					"stripe: destroy goes back to 1.5.0 for 150 tenants in 5 stages", "stripe-production-1")
				if saved {
					tf.good(tf.run("apply", "-no-color", "p"))
				} else {
					tf.good(tf.apply())
				}
				got := tf.attributes(deploymentType + c.address)
				if got["active_version"] != c.version || got["status"] != "succeeded" {
					t.Errorf("%s runs %v (%v)", c.address, got["active_version"], got["status"])
				}
				tf.quiet()
			})
		}
	}
}

// TestAccCreateBeforeDestroyWhileHeld: the new object goes on with the rollout, and the
// destroy of the old one leaves it alone.
func TestAccCreateBeforeDestroyWhileHeld(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("9.9.9", "canary = { auto_rollback = false }\n  guards = \"as_gates\"\n  lifecycle {\n create_before_destroy = true\n }")
	tf.says(tf.good(tf.apply()), "is held at stage")
	tf.says(tf.good(tf.apply("-replace="+deploymentType+".stripe")), "belongs to the resource that replaces this one")
	tf.expect(map[string]any{"status": "held", "version": "9.9.9", "rollout_id": "stripe-production-1"})
	if n := tf.rollouts(); n != 1 {
		t.Errorf("%d rollouts, want 1", n)
	}
	tf.says(tf.good(tf.destroy()), "destroy rolls 9.9.9 back")
}

// TestAccAnotherEnvironment: what Terraform does not plan by itself, the destroy of the old
// deployment, is said in the plan of the new one.
func TestAccAnotherEnvironment(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	tf.write("main.tf", fleetBlock("")+strings.Replace(resourceBlock("1.6.0", ""), `"Production"`, `"QA"`, 1))
	tf.says(tf.good(tf.run("plan", "-no-color")), "destroy goes back to 1.5.0 for 150 tenants in 5 stages (Production)", "This resource is replaced by one of QA/stripe")
	tf.says(tf.good(tf.apply()), "destroy goes back to")
	tf.expect(map[string]any{"id": "QA/stripe", "active_version": "1.6.0", "status": "succeeded"})
	tf.quiet()
}

// TestAccLostState: a resource whose state was lost takes over what it did.
func TestAccLostState(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	tf.good(tf.run("state", "rm", deploymentType+".stripe"))
	tf.set("1.7.0", "")
	tf.says(tf.good(tf.run("plan", "-no-color", "-out=p")), "stripe 1.7.0: the plugin is deployed already", "Rollout stripe-production-1 brought stripe to 1.6.0",
		"1.6.0 -> 1.7.0 at 10%")
	tf.good(tf.run("apply", "-no-color", "p"))
	tf.expect(map[string]any{"active_version": "1.7.0", "previous_version": "1.6.0"})
	tf.quiet()
}

// TestAccRolledBackStaysAway: the apply fails and touches nothing, and other resources
// go on.
func TestAccRolledBackStaysAway(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("9.9.9", "")
	tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", `retry = "stripe-production-1" tries 9.9.9 once more`)
	tf.write("main.tf", fleetBlock("")+resourceBlock("9.9.9", "")+strings.ReplaceAll(resourceBlock("1.6.0", ""), `"stripe"`, `"paypal"`))
	tf.says(tf.good(tf.run("plan", "-no-color", "-out=p")), "stripe 9.9.9: rolled back before, and not tried again (Production)", "Rollout stripe-production-1",
		"Applying this plan fails")
	tf.bad(tf.run("apply", "-no-color", "p"), "rolled back before, and not tried again", `retry = "stripe-production-1"`)
	if got := tf.attributes(deploymentType + ".paypal"); got == nil || got["active_version"] != "1.6.0" {
		t.Errorf("paypal is %v", got)
	}
	if n := tf.rollouts(); n != 1 {
		t.Errorf("%d rollouts of stripe, want 1", n)
	}
	tf.set("9.9.9", `retry = "stripe-production-1"`)
	tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", `retry = "stripe-production-2" tries 9.9.9 once more`)
	tf.set("1.6.0", `retry = "stripe-production-1"`)
	tf.good(tf.apply())
	tf.quiet()
}
