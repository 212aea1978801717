package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccFleetOnDisk: what can be wrong with the files of a simulated fleet is said
// when planning, with the folder's name, and nothing is touched.
func TestAccFleetOnDisk(t *testing.T) {
	world := filepath.Join(".hotswap", "fleet", "Production", "stripe", "world.json")
	for name, test := range map[string]struct {
		spoil func(t *testing.T, tf *terraform)
		says  []string
	}{
		"broken": {
			func(_ *testing.T, tf *terraform) { tf.write(world, "{ not a world") },
			[]string{"cannot be read", "world.json"},
		},
		"newer": {
			func(_ *testing.T, tf *terraform) { tf.write(world, `{"format":99}`) },
			[]string{"world.json"},
		},
		"created with other settings": {
			func(_ *testing.T, tf *terraform) {
				tf.write("main.tf", fleetBlock("instances = 20")+resourceBlock("1.6.0", ""))
			},
			[]string{"simulated.instances", "delete the folder for a new fleet"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t)
			tf.set("1.6.0", "")
			tf.good(tf.apply())
			test.spoil(t, tf)
			before := contents(t, filepath.Join(tf.dir, ".hotswap"))
			tf.bad(tf.run("plan", "-no-color"), test.says...)
			tf.bad(tf.apply(), test.says...)
			tf.bad(tf.destroy(), test.says...)
			if after := contents(t, filepath.Join(tf.dir, ".hotswap")); before != after {
				t.Errorf("files were touched:\n%s\nand before:\n%s", after, before)
			}
		})
	}
	t.Run("a place that cannot be written", func(t *testing.T) {
		t.Parallel()
		tf := newTerraform(t)
		tf.write("file", "not a folder")
		tf.write("main.tf", fleetBlock(`state_path = "file/fleet"`)+resourceBlock("1.6.0", ""))
		tf.bad(tf.apply(), "file/fleet", "not a directory")
		if tf.attributes(deploymentType+".stripe") != nil {
			t.Error("the create that failed left a state")
		}
	})
}

