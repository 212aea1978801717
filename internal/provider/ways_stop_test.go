//go:build unix

package provider

import (
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// These stories stop applies, or have time stop them.

// once checks that the first rollout began once, and that it is the only one.
func (p *place) once() {
	p.t.Helper()
	if n := p.count(firstRollout, engine.Began, 0); n != 1 {
		p.t.Errorf("it began %d times", n)
	}
	if p.events("stripe-production-2") != nil {
		p.t.Error("there is a second rollout")
	}
}

// interruptedLeave interrupts an apply as a person does: it hands back within ten seconds, and
// the next one goes on with the same rollout.
func interruptedLeave(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""), `on_interrupt = "leave"`)
	b := p.walking(tf)
	b.signal(syscall.SIGINT)
	r := b.wait(10 * time.Second) // which fails whatever the provider says
	if p.way == wayController {
		tf.bad(r, "stripe 1.6.0 goes on without the apply", "The controller walks the rollout", "hotswap rollout watch "+firstRollout)
		tf.saysNot(r, "nobody")
	} else {
		tf.bad(r, `stripe 1.6.0 is left at stage "10%"`, "nobody is watching", "The next apply goes on from there")
	}
	tf.expect(map[string]any{"status": "progressing", "rollout_id": firstRollout, "active_version": "1.5.0", "tainted": false})
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	p.once()
	tf.quiet()
}

// interruptedRollback interrupts an apply that is to go back then.
func interruptedRollback(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""), `on_interrupt = "rollback"`)
	b := p.walking(tf)
	b.signal(syscall.SIGINT)
	tf.bad(b.wait(10*time.Second), "stripe 1.6.0 was rolled back", "the apply was interrupted")
	if tf.attributes(deploymentType+".stripe") != nil {
		p.t.Error("the create that was rolled back left a state")
	}
	p.runs("1.5.0")
}

// killed kills terraform and its provider in the middle of a canary. An apply that has no
// state, or an older one, goes on with the same rollout.
func killed(older bool) func(p *place, tf *terraform) {
	return func(p *place, tf *terraform) {
		elsewhere := newTerraform(p.t)
		if older {
			p.set(elsewhere, "1.5.0", p.canary(8, ""))
			elsewhere.good(elsewhere.apply())
			tf.write("terraform.tfstate", readExample(p.t, filepath.Join(elsewhere.dir, "terraform.tfstate")))
		}
		p.set(tf, "1.6.0", p.canary(8, ""))
		p.walking(tf).kill()
		p.set(elsewhere, "1.6.0", p.canary(8, ""))
		r := elsewhere.good(elsewhere.apply())
		elsewhere.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
		p.once()
		switch {
		case !older:
			elsewhere.says(r, "a rollout is unfinished", "Applying goes on with it")
		case p.way == wayController:
			elsewhere.saysNot(r, "unattended", "nobody")
		default:
			elsewhere.says(r, "unattended")
		}
		elsewhere.quiet()
	}
}

// timedOut has the time of an operation run out: the rollout is paused, and goes on with the
// next apply.
func timedOut(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""), `on_timeout = "pause"`, "timeouts = { create = \""+p.span(2)+"\" }")
	tf.says(tf.good(tf.apply()), "is paused", "timeouts.create of", "The next apply resumes it")
	tf.expect(map[string]any{"status": "paused", "rollout_id": firstRollout, "active_version": "1.5.0", "tainted": false})
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	p.once()
	tf.quiet()
}

// timedOutBack is timedOut where on_timeout says to go back.
func timedOutBack(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""), `on_timeout = "rollback"`, "timeouts = { create = \""+p.span(2)+"\" }")
	tf.bad(tf.apply(), "stripe 1.6.0 was rolled back", "timeouts.create of", "Raise timeouts")
	p.runs("1.5.0")
}

// twice has a second apply come while the first one walks: it waits, and finds it done.
func twice(p *place, tf *terraform) {
	second := newTerraform(p.t)
	p.set(tf, "1.6.0", p.canary(8, ""))
	p.set(second, "1.6.0", p.canary(8, ""))
	log := filepath.Join(p.t.TempDir(), "log")
	second.env = append(second.env, "TF_LOG=INFO", "TF_LOG_PATH="+log)
	b := p.walking(tf)
	r := second.good(second.apply())
	tf.good(b.wait(time.Minute))
	for _, one := range []*terraform{tf, second} {
		one.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	}
	second.saysNot(r, "conflict")
	p.once()
	said := result{output: readExample(p.t, log)}
	switch p.way {
	case wayFleet:
		second.says(said, "waiting: terraform on ")
		second.saysNot(said, "process "+strconv.Itoa(b.cmd.Process.Pid)) // the holder is the provider, not terraform
	case wayController:
		second.says(said, "event=judged", "rollout="+firstRollout)
	}
	second.quiet()
	tf.quiet()
}

// destroyedInFlight destroys what an interrupted apply left.
func destroyedInFlight(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(20, ""))
	b := p.walking(tf)
	b.signal(syscall.SIGINT)
	b.wait(10 * time.Second)
	r := tf.good(tf.destroy())
	tf.says(r, "destroy rolls 1.6.0 back")
	if p.way == wayController {
		tf.saysNot(r, "nobody", "unattended")
	}
	p.runs("1.5.0")
	p.once()
}
