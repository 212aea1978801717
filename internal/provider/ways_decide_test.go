//go:build unix

package provider

import (
	"fmt"
	"strings"
)

// These stories are decisions about rollouts that are held.

// holding are the settings of a canary that is held where it is bad.
func (p *place) holding() string {
	return p.canary(2, ", auto_rollback = false") +
		"\n  rollback_triggers = { consecutive_health_failures = 0, max_error_rate = 0, max_latency_p99_ratio = 0 }"
}

// decide is a decision about a rollout.
func decide(rollout, action, stage string) string {
	return fmt.Sprintf("decision = { rollout_id = %q, action = %q, stage = %q, by = \"anna\", reason = \"looked at it\" }", rollout, action, stage)
}

// decided decides by configuration: back, and then forward to the end.
func decidedHere(p *place, tf *terraform) {
	p.scale = 0
	p.set(tf, "9.9.9", p.holding())
	r := tf.good(tf.apply())
	tf.says(r, `stripe 9.9.9 is held at stage "10%"`, `action = "promote"`, `version = "1.5.0" goes back, too`)
	if p.way == wayController {
		tf.says(r, "hotswap rollout promote "+firstRollout, "hotswap rollout rollback "+firstRollout)
		tf.saysNot(r, "nobody")
	} else {
		tf.says(r, "nobody watches it")
	}
	tf.expect(map[string]any{"status": "held", "version": "9.9.9", "active_version": "1.5.0"})
	tf.quiet()
	p.set(tf, "9.9.9", p.holding(), decide(firstRollout, "rollback", "10%"))
	tf.says(tf.good(tf.apply()), "stripe 9.9.9 was rolled back, as asked", "anna", "looked at it")
	p.runs("1.5.0")
	const second = "stripe-production-2"
	retry := fmt.Sprintf("retry = %q", firstRollout)
	p.set(tf, "9.9.9", p.holding(), retry)
	tf.says(tf.good(tf.apply()), `stripe 9.9.9 is held at stage "10%"`, second)
	p.set(tf, "9.9.9", p.holding(), retry, decide(second, "promote", "10%"))
	tf.says(tf.good(tf.apply()), `stripe 9.9.9 is held at stage "100%"`)
	p.set(tf, "9.9.9", p.holding(), retry, decide(second, "promote", "100%"))
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "9.9.9", "rollout_id": second})
	tf.quiet()
}

// decidedElsewhere decides without Terraform, and then refreshes.
func decidedElsewhere(p *place, tf *terraform) {
	p.set(tf, "9.9.9", p.holding())
	tf.good(tf.apply())
	out, code := p.hotswap("promote", firstRollout, "--yes", "--wait")
	if code != 12 { // held again
		p.t.Fatalf("exit %d\n%s", code, out)
	}
	tf.says(tf.good(tf.run("plan", "-no-color")), `stripe 9.9.9 is held at stage "100%"`)
	tf.quiet()
	if out, code := p.hotswap("rollback", firstRollout, "--yes", "--wait", "--reason", "the shop is closed"); code != 10 {
		p.t.Fatalf("exit %d\n%s", code, out)
	}
	tf.says(tf.good(tf.run("plan", "-no-color")), "stripe 9.9.9: rolled back before, and not tried again", "the shop is closed")
	tf.bad(tf.apply(), "not tried again", `retry = "stripe-production-1"`)
	tf.expect(map[string]any{"status": "rolled_back", "version": "1.5.0", "active_version": "1.5.0"})
	p.set(tf, "1.5.0", p.holding())
	tf.quiet()
	p.runs("1.5.0")
}

// failsHeld has holds fail applies until somebody decides.
func failsHeld(p *place, tf *terraform) {
	p.scale = 0
	p.set(tf, "1.6.0", p.holding(), `on_hold = "fail"`)
	tf.good(tf.apply())
	p.set(tf, "9.9.9", p.holding(), `on_hold = "fail"`)
	for range 2 {
		tf.bad(tf.apply(), `stripe 9.9.9 is held at stage "10%"`, "To go back, or to go on")
		tf.expect(map[string]any{"status": "held", "version": "9.9.9", "active_version": "1.6.0", "tainted": false})
	}
	p.set(tf, "1.6.0", p.holding(), `on_hold = "fail"`)
	tf.says(tf.good(tf.apply()), "stripe 9.9.9 was rolled back, as asked")
	tf.quiet()
	p.runs("1.6.0")
}

// heldOut has nobody decide in time.
func heldOut(p *place, tf *terraform) {
	p.scale = 0
	p.set(tf, "9.9.9", p.holding(), "hold_timeout = \""+p.span(2)+"\"")
	tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", "nobody decided within", "Decide in time")
	p.runs("1.5.0")
}

// warned stores rollbacks as answers, and tries again where asked.
func warned(p *place, tf *terraform) {
	p.scale = 0
	p.set(tf, "9.9.9", p.quick(), `on_rollback = "warn"`)
	tf.says(tf.good(tf.apply()), "stripe 9.9.9 was rolled back", `With on_rollback = "warn" this is stored`)
	tf.expect(map[string]any{"status": "rolled_back", "version": "9.9.9", "active_version": "1.5.0", "rollout_id": firstRollout})
	tf.quiet()
	p.set(tf, "9.9.9", p.quick(), `on_rollback = "warn"`, fmt.Sprintf("retry = %q", firstRollout))
	tf.says(tf.good(tf.apply()), "stripe 9.9.9 was rolled back")
	tf.expect(map[string]any{"status": "rolled_back", "rollout_id": "stripe-production-2"})
	tf.quiet()
}

// decidedAlone decides about a rollout that was not waited for.
func decidedAlone(p *place, tf *terraform) {
	alone := "wait_for_completion = false"
	p.set(tf, "9.9.9", p.holding(), alone)
	tf.good(tf.apply())
	p.settled(tf)
	tf.says(tf.good(tf.run("plan", "-no-color")), `stripe 9.9.9 is held at stage "10%"`)
	tf.quiet()
	p.set(tf, "9.9.9", p.holding(), alone, decide(firstRollout, "promote", "10%"))
	tf.good(tf.apply())
	tf.quiet()
	p.settled(tf)
	tf.expect(map[string]any{"status": "held", "rollout_id": firstRollout})
	p.set(tf, "1.5.0", p.holding(), alone)
	tf.good(tf.apply())
	p.settled(tf)
	tf.expect(map[string]any{"status": "rolled_back", "version": "1.5.0", "active_version": "1.5.0"})
	tf.quiet()
	p.once()
}

// destroyedAlone destroys while a rollout goes on that nobody waits for.
func destroyedAlone(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(20, ""), "wait_for_completion = false")
	tf.good(tf.apply())
	r := tf.good(tf.destroy())
	tf.says(r, "destroy rolls 1.6.0 back")
	if strings.Contains(strings.ToLower(r.output), "nobody") {
		p.t.Error(r.output)
	}
	p.runs("1.5.0")
	p.once()
}
