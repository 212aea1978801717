package file_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// TestNewer reads what the program of next year will write: it is told from what is broken,
// and its rollout counts as unfinished, wherever it can be told which one it is.
func TestNewer(t *testing.T) {
	plan := enginetest.Plan(t, "r1", engine.QA, "gateway")
	var text map[string]any
	if err := json.Unmarshal(engine.EncodePlan(&plan), &text); err != nil {
		t.Fatal(err)
	}
	next := map[string]any{}
	for k, v := range text {
		next[k] = v
	}
	next["format"], next["weather"], next["guards"] = engine.PlanFormat+1, "fair", "none"
	head := func(format int, plan any) []byte {
		return file.Record(map[string]any{"format": format, "digest": "of another kind", "plan": plan, "instances": "elsewhere", "tenants": 7})
	}
	whole := file.Record(map[string]any{
		"format": 3, "digest": plan.Digest, "plan": json.RawMessage(engine.EncodePlan(&plan)), "instances": plan.Instances, "tenants": plan.Tenants,
	})
	event := func(more string) []byte {
		return append(bytes.Clone(whole), file.Record(json.RawMessage(`{"seq":0,"at":"2025-01-01T00:00:00Z","stage":0,`+more+`}`))...)
	}
	for _, c := range []struct {
		name    string
		data    []byte
		line    int
		what    string
		unknown bool // whose it is
	}{
		{"a journal", head(4, next), 1, "the journal has format 4, and this version reads up to 3", false},
		{"a journal without a plan", file.Record(map[string]any{"format": 4, "plan": "in a drawer"}), 1, "the journal has format 4, and this version reads up to 3", true},
		{"a plan", head(3, next), 1, "the plan of r1 has format 4, and this version reads up to 3", false},
		{"a plan in an old journal", head(1, next), 1, "the plan of r1 has format 4, and this version reads up to 3", false},
		{"a field of an event", event(`"kind":"began","mood":"good"`), 2, `event 0 has a field "mood" that this version does not know`, false},
		{"a field within an event", event(`"kind":"judged","verdict":{"result":"pass","sigma":5}`), 2, `event 0 has a field "sigma" that this version does not know`, false},
		{"a kind of event", event(`"kind":"paraded","mood":"good"`), 2, `event 0 is of a kind "paraded" that this version does not know`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			js := rewrite(t, filepath.Join(dir, "000001.journal"), c.data)
			is := func(what string, err error) {
				t.Helper()
				var newer *engine.NewerError
				var broken *engine.BrokenJournalError
				want := fmt.Sprintf("000001.journal: line %d: %s: it was written by a newer version of this program", c.line, c.what)
				if !errors.As(err, &newer) || !errors.As(err, &broken) || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v\nwant %s", what, err, want)
				}
			}
			_, err := js.Begin(t.Context(), enginetest.Plan(t, "r2", engine.QA, "gateway"))
			is("beginning beside it", err)
			_, err = js.Begin(t.Context(), enginetest.Plan(t, "o1", engine.QA, "other"))
			if c.unknown {
				is("beginning another", err)
				return
			}
			if err != nil {
				t.Errorf("another cannot begin: %v", err)
			}
			_, err = js.Open(t.Context(), "r1")
			is("opening it", err)
		})
	}
}

// TestNewerTenants has a list of tenants of a later form, under whatever name.
func TestNewerTenants(t *testing.T) {
	dir := t.TempDir()
	ended(t, dir, 300, "")
	lists, _ := filepath.Glob(filepath.Join(dir, "*.tenants"))
	if err := os.WriteFile(lists[0], []byte("\x03and so on"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := file.Open(dir).Open(t.Context(), "r1")
	if !errors.As(err, new(*engine.NewerError)) || !strings.Contains(err.Error(), "the list of tenants has format 3") {
		t.Error(err)
	}
}

// TestOtherIndexes ignores lines of the index that are of another format.
func TestOtherIndexes(t *testing.T) {
	dir := t.TempDir()
	ended(t, dir, 20, "rolled_back")
	info, err := os.Stat(filepath.Join(dir, "000001.journal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []int{0, 3} {
		line := file.Record(map[string]any{"format": format, "file": "000001.journal", "size": info.Size(), "rollout": "r9", "environment": "QA", "plugin": "gateway", "outcome": "succeeded"})
		js := rewrite(t, filepath.Join(dir, "index"), line)
		if got, last := rollouts(t, js); len(got) != 1 || got[0] != "r1" || last != "" {
			t.Errorf("an index of format %d is believed: %v", format, got)
		}
	}
}
