//go:build unix

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowly makes ten minutes of a fleet last four seconds: long enough to interfere.
const slowly = "time_scale = 150"

// interfere starts an apply that takes its time, and returns when the second stage
// of the canary is under way.
func interfere(t *testing.T, more string) (*terraform, *background) {
	t.Helper()
	tf := newTerraform(t)
	tf.write("main.tf", fleetBlock(slowly)+resourceBlock("1.6.0", more))
	b := tf.start("apply", "-auto-approve", "-no-color")
	b.until("the second stage", func() bool { return strings.Contains(journal(tf), `"kind":"settled","stage":1`) })
	return tf, b
}

// journal is all that the journals of the fleet hold.
func journal(tf *terraform) string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(tf.dir, ".hotswap", "fleet", "*", "*", "journals", "*"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		all.Write(text)
	}
	return all.String()
}

// TestAccInterrupted stops terraform and its provider as a person, a closed
// terminal or a CI system does: with a signal to the whole process group.
func TestAccInterrupted(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf, b := interfere(t, "")
			b.signal(signal)
			r := b.wait(5 * time.Second) // CI systems kill soon after
			tf.bad(r, `stripe 1.6.0 is left at stage "10%"`, "nobody is watching", "15 of 150 tenants", "The next apply goes on from there")
			tf.expect(map[string]any{"status": "progressing", "outcome": nil, "rollout_id": "stripe-production-1", "active_version": "1.5.0", "tainted": false})
			tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", ""))
			tf.says(tf.good(tf.apply()), "1 changed")
			tf.expect(map[string]any{"status": "succeeded", "rollout_id": "stripe-production-1", "active_version": "1.6.0"})
			tf.quiet()
		})
	}
}

func TestAccInterruptedThenSetBack(t *testing.T) {
	t.Parallel()
	tf, b := interfere(t, "")
	b.signal(syscall.SIGINT)
	tf.bad(b.wait(5 * time.Second))
	tf.write("main.tf", fleetBlock("")+resourceBlock("1.5.0", ""))
	tf.says(tf.good(tf.apply()), "was rolled back, as asked")
	tf.expect(map[string]any{"status": "rolled_back", "version": "1.5.0", "active_version": "1.5.0"})
	tf.quiet()
}

func TestAccRollbackOnInterrupt(t *testing.T) {
	t.Parallel()
	tf, b := interfere(t, `on_interrupt = "rollback"`)
	b.signal(syscall.SIGTERM)
	tf.bad(b.wait(5*time.Second), "stripe 1.6.0 was rolled back", "the apply was interrupted")
	if tf.attributes(deploymentType+".stripe") != nil {
		t.Error("the create that was rolled back left a state")
	}
}

// TestAccKilled kills terraform and its provider: nothing is stored, and the next
// apply finds the rollout and goes on with it.
func TestAccKilled(t *testing.T) {
	t.Parallel()
	tf, b := interfere(t, "")
	b.signal(syscall.SIGKILL)
	b.wait(5 * time.Second)
	if tf.attributes(deploymentType+".stripe") != nil {
		t.Fatal("terraform stored something")
	}
	tf.write("main.tf", fleetBlock("")+resourceBlock("1.7.0", ""))
	tf.bad(tf.apply(), "Another rollout is unfinished", "stripe-production-1", `stage "10%"`)
	tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", ""))
	tf.says(tf.good(tf.apply()), "a rollout is unfinished", "Applying goes on with it")
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": "stripe-production-1", "active_version": "1.6.0"})
	tf.quiet()
}

// TestAccKilledUpdate does the same to a resource that exists.
func TestAccKilledUpdate(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.set("1.5.0", "")
	tf.good(tf.apply())
	tf.write("main.tf", fleetBlock(slowly)+resourceBlock("1.6.0", ""))
	b := tf.start("apply", "-auto-approve", "-no-color")
	b.until("the second stage", func() bool { return strings.Contains(journal(tf), `"kind":"settled","stage":1`) })
	b.signal(syscall.SIGKILL)
	b.wait(5 * time.Second)
	tf.expect(map[string]any{"version": "1.5.0", "status": "succeeded"})
	tf.set("1.6.0", "")
	r := tf.good(tf.apply())
	// Terraform says what it found before the plan behind the apply, which has mended it by then.
	tf.says(r, `Found before the plan: stripe 1.6.0 is at stage`, "unattended", "nobody watched it")
	tf.saysNot(r, "nobody is watching", "nobody watches", "The next apply")
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": "stripe-production-1", "active_version": "1.6.0"})
	tf.quiet()
}
