package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

func TestMemoryJournals(t *testing.T) {
	js := engine.NewMemoryJournals()
	enginetest.Journals(t, func() engine.Journals { return js })
}

func TestFileJournals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journals")
	enginetest.Journals(t, func() engine.Journals { return engine.OpenFileJournals(dir) })
}

// written is a file with a head and two events, and the whole of its bytes.
func written(t *testing.T) (path string, data []byte) {
	t.Helper()
	dir, ctx := t.TempDir(), context.Background()
	j, err := engine.OpenFileJournals(dir).Begin(ctx, enginetest.Plan(t, "r1", engine.QA, "gateway"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []engine.Event{{Kind: engine.Measured, Before: &engine.Measurement{}}, {Seq: 1, Kind: engine.Began}} {
		if err := j.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "000001.journal")
	data, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data
}

// TestTornTail cuts the file behind every byte: what is left is a journal with as
// many events as are whole, and it can be written on.
func TestTornTail(t *testing.T) {
	path, data := written(t)
	ctx := context.Background()
	head := strings.IndexByte(string(data), '\n') + 1
	for cut := head; cut <= len(data); cut++ {
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := strings.Count(string(data[head:cut]), "\n")
		j, err := engine.OpenFileJournals(filepath.Dir(path)).Open(ctx, "r1")
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if _, events, err := j.Load(ctx); err != nil || len(events) != whole {
			t.Fatalf("cut at %d: %d events, want %d: %v", cut, len(events), whole, err)
		}
		if err := j.Append(ctx, engine.Event{Seq: int64(whole), Kind: engine.Paused}); err != nil {
			t.Fatalf("cut at %d: append: %v", cut, err)
		}
		if _, events, err := j.Load(ctx); err != nil || len(events) != whole+1 {
			t.Fatalf("cut at %d: %d events after an append: %v", cut, len(events), err)
		}
	}
}

// TestBrokenJournal flips each byte in turn: never a panic, and never an event
// that was not written.
func TestBrokenJournal(t *testing.T) {
	path, data := written(t)
	for at := range data {
		broken := append([]byte(nil), data...)
		broken[at] ^= 0x20
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := engine.OpenFileJournals(filepath.Dir(path)).Open(context.Background(), "r1")
		if at < len(data)-1 && err == nil {
			t.Fatalf("byte %d flipped, and nobody noticed", at)
		}
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d: the error does not name the file: %v", at, err)
		}
	}
}

func TestNewerFormats(t *testing.T) {
	if _, _, err := engine.ParseJournal(engine.Record(map[string]any{"format": 3})); err == nil || !strings.Contains(err.Error(), "format 3") {
		t.Errorf("journal of a newer format: %v", err)
	}
	plan := enginetest.Plan(t, "r1", engine.QA, "gateway")
	plan.Format = 99
	if _, _, err := engine.ParseJournal(engine.Record(map[string]any{"format": 1, "plan": plan})); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("plan of a newer format: %v", err)
	}
	plan.Format = engine.PlanFormat
	plan.Stages[0].Bake++
	if _, _, err := engine.ParseJournal(engine.Record(map[string]any{"format": 1, "plan": plan})); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("plan that was changed: %v", err)
	}
}

// TestFirstJournal reads the first journal ever written: files of this format must
// stay readable.
func TestFirstJournal(t *testing.T) {
	data, err := os.ReadFile("testdata/journal-format-1/000001.journal")
	if errors.Is(err, os.ErrNotExist) && *update {
		_, data = written(t)
		if err := os.WriteFile("testdata/journal-format-1/000001.journal", data, 0o600); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	plan, events, err := engine.ParseJournal(data)
	if err != nil || plan.Rollout != "r1" || len(events) != 2 {
		t.Fatalf("%s with %d events: %v", plan.Rollout, len(events), err)
	}
	if _, err := engine.Fold(&plan, events); err != nil {
		t.Fatal(err)
	}
}

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte("00000000 {}\n"))
	f.Add(engine.Record(map[string]any{"format": 1}))
	f.Add(append(engine.Record(map[string]any{"format": 1, "plan": map[string]any{}}), 'x'))
	f.Fuzz(func(_ *testing.T, data []byte) {
		plan, events, err := engine.ParseJournal(data)
		if err == nil {
			_, _ = engine.Fold(&plan, events)
		}
	})
}
