//go:build unix

package provider

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// These stories are lives of deployments.

// settings of each strategy that take seconds.
func (p *place) settings(strategy string) string {
	return strings.NewReplacer("1s", p.span(1), "2s", p.span(2), "6s", p.span(6)).Replace(servedStrategies[strategy])
}

// lived takes a deployment through its life: a good version is promoted, a bad one is not.
func lived(strategy string) func(p *place, tf *terraform) {
	return func(p *place, tf *terraform) {
		p.scale = 0
		settings := p.settings(strategy)
		if strategy == "ABTesting" {
			settings += "\n  wait_for_completion = true"
		}
		goodThenBad(tf, p.block(""), settings, strategy == "ABTesting")
		p.runs("1.5.0")
	}
}

// settled refreshes until a rollout that was not waited for goes on no more.
func (p *place) settled(tf *terraform) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); pause(250 * time.Millisecond) {
		tf.good(tf.run("refresh", "-no-color"))
		if s := tf.attributes(deploymentType + ".stripe")["status"]; s != "progressing" && s != "rolling_back" {
			return
		}
	}
	p.t.Fatalf("it goes on after a minute: %v", tf.attributes(deploymentType+".stripe"))
}

// lived without waiting: the apply returns, the plan is empty while the rollout goes on, and
// afterwards the state says what came of it.
func livedAlone(scale int) func(p *place, tf *terraform) {
	return func(p *place, tf *terraform) {
		p.scale = scale
		asked := []string{p.canary(4, ""), "wait_for_completion = false"}
		p.set(tf, "1.6.0", asked...)
		r := tf.good(tf.apply())
		tf.says(r, "stripe 1.6.0 is on its way", "wait_for_completion is false", "The next plan shows what became of it")
		if p.way == wayController {
			tf.says(r, "hotswap rollout watch "+firstRollout)
		}
		tf.saysNot(r, "nobody")
		tf.expect(map[string]any{"status": "progressing", "rollout_id": firstRollout, "active_version": "1.5.0", "tainted": false})
		tf.quiet()
		p.settled(tf)
		tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0", "previous_version": "1.5.0"})
		tf.quiet()
		p.once()
		p.set(tf, "9.9.9", asked...)
		tf.says(tf.good(tf.apply()), "stripe 9.9.9 is on its way")
		p.settled(tf)
		tf.expect(map[string]any{"status": "rolled_back", "version": "1.6.0", "active_version": "1.6.0", "rollout_id": "stripe-production-2"})
		tf.says(tf.good(tf.run("plan", "-no-color")), "rolled back before, and not tried again", "Applying this plan fails")
		tf.bad(tf.apply(), "rolled back before, and not tried again", `retry = "stripe-production-2"`)
		p.set(tf, "1.6.0", asked...)
		tf.quiet()
		tf.good(tf.destroy())
		p.runs("1.5.0")
	}
}

// drifted has somebody else change the version: the refresh says so, and the plan takes it back.
func drifted(p *place, tf *terraform) {
	p.scale = 0
	other := newTerraform(p.t)
	p.set(tf, "1.6.0", p.quick())
	tf.good(tf.apply())
	p.set(other, "1.7.0", p.quick())
	other.good(other.apply())
	r := tf.good(tf.run("plan", "-no-color"))
	tf.says(r, "1.7.0 -> 1.6.0", "stripe-production-2")
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0", "rollout_id": "stripe-production-3"})
	tf.quiet()
	other.good(other.run("refresh", "-no-color"))
	other.expect(map[string]any{"version": "1.6.0", "active_version": "1.6.0"})
}

// stale applies a plan that the fleet has moved away from, of a create and of an update.
func stale(p *place, tf *terraform) {
	p.scale = 0
	other := newTerraform(p.t)
	p.set(tf, "1.6.0", p.quick())
	tf.good(tf.run("plan", "-no-color", "-out=p"))
	p.set(other, "1.5.1", p.quick())
	other.good(other.apply())
	// Of a create the second plan cannot know that there was a first: Terraform says that they
	// differ, and a warning why.
	tf.bad(tf.run("apply", "-no-color", "p"), "inconsistent final plan", "Rollout stripe-production-1 brought stripe to 1.5.1")
	p.runs("1.5.1")
	tf.good(tf.apply())
	p.set(tf, "1.7.0", p.quick())
	tf.good(tf.run("plan", "-no-color", "-out=p"))
	p.set(other, "1.5.2", p.quick())
	other.good(other.apply())
	tf.bad(tf.run("apply", "-no-color", "p"), "The fleet changed since the plan", "Nothing was changed", "1.5.2")
	p.runs("1.5.2")
	if p.events("stripe-production-4") != nil {
		p.t.Error("a stale plan began a rollout")
	}
}