// contents lists the files of a folder with their sizes and times.
func contents(t *testing.T, dir string) string {
	t.Helper()
	text := ""
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		info, err := d.Info()
		if err == nil {
			text += fmt.Sprintln(path, info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAccDataSources reads a fleet and its rollouts before, while and after.
func TestAccDataSources(t *testing.T) {
	const read = `
data "hotswap_fleet" "f" {
  environment  = "Production"
  plugin_id    = "stripe"
  with_tenants = true
  depends_on   = [hotswap_plugin_deployment.stripe]
}

data "hotswap_rollout" "r" {
  environment = "Production"
  plugin_id   = "stripe"
  depends_on  = [hotswap_plugin_deployment.stripe]
}

check "held" {
  assert {
    condition     = data.hotswap_rollout.r.phase == "held" && data.hotswap_rollout.r.exposure.tenants == 15
    error_message = "the rollout is ${data.hotswap_rollout.r.phase}"
  }
  assert {
    condition     = data.hotswap_fleet.f.versions["9.9.9"].tenants == 15 && data.hotswap_fleet.f.versions["1.5.0"].tenants == 135
    error_message = jsonencode(data.hotswap_fleet.f.versions)
  }
  assert {
    condition     = length([for t in data.hotswap_fleet.f.tenants : t if t.pin == "9.9.9"]) == 15
    error_message = "pins"
  }
  assert {
    condition     = data.hotswap_fleet.f.split["9.9.9"] + data.hotswap_fleet.f.split["1.5.0"] == 100 && data.hotswap_fleet.f.slots["blue"].percent == 100
    error_message = jsonencode(data.hotswap_fleet.f.split)
  }
  assert {
    condition     = length(data.hotswap_rollout.r.events) > 5 && length(data.hotswap_rollout.r.failed_tenants) > 0 && length(data.hotswap_rollout.r.timeline) > 5
    error_message = jsonencode(data.hotswap_rollout.r)
  }
}
`
	t.Parallel()
	tf := newTerraform(t)
	// So much traffic that tenants have enough requests, until the gate fails, to fare worst.
	busy := fleetBlock("requests_per_second = 1500")
	tf.write("main.tf", busy+resourceBlock("9.9.9", "canary = { stages = [10, 100], auto_rollback = false }")+read)
	r := tf.good(tf.apply())
	if text := flat(r.output); strings.Contains(text, "Check block assertion failed") {
		t.Error(r.output)
	}
	tf.write("main.tf", busy+`
data "hotswap_rollout" "none" {
  environment = "Production"
  plugin_id   = "paypal"
}
data "hotswap_rollout" "wrong" {
  environment = "Prod"
  plugin_id   = "stripe"
}
data "hotswap_rollout" "missing" {
  environment = "Production"
  plugin_id   = "stripe"
  rollout_id  = "stripe-production-7"
}
`)
	tf.bad(tf.run("plan", "-no-color"), `"Prod" is not one of`, "Nothing was rolled out there yet", "There is no rollout stripe-production-7")
}

func TestAccFunction(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", fleetBlock("")+`
output "all" {
  value = [
`+recommend("Production", 40, "ZCG")+recommend("Production", 40, "CG")+recommend("QA", 40, "G")+
		recommend("Production", 10, "")+recommend("Production", 11, "G")+recommend("Production", 11, "")+`
  ]
}
`)
	tf.good(tf.apply())
	tf.says(tf.run("output", "-json", "all"), `["BlueGreen","ABTesting","Direct","Canary","Canary","Rolling"]`)
	tf.write("main.tf", fleetBlock("")+"output \"x\" {\n value = one([\n"+recommend("Prod", 1, "")+"])\n}\n")
	tf.bad(tf.run("plan", "-no-color"), `"Prod" is not one of Development, QA, Staging, Production`)
}

// TestAccComparison reads the table of an A/B test from its rollout.
func TestAccComparison(t *testing.T) {
	const read = `
data "hotswap_rollout" "r" {
  environment = "Production"
  plugin_id   = "stripe"
  depends_on  = [hotswap_plugin_deployment.stripe]
}

locals {
  table = { for row in data.hotswap_rollout.r.comparison : row.metric => row }
}

check "table" {
  assert {
    condition     = local.table["conversionRate"].significant && local.table["conversionRate"].decides && local.table["conversionRate"].word == "better"
    error_message = jsonencode(local.table)
  }
  assert {
    condition     = !local.table["successRate"].decides && local.table["successRate"].least > -0.05 && local.table["conversionRate"].p < 0.01
    error_message = jsonencode(local.table)
  }
}
`
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", `strategy = "ABTesting"`+"\n  ab_testing = { auto_promote = false }")+read)
	if r := tf.good(tf.apply()); strings.Contains(flat(r.output), "Check block assertion failed") {
		t.Error(r.output)
	}
}

// recommend is a call of the function; the letters say what is needed: zero
// downtime, a comparison, gradual tenants.
func recommend(environment string, instances int, needs string) string {
	return fmt.Sprintf("provider::hotswap::recommend_strategy(%q, %d, %t, %t, %t),\n", environment, instances,
		strings.Contains(needs, "Z"), strings.Contains(needs, "C"), strings.Contains(needs, "G"))
}

// BenchmarkApply compares an apply of a simulated canary with one that has nothing to
// roll out, which is the price of the rollout itself, and with one of a resource that
// is built into terraform: that one starts no provider at all, where any other starts
// one for each walk of the graph.
func BenchmarkApply(b *testing.B) {
	for name, config := range map[string]string{
		"canary":         fleetBlock("") + resourceBlock("1.6.0", ""),
		"nothing to do":  fleetBlock("") + resourceBlock("1.5.0", ""),
		"terraform_data": "resource \"terraform_data\" \"nothing\" {\n  input = \"1.6.0\"\n}\n",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				tf := newTerraform(b)
				tf.write("main.tf", config)
				b.StartTimer()
				tf.good(tf.apply())
			}
		})
	}
}
