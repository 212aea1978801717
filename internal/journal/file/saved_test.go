package file_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// saved copies a folder of testdata. What is there was written by earlier versions, and is
// never written anew: format-1 is the first journal ever, format-2 what the last version
// wrote whose plans had format 2.
func saved(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFirstJournal reads the first journal ever written.
func TestFirstJournal(t *testing.T) {
	j, err := file.Open(saved(t, "format-1")).Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if _, events, _, err := engine.LoadState(t.Context(), j); err != nil || len(events) != 2 {
		t.Fatalf("%d events: %v", len(events), err)
	}
}

// TestSavedJournals lists and reads rollouts of the last version, with many tenants and with
// few, and goes on with those in flight.
func TestSavedJournals(t *testing.T) {
	dir := saved(t, "format-2")
	for _, c := range []struct {
		id      string
		tenants int
		until   time.Duration // in flight so long; 0: it succeeded
	}{{"direct-1", 20, 0}, {"many-1", 300, 0}, {"canary-1", 20, 12 * time.Minute}, {"listed-1", 300, 12 * time.Minute}} {
		t.Run(c.id, func(t *testing.T) {
			js := file.Open(dir)
			plugin := strings.TrimSuffix(c.id, "-1")
			heads, err := js.List(t.Context(), engine.Production, plugin, engine.Filter{})
			if err != nil || len(heads) != 1 || heads[0].Rollout != c.id || heads[0].Candidate != "1.6.0" || heads[0].Unfinished() != (c.until > 0) {
				t.Fatalf("listed: %+v, %v", heads, err)
			}
			j, err := js.Open(t.Context(), c.id)
			if err != nil {
				t.Fatal(err)
			}
			plan, events, state, err := engine.LoadState(t.Context(), j)
			if err != nil || plan.Format != 2 || len(plan.Tenants) != c.tenants || int64(len(events)) != heads[0].Events || j.Ordinal() != heads[0].Ordinal {
				t.Fatalf("%d events: %v", len(events), err)
			}
			if c.until == 0 {
				if last, err := engine.Completed(t.Context(), js, engine.Production, plugin); err != nil || last.Rollout != c.id {
					t.Errorf("what succeeded last: %v", err)
				}
				return
			}
			if _, err := js.Begin(t.Context(), enginetest.Plan(t, "other", engine.Production, plugin)); !errors.As(err, new(*engine.UnfinishedError)) {
				t.Errorf("beginning beside: %v", err)
			}
			// The same rollout over a fleet of the same kind, up to where it stood.
			fleet := enginetest.NewFleet(engine.Production, plugin, 3, c.tenants, "1.5.0", 150)
			twin, err := enginetest.Begin(fleet, engine.NewMemoryJournals(), c.id, plan.Spec)
			if err == nil {
				err = twin.Run(enginetest.Start.Add(c.until))
			}
			if err != nil || twin.State().Phase != state.Phase || twin.State().Stage != state.Stage {
				t.Fatalf("its twin is %s: %v", twin.State(), err)
			}
			runner, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: fleet, Meter: fleet, Journal: j, Judge: engine.JudgeByMode{}, Now: fleet.Clock, Writer: "w"})
			if err != nil {
				t.Fatal(err)
			}
			goesOn := &enginetest.Rollout{Runner: runner, Fleet: fleet}
			if err := goesOn.Run(time.Time{}); err != nil || goesOn.State().Outcome != engine.Succeeded {
				t.Errorf("it goes on to %s: %v", goesOn.State(), err)
			}
			if last, err := engine.Completed(t.Context(), file.Open(dir), engine.Production, plugin); err != nil || last.Rollout != c.id {
				t.Errorf("what succeeded last: %v", err)
			}
		})
	}
}

// TestChangedPlans refuses plans that were changed, of this format and of the last.
func TestChangedPlans(t *testing.T) {
	plan := enginetest.Plan(t, "r1", engine.QA, "gateway")
	head := func(text []byte) []byte {
		return file.Record(map[string]any{"format": 3, "digest": plan.Digest, "plan": json.RawMessage(text), "instances": plan.Instances, "tenants": plan.Tenants})
	}
	text := string(engine.EncodePlan(&plan))
	if got, _, err := file.Parse(head([]byte(text))); err != nil || got.Rollout != "r1" {
		t.Fatal(err)
	}
	changed := strings.Replace(text, `"1.6.0"`, `"1.6.1"`, 1)
	if _, _, err := file.Parse(head([]byte(changed))); err == nil || !strings.Contains(err.Error(), "was changed after it was compiled") {
		t.Errorf("a plan that was changed: %v", err)
	}
	old := plan
	old.Format = 2
	if _, _, err := file.Parse(file.Record(map[string]any{"format": 1, "plan": old})); err == nil || !strings.Contains(err.Error(), "was changed after it was compiled") {
		t.Errorf("an old plan that was changed: %v", err)
	}
}
