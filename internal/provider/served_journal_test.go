//go:build unix

package provider

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// forgetfulFleet is a fleet that keeps no rollouts, and its address.
func forgetfulFleet(t *testing.T) string {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"stripe": "1.5.0"}
	cfg.Can = map[engine.Capability]bool{engine.CanJournal: false}
	clock := new(walker.Time)
	state, err := simulated.Open(t.Context(), t.TempDir(), clock.Now, walker.Pause, simulated.Spec{Environment: engine.Production, Plugin: "stripe", Config: cfg, Scale: 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	})
	w := state.Places[0].World()
	w.Ledger = nil
	s := httptest.NewServer(server.New(server.Options{Now: clock.Now}, w))
	t.Cleanup(s.Close)
	return s.URL
}

// TestAccServedJournal: a fleet that keeps no journal gets no rollout, until somebody says
// where it is kept. Then a rollout that was killed is gone on with from there.
func TestAccServedJournal(t *testing.T) {
	t.Parallel()
	fleet := fmt.Sprintf("fleet = { endpoint = %q }\n", forgetfulFleet(t))
	tf := newTerraform(t)
	tf.write("main.tf", servedBlock(fleet)+resourceBlock("1.6.0", long))
	tf.bad(tf.run("plan", "-no-color"), "keeps no journal of rollouts", "set journal.path")
	folder := filepath.Join(t.TempDir(), "journals of all")
	config := servedBlock(fleet+fmt.Sprintf("journal = { path = %q }", filepath.ToSlash(folder))) + resourceBlock("1.6.0", long)
	tf.write("main.tf", config)
	b := tf.start("apply", "-auto-approve", "-no-color")
	b.until("the first bake", func() bool { return strings.Contains(kept(folder), `"kind":"settled","stage":1`) })
	b.kill()
	if tf.attributes(deploymentType+".stripe") != nil {
		t.Fatal("terraform stored something")
	}
	elsewhere := newTerraform(t)
	elsewhere.write("main.tf", config)
	elsewhere.says(elsewhere.good(elsewhere.apply()), "a rollout is unfinished", "Applying goes on with it")
	elsewhere.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	if n := strings.Count(kept(folder), `"kind":"began","stage":0`); n != 1 {
		t.Errorf("it began %d times", n)
	}
	elsewhere.quiet()
	elsewhere.good(elsewhere.destroy())
}

// long is a canary that there is time to interfere with.
const long = "strategy = \"Canary\"\n canary = { stages = [10, 100], evaluation_period = \"8s\" }\n "

// kept is all that the journals of a folder hold.
func kept(folder string) string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(folder, "journals", "*")) // a pattern of ours
	for _, f := range files {
		text, _ := os.ReadFile(f) // a folder has none
		all.Write(text)
	}
	return all.String()
}
