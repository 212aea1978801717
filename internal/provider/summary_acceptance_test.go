package provider

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAccPlanShowsEveryRelease: Terraform hides the elements of a list that stay the
// same, and a rollout must not hide with them.
func TestAccPlanShowsEveryRelease(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	from := "1.5.0"
	for _, version := range []string{"1.6.0", "1.7.0", "1.8.0"} {
		tf.set(version, "")
		tf.says(tf.good(tf.run("plan", "-no-color", "-out=p")),
			from+" -> "+version+", Canary in Production: 150 tenants and 10 instances in 6 stages, done after 40m to 1h23m30s; a guard that trips: rollback",
			from+" -> "+version+" at install: 0 tenants, 10 instances",
			from+" -> "+version+" at 10%: 15 tenants, 10 instances",
			from+" -> "+version+" at 30%: 45 tenants, 10 instances",
			from+" -> "+version+" at 50%: 75 tenants, 10 instances",
			from+" -> "+version+" at 100%: 150 tenants, 10 instances, 100 % of traffic; ready within 30s; watched for 10m, at most 20m; over after 40m to 1h22m30s; failed: rollback; too little data: hold",
			from+" -> "+version+" at retire")
		tf.good(tf.run("apply", "-no-color", "p"))
		tf.quiet()
		from = version
	}
	tf.set("1.8.0", `canary = { stages = [50, 100] }`)
	r := tf.good(tf.run("plan", "-no-color"))
	tf.says(r, "settings only, nothing runs: canary; 1.8.0 stays where it is")
	if strings.Contains(r.output, "1.8.0 at 10%\"") {
		t.Error("the plan shows a rollout, and none will run")
	}
	tf.good(tf.apply())
	tf.quiet()
	tf.set("1.9.0", `canary = { stages = [50, 100] }`)
	tf.says(tf.good(tf.run("plan", "-no-color")), "1.8.0 -> 1.9.0 at 50%: 75 tenants")
}

// TestAccPlanForPolicies: numbers with every default filled in, for OPA and checks.
func TestAccPlanForPolicies(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.6.0", "")
	tf.good(tf.run("plan", "-no-color", "-out=p"))
	cmd, out := tf.command("show", "-json", "p")
	if err := cmd.Run(); err != nil {
		t.Fatal(err, out)
	}
	var plan struct {
		Changes []struct {
			Change struct {
				After struct {
					Stages []map[string]any `json:"stages"`
				} `json:"after"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(out.Bytes(), &plan); err != nil {
		t.Fatal(err)
	}
	stages := plan.Changes[0].Change.After.Stages
	for name, want := range map[string]any{"on_fail": "rollback", "on_inconclusive": "hold", "bake_seconds": 600.0, "latest_end_seconds": 1260.0} {
		if got := stages[1][name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	thresholds, _ := stages[1]["thresholds"].(map[string]any)
	for name, want := range map[string]any{
		"max_error_rate": 0.05, "max_latency_p99_ms": 500.0, "min_success_rate": 0.95, "max_cpu": nil, "min_requests": 400.0, "min_tenants": 10.0,
	} {
		if got, there := thresholds[name]; got != want || !there {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if stages[0]["thresholds"] != nil || stages[0]["on_fail"] != nil {
		t.Errorf("the stage without a gate has %v", stages[0])
	}
}
