package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// TestForget keeps the newest rollouts, and what somebody may still go back to.
func TestForget(t *testing.T) {
	for _, c := range []struct {
		name     string
		keep     int
		outcomes []string
		want     string
	}{
		{"all are new", 5, []string{"succeeded", "succeeded", "succeeded"}, "r1 r2 r3"},
		{"old ones", 2, []string{"succeeded", "rolled_back", "succeeded", "succeeded"}, "r3 r4"},
		{"one that succeeded long ago", 2, []string{"succeeded", "rolled_back", "rolled_back", "rolled_back", "rolled_back"}, "r1 r4 r5"},
		{"one in flight", 1, []string{"succeeded", "succeeded", "rolled_back", ""}, "r2 r4"},
		{"one that is being rolled back", 1, []string{"succeeded", "succeeded", "restores r2"}, "r2 r3"},
		{"one that was rolled back before", 1, []string{"succeeded", "restores r1", "rolled_back", "rolled_back"}, "r1 r2 r4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			js := ended(t, dir, 300, c.outcomes...)
			_, before := rollouts(t, js)
			for range 2 { // the second time there is nothing to do
				if err := js.Forget(t.Context(), c.keep); err != nil {
					t.Fatal(err)
				}
				got, last := rollouts(t, file.Open(dir))
				if strings.Join(got, " ") != c.want || last != before {
					t.Errorf("what is left: %v, want %s; the last that succeeded: %s, was %s", got, c.want, last, before)
				}
			}
			if n := len(c.outcomes); c.outcomes[n-1] != "" {
				next, err := js.Begin(t.Context(), enginetest.Plan(t, "next", engine.QA, "gateway"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := next.Plan(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if lists, _ := filepath.Glob(filepath.Join(dir, "*.tenants")); len(lists) != 1 {
				t.Errorf("the lists are %v", lists)
			}
		})
	}
}

// TestForgetDiesAnywhere leaves a folder in each state that a death while it forgets
// can: what is needed is there, and the next one finishes.
func TestForgetDiesAnywhere(t *testing.T) {
	before := t.TempDir()
	ended(t, before, 300, "succeeded", "rolled_back", "rolled_back", "succeeded", "rolled_back", "rolled_back")
	forgotten := []string{"000001.journal", "000002.journal", "000003.journal"}
	const stays = "r4 r5 r6"
	for step := range 2 + len(forgotten) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(before)); err != nil {
			t.Fatal(err)
		}
		for i, name := range forgotten {
			if i < step {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if step > len(forgotten) { // half of the new index
			if err := os.WriteFile(filepath.Join(dir, "index.new"), []byte("0123"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name, content := range map[string]string{".begin-7": "x", ".list-7": "x", "00000000000000ff.tenants": "x"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		js := file.Open(dir)
		got, last := rollouts(t, js)
		if !strings.HasSuffix(strings.Join(got, " "), stays) || last != "r4" {
			t.Errorf("step %d: %v is left, and %s succeeded last", step, got, last)
		}
		ids := len(got)
		if err := js.Forget(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if got, last := rollouts(t, js); strings.Join(got, " ") != stays || last != "r4" {
			t.Errorf("step %d: then %v is left, and %s succeeded last", step, got, last)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if want := 3 + 1 + 1 + 1; ids > 3 && len(entries) != want { // journals, list, index, lock
			t.Errorf("step %d: there are %v", step, entries)
		}
	}
}
