//go:build unix

package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// These tests stop applies on a served fleet, and go on somewhere else: in another folder,
// which is what another machine knows.

// long is a canary that there is time to interfere with.
const long = "strategy = \"Canary\"\n canary = { stages = [10, 100], evaluation_period = \"8s\" }\n "

// walking starts an apply, and returns in the middle of its first bake.
func (s *servedFleet) walking(tf *terraform, config string) *background {
	s.t.Helper()
	tf.write("main.tf", config)
	b := tf.start("apply", "-auto-approve", "-no-color")
	s.eventually(b, "the first bake", func(e engine.Event) bool { return e.Kind == engine.Settled && e.Stage == 1 })
	return b
}

// began are the events with which a rollout began: it must not do so twice.
func (s *servedFleet) began(rollout string) (n int) {
	for _, e := range s.events(rollout) {
		if e.Kind == engine.Began && e.Stage == 0 {
			n++
		}
	}
	return n
}

// TestAccServedKilled kills terraform and its provider in the middle of a canary. An apply
// that has no state, and then one that has an older state, go on with the same rollout.
func TestAccServedKilled(t *testing.T) {
	for _, state := range []string{"no state", "an older state"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := serveFleet(t, usualFleet(""))
			here, elsewhere := newTerraform(t), newTerraform(t)
			if state == "an older state" {
				elsewhere.write("main.tf", s.block("")+resourceBlock("1.5.0", long))
				elsewhere.good(elsewhere.apply())
				here.write("terraform.tfstate", readExample(t, filepath.Join(elsewhere.dir, "terraform.tfstate")))
			}
			config := s.block("") + resourceBlock("1.6.0", long)
			s.walking(here, config).kill()
			elsewhere.write("main.tf", config)
			r := elsewhere.good(elsewhere.apply())
			elsewhere.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
			var rollout contract.Rollout
			if !s.get("/rollouts/"+firstRollout, &rollout) || rollout.Ordinal != 1 || s.began(firstRollout) != 1 {
				t.Errorf("it is %+v, and began %d times", rollout.Head, s.began(firstRollout))
			}
			if state == "no state" {
				elsewhere.says(r, "a rollout is unfinished", "Applying goes on with it")
			} else {
				elsewhere.says(r, "unattended")
			}
			elsewhere.quiet()
		})
	}
}

// kill kills terraform and its provider, and waits until they are gone.
func (b *background) kill() {
	b.tf.t.Helper()
	b.signal(syscall.SIGKILL)
	b.wait(10 * time.Second)
}

// TestAccServedInterrupted interrupts terraform as a person does: it hands back within ten
// seconds, and what follows is as on_interrupt says.
func TestAccServedInterrupted(t *testing.T) {
	t.Run("leave", func(t *testing.T) {
		t.Parallel()
		s, tf := serveFleet(t, usualFleet("")), newTerraform(t)
		config := s.block("") + resourceBlock("1.6.0", long+`on_interrupt = "leave"`)
		b := s.walking(tf, config)
		b.signal(syscall.SIGINT)
		tf.bad(b.wait(10*time.Second), `stripe 1.6.0 is left at stage "10%"`, "nobody is watching", "The next apply goes on from there")
		tf.expect(map[string]any{"status": "progressing", "rollout_id": firstRollout, "active_version": "1.5.0", "tainted": false})
		var rollout contract.Rollout
		if there := s.get("/rollouts/"+firstRollout, &rollout); !there || rollout.Lease != nil {
			t.Errorf("it did not say goodbye: %+v", rollout.Lease)
		}
		tf.good(tf.apply())
		tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
		if n := s.began(firstRollout); n != 1 {
			t.Errorf("it began %d times", n)
		}
		tf.quiet()
	})
	t.Run("rollback", func(t *testing.T) {
		t.Parallel()
		s, tf := serveFleet(t, usualFleet("")), newTerraform(t)
		b := s.walking(tf, s.block("")+resourceBlock("1.6.0", long+`on_interrupt = "rollback"`))
		b.signal(syscall.SIGINT)
		tf.bad(b.wait(10*time.Second), "stripe 1.6.0 was rolled back", "the apply was interrupted")
		if tf.attributes(deploymentType+".stripe") != nil {
			t.Error("the create that was rolled back left a state")
		}
		var fleet contract.Fleet
		if there := s.get("", &fleet); !there {
			t.Fatal("there is no fleet")
		}
		if head := fleet.Head(); !head.RunsOnly("1.5.0") {
			t.Errorf("it runs %+v", fleet.Versions)
		}
	})
}

// TestAccServedTwice has a second apply come while the first one walks: it waits, says so,
// and finds it done.
func TestAccServedTwice(t *testing.T) {
	t.Parallel()
	s := serveFleet(t, usualFleet(""))
	first, second := newTerraform(t), newTerraform(t)
	config := s.block("") + resourceBlock("1.6.0", long)
	b := s.walking(first, config)
	second.write("main.tf", config)
	log := filepath.Join(t.TempDir(), "log")
	second.env = append(second.env, "TF_LOG=INFO", "TF_LOG_PATH="+log)
	r := second.good(second.apply())
	first.good(b.wait(time.Minute))
	for _, tf := range []*terraform{first, second} {
		tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	}
	if strings.Contains(r.output, "conflict") {
		t.Error(r.output)
	}
	said := readExample(t, log)
	if want := fmt.Sprintf("process %d", b.cmd.Process.Pid); !strings.Contains(said, "waiting: terraform on ") || strings.Contains(said, want) {
		t.Errorf("the log does not say that it waits:\n%s", said) // the holder is the provider, not terraform
	}
	if n := s.began(firstRollout); n != 1 {
		t.Errorf("it began %d times", n)
	}
	second.quiet()
}