// replaced replaces, renames and imports: the fleet stays as it is, and a destroy goes back.
func replaced(p *place, tf *terraform) {
	p.scale = 0
	const stripe = deploymentType + ".stripe"
	p.set(tf, "1.6.0", p.quick())
	tf.good(tf.apply())
	tf.says(tf.good(tf.apply("-replace="+stripe)), "nothing was rolled back")
	p.set(tf, "1.6.0", p.quick(), "lifecycle {\n create_before_destroy = true\n }")
	tf.says(tf.good(tf.apply("-replace="+stripe)), "nothing was rolled back")
	tf.expect(map[string]any{"active_version": "1.6.0", "status": "succeeded", "tainted": false})
	tf.write("main.tf", p.block("")+strings.Replace(resourceBlock("1.6.0", p.quick()), `" "stripe"`, `" "renamed"`, 1)+
		fmt.Sprintf("moved {\n  from = %s\n  to = %s.renamed\n}\n", stripe, deploymentType))
	tf.says(tf.good(tf.apply()), "0 added, 0 changed, 0 destroyed")
	tf.good(tf.run("state", "rm", deploymentType+".renamed"))
	p.set(tf, "1.6.0", p.quick())
	tf.good(tf.run("import", "-no-color", stripe, "Production/stripe"))
	tf.expect(map[string]any{"active_version": "1.6.0", "status": "succeeded", "rollout_id": firstRollout, "wait_for_completion": true})
	tf.good(tf.apply()) // which stores the settings, and runs nothing
	tf.quiet()
	p.once()
	tf.says(tf.good(tf.destroy()), "destroy goes back to 1.5.0")
	p.runs("1.5.0")
}

// read reads the fleet, its rollout and the exposure.
func readAll(p *place, tf *terraform) {
	p.scale = 0
	const exposure = `
data "hotswap_exposure" "e" {
  environment = "Production"
  plugin_id   = "stripe"
  depends_on  = [hotswap_plugin_deployment.stripe]
}
`
	tf.write("main.tf", p.block("")+resourceBlock("1.6.0", p.quick())+readServed+exposure)
	tf.good(tf.apply())
	const want = "1.6.0 10 150 150 stripe-production-1 succeeded 1.6.0 true"
	if r := tf.run("output", "-raw", "read"); !strings.HasSuffix(strings.TrimSpace(r.output), want) {
		p.t.Errorf("want %s, got %s", want, r.output)
	}
	if n := p.count(firstRollout, engine.Began, 0); n != 1 {
		p.t.Errorf("it began %d times", n)
	}
	tf.write("main.tf", p.block("")+"data \"hotswap_rollout\" \"r\" {\n environment = \"Production\"\n plugin_id = \"stripe\"\n rollout_id = \"stripe-production-7\"\n}\n")
	r := tf.bad(tf.run("plan", "-no-color"), "There is no rollout stripe-production-7 of stripe in Production")
	if p.way != waySimulated {
		tf.saysNot(r, "simulated.keep_rollouts")
	}
}

// lookedAt looks at a rollout that nobody waits for from another root, by a data source.
func lookedAt(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(2, ""), "wait_for_completion = false")
	tf.good(tf.apply())
	other := newTerraform(p.t)
	other.write("main.tf", p.block("")+`
data "hotswap_rollout" "r" {
  environment = "Production"
  plugin_id   = "stripe"
}

output "phase" {
  value = data.hotswap_rollout.r.phase
}
`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); pause(250 * time.Millisecond) {
		other.good(other.apply())
		if strings.HasSuffix(strings.TrimSpace(other.run("output", "-raw", "phase").output), "succeeded") {
			p.runs("1.6.0")
			return
		}
	}
	p.t.Error("it goes on after a minute")
}

// leftLater interrupts an apply that waits, and leaves its rollout then.
func leftLater(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""))
	b := p.walking(tf)
	b.signal(syscall.SIGINT)
	b.wait(10 * time.Second)
	p.set(tf, "1.6.0", p.canary(8, ""), "wait_for_completion = false")
	tf.good(tf.apply())
	tf.quiet()
	p.settled(tf)
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	p.once()
}
