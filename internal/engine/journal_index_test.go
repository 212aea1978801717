package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

const indexed = "index"

// ended are journals of rollouts over one fleet that ended as told: "succeeded",
// "rolled_back", "restores N" (and succeeded), or "": in flight. They are r1, r2, …
func ended(t *testing.T, dir string, tenants int, outcomes ...string) *engine.FileJournals {
	t.Helper()
	ctx := context.Background()
	fleet := enginetest.NewFleet(engine.QA, "gateway", 2, tenants, "1.5.0", 150)
	js := engine.OpenFileJournals(dir)
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
			err = r.Signal(ctx, engine.Aborted, "anna", "lunch")
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

// rollouts are what is left, and the last that succeeded.
func rollouts(t *testing.T, js *engine.FileJournals) (ids []string, last string) {
	t.Helper()
	ctx := context.Background()
	ids, err := js.List(ctx, engine.QA, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		j, err := js.Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if plan, _, err := j.Load(ctx); err != nil || plan.Rollout != id {
			t.Fatalf("%s is %s, %v", id, plan.Rollout, err)
		}
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
		reader := engine.OpenFileJournals(dir)
		reader.ReadOnly = true
		if got, _ := rollouts(t, reader); !slices.Equal(got, want) {
			t.Fatalf("%s: a reader sees %v", what, got)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Fatalf("%s: a reader wrote: %v", what, err)
		}
		if got, _ := rollouts(t, engine.OpenFileJournals(dir)); !slices.Equal(got, want) {
			t.Fatalf("%s: a writer sees %v", what, got)
		}
		if now, err := os.ReadFile(path); err != nil || bytes.Count(now, []byte(`"file":"000003.journal"`)) == 0 {
			t.Fatalf("%s: a writer left\n%s, %v", what, now, err)
		}
	}
	for cut := range whole {
		check(fmt.Sprintf("cut at %d", cut), whole[:cut])
	}
	for at := range whole {
		broken := bytes.Clone(whole)
		broken[at] ^= 0x20
		check(fmt.Sprintf("byte %d flipped", at), broken)
	}
	check("another file's", engine.Record(map[string]any{"file": "000001.journal", "size": 7, "rollout": "r9", "environment": "QA", "plugin": "gateway"}))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, _ := rollouts(t, engine.OpenFileJournals(dir)); !slices.Equal(got, want) {
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
	js := engine.OpenFileJournals(dir)
	if got, err := js.List(t.Context(), engine.QA, "gateway"); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	j, err := js.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Load(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a broken journal is read: %v", err)
	}
}

// TestListedTenants writes plans of many tenants, who share their list, and reads them
// back whole.
func TestListedTenants(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	js := ended(t, dir, 1000, "rolled_back", "rolled_back")
	lists, _ := filepath.Glob(filepath.Join(dir, "*.tenants"))
	if len(lists) != 1 {
		t.Fatalf("the lists are %v", lists)
	}
	data, err := os.ReadFile(filepath.Join(dir, "000001.journal"))
	if err != nil || len(data) > 12_000 {
		t.Errorf("a journal of 1000 tenants has %d bytes, %v", len(data), err)
	}
	// The very plan that was begun, with pins, weights and requests before.
	plan := enginetest.Plan(t, "r3", engine.Production, "gateway")
	plan.Tenants = nil
	for i := range 700 {
		tenant := engine.Tenant{ID: fmt.Sprintf("ä-%03d", (i*311)%700), Weight: 1 / float64(i+1), PriorRequests: int64(i) << 40, PriorErrors: int64(i % 3)}
		if i%5 == 0 {
			tenant.Pin = fmt.Sprintf("1.%d", i%3)
		}
		plan.Tenants = append(plan.Tenants, tenant)
	}
	plan.Seal()
	if _, err := js.Begin(ctx, plan); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"r1", "r2", "r3"} {
		j, err := engine.OpenFileJournals(dir).Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := j.Load(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if id == "r3" && !reflect.DeepEqual(got.Tenants, plan.Tenants) {
			t.Errorf("the tenants are %v", got.Tenants[:3])
		}
	}
	if n := reflect.TypeFor[engine.Tenant]().NumField(); n != 5 {
		t.Errorf("a tenant has %d fields, and lists know of 5", n)
	}
	// A list that is broken, or missing, is an error of the journal that needs it.
	list, err := os.ReadFile(lists[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 1, len(list) / 2, len(list) - 1} {
		broken := bytes.Clone(list)
		broken[at] ^= 1
		if err := os.WriteFile(lists[0], broken, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := engine.OpenFileJournals(dir).Open(ctx, "r1")
		if err == nil {
			_, _, err = j.Load(ctx)
		}
		if err == nil || !strings.Contains(err.Error(), lists[0]) {
			t.Errorf("byte %d of the list flipped: %v", at, err)
		}
	}
	if err := os.Remove(lists[0]); err != nil {
		t.Fatal(err)
	}
	j, err := engine.OpenFileJournals(dir).Open(ctx, "r1")
	if err == nil {
		_, _, err = j.Load(ctx)
	}
	if err == nil || !strings.Contains(err.Error(), "its list of tenants is missing") {
		t.Errorf("without its list: %v", err)
	}
}

func FuzzTenantLists(f *testing.F) {
	list, rest := engine.PackTenants([]engine.Tenant{{ID: "b", Weight: 1, Pin: "1"}, {ID: "a", Weight: 2, PriorRequests: 7}})
	f.Add(list, rest.Order, rest.Prior)
	f.Fuzz(func(t *testing.T, list, order, prior []byte) {
		if tenants, err := engine.UnpackTenants(list, order, prior); err == nil {
			again, rest := engine.PackTenants(tenants)
			if back, err := engine.UnpackTenants(again, rest.Order, rest.Prior); err != nil || len(back) != len(tenants) {
				t.Errorf("%v, then %v: %v", tenants, back, err)
			}
		}
	})
}

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
				if err := js.Forget(c.keep); err != nil {
					t.Fatal(err)
				}
				got, last := rollouts(t, engine.OpenFileJournals(dir))
				if strings.Join(got, " ") != c.want || last != before {
					t.Errorf("what is left: %v, want %s; the last that succeeded: %s, was %s", got, c.want, last, before)
				}
			}
			if n := len(c.outcomes); c.outcomes[n-1] != "" {
				next, err := js.Begin(t.Context(), enginetest.Plan(t, "next", engine.QA, "gateway"))
				if err != nil {
					t.Fatal(err)
				}
				if _, _, err := next.Load(t.Context()); err != nil {
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
		js := engine.OpenFileJournals(dir)
		got, last := rollouts(t, js)
		if !strings.HasSuffix(strings.Join(got, " "), stays) || last != "r4" {
			t.Errorf("step %d: %v is left, and %s succeeded last", step, got, last)
		}
		ids := len(got)
		if err := js.Forget(3); err != nil {
			t.Fatal(err)
		}
		if got, last := rollouts(t, js); strings.Join(got, " ") != stays || last != "r4" {
			t.Errorf("step %d: then %v is left, and %s succeeded last", step, got, last)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if want := 3 + 1 + 1; ids > 3 && len(entries) != want { // journals, list, index
			t.Errorf("step %d: there are %v", step, entries)
		}
	}
}
