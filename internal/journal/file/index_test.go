package file_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

const indexed = "index"

// ended are journals of rollouts over one fleet that ended as told: "succeeded",
// "rolled_back", "restores N" (and succeeded), or "": in flight. They are r1, r2, …
func ended(t *testing.T, dir string, tenants int, outcomes ...string) *file.Journals {
	t.Helper()
	ctx := context.Background()
	fleet := enginetest.NewFleet(engine.QA, "gateway", 2, tenants, "1.5.0", 150)
	js := file.Open(dir)
	plans := map[string]engine.Plan{}
	for i, outcome := range outcomes {
		id := fmt.Sprintf("r%d", i+1)
		var r *enginetest.Rollout
		var err error
		if of, ok := strings.CutPrefix(outcome, "restores "); ok {
			r, err = enginetest.BeginRestore(fleet, js, id, plans[of])
			outcome = "succeeded"
		} else {
			r, err = enginetest.Begin(fleet, js, id, engine.Spec{
				PluginID: "gateway", Environment: engine.QA, Version: fmt.Sprintf("1.6.%d", i), Strategy: engine.Direct,
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		plans[id] = *r.Plan()
		if outcome == "" {
			continue
		}
		if outcome == "rolled_back" {
			err = r.Signal(ctx, engine.Signal{Kind: engine.Aborted, By: "anna", Reason: "lunch"})
		}
		if err == nil {
			err = r.Run(time.Time{})
		}
		if err != nil || string(r.State().Outcome) != outcome {
			t.Fatalf("%s ended %s, not %s: %v", id, r.State(), outcome, err)
		}
	}
	return js
}

// rollouts are what is left, oldest first, and the last that succeeded.
func rollouts(t *testing.T, js *file.Journals) (ids []string, last string) {
	t.Helper()
	ctx := context.Background()
	heads, err := js.List(ctx, engine.QA, "gateway", engine.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range slices.Backward(heads) {
		j, err := js.Open(ctx, h.Rollout)
		if err != nil {
			t.Fatal(err)
		}
		if plan, err := j.Plan(ctx); err != nil || plan.Rollout != h.Rollout {
			t.Fatalf("%s is %v, %v", h.Rollout, plan, err)
		}
		ids = append(ids, h.Rollout)
	}
	if plan, err := engine.Completed(ctx, js, engine.QA, "gateway"); err == nil {
		last = plan.Rollout
	}
	return ids, last
}

// TestIndex breaks the index in every way: what the journals say stays the same, and
// whoever may write mends it.
func TestIndex(t *testing.T) {
	dir := t.TempDir()
	want, _ := rollouts(t, ended(t, dir, 20, "rolled_back", "rolled_back", "rolled_back", ""))
	path := filepath.Join(dir, indexed)
	whole, err := os.ReadFile(path)
	if err != nil || bytes.Count(whole, []byte("\n")) != 3 || len(want) != 4 {
		t.Fatalf("%v; the index is\n%s", err, whole)
	}
	check := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		reader := file.Open(dir)
		reader.ReadOnly = true
		if got, _ := rollouts(t, reader); !slices.Equal(got, want) {
			t.Fatalf("%s: a reader sees %v", what, got)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Fatalf("%s: a reader wrote: %v", what, err)
		}
		if got, _ := rollouts(t, file.Open(dir)); !slices.Equal(got, want) {
			t.Fatalf("%s: a writer sees %v", what, got)
		}
		if now, err := os.ReadFile(path); err != nil || bytes.Count(now, []byte(`"file":"000003.journal"`)) == 0 {
			t.Fatalf("%s: a writer left\n%s, %v", what, now, err)
		}
	}
	for cut := 0; cut < len(whole); cut += 29 {
		check(fmt.Sprintf("cut at %d", cut), whole[:cut])
	}
	for at := 0; at < len(whole); at += 29 {
		broken := bytes.Clone(whole)
		broken[at] ^= 0x20
		check(fmt.Sprintf("byte %d flipped", at), broken)
	}
	check("another file's", file.Record(map[string]any{"format": 2, "file": "000001.journal", "size": 7, "rollout": "r9", "environment": "QA", "plugin": "gateway"}))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, _ := rollouts(t, file.Open(dir)); !slices.Equal(got, want) {
		t.Errorf("without an index there are %v", got)
	}
}

// TestIndexIsBelieved opens what ended without reading it: a journal that is broken
// since then is in nobody's way.
func TestIndexIsBelieved(t *testing.T) {
	dir := t.TempDir()
	want, _ := rollouts(t, ended(t, dir, 20, "rolled_back", "rolled_back"))
	path := filepath.Join(dir, "000001.journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 0x20
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	js := file.Open(dir)
	if got, err := js.List(t.Context(), engine.QA, "gateway", engine.Filter{}); err != nil || len(got) != len(want) {
		t.Errorf("%v, %v", got, err)
	}
	j, err := js.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Plan(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a broken journal is read: %v", err)
	}
}
