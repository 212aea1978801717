package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// written is the file of r1, which goes on, and its lines: a head and three events.
func written(t *testing.T) (path string, lines [][]byte) {
	t.Helper()
	dir := t.TempDir()
	j, err := file.Open(dir).Begin(t.Context(), enginetest.Plan(t, "r1", engine.QA, "gateway"))
	if err != nil {
		t.Fatal(err)
	}
	for seq, e := range []engine.Event{{Kind: engine.Measured, Before: &engine.Measurement{}}, {Kind: engine.Began}, {Kind: engine.Paused, By: "anna"}} {
		e.Seq, e.At = int64(seq), enginetest.Start
		if err := enginetest.Append(t, j, e); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "000001.journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, bytes.SplitAfter(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// rewrite puts other bytes into a file, and gives its journals to a new reader.
func rewrite(t *testing.T, path string, data []byte) *file.Journals {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file.Open(filepath.Dir(path))
}

// TestTornTail cuts the file behind every byte: what is left is a journal with as
// many events as are whole, and it can be written on.
func TestTornTail(t *testing.T) {
	path, lines := written(t)
	data := append(bytes.Join(lines, nil), '\n')
	for cut := len(lines[0]); cut <= len(data); cut++ {
		goesOnAfter(t, path, data[:cut], bytes.Count(data[len(lines[0]):cut], []byte("\n")))
	}
}

// TestBrokenLastLine has a last line that has its end, and is broken all the same: blocks
// of a file reach the disk in any order.
func TestBrokenLastLine(t *testing.T) {
	path, lines := written(t)
	before := bytes.Join(lines[:3], nil)
	last := append(bytes.Clone(lines[3]), '\n')
	for at := range last {
		broken := bytes.Clone(last)
		broken[at] ^= 0x41 // never a line's end
		goesOnAfter(t, path, append(bytes.Clone(before), broken...), 2)
	}
	goesOnAfter(t, path, append(bytes.Clone(before), make([]byte, 300)...), 2)
}

// goesOnAfter reads a journal that has so many whole events, and writes one more.
func goesOnAfter(t *testing.T, path string, data []byte, whole int) {
	t.Helper()
	j, err := rewrite(t, path, data).Open(t.Context(), "r1")
	if err != nil {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
	if events, err := j.Events(t.Context(), -1); err != nil || len(events) != whole {
		t.Fatalf("%d bytes: %d events, want %d: %v", len(data), len(events), whole, err)
	}
	if whole == 3 {
		return // paused already
	}
	if err := enginetest.Append(t, j, engine.Event{Seq: int64(whole), Kind: engine.Paused}); err != nil {
		t.Fatalf("%d bytes: append: %v", len(data), err)
	}
	again, err := file.Open(filepath.Dir(path)).Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if events, err := again.Events(t.Context(), -1); err != nil || len(events) != whole+1 {
		t.Fatalf("%d bytes: %d events after an append: %v", len(data), len(events), err)
	}
}

// TestBrokenLine flips each byte of the lines before the last: each is an error that names
// the file and the line.
func TestBrokenLine(t *testing.T) {
	path, lines := written(t)
	for number, at := 1, 0; number <= 3; number++ {
		for range len(lines[number-1]) - 1 {
			data := bytes.Join(lines, nil)
			data[at] ^= 0x41
			_, err := rewrite(t, path, data).Begin(t.Context(), enginetest.Plan(t, "r2", engine.QA, "gateway"))
			var broken *engine.BrokenJournalError
			if !errors.As(err, &broken) || broken.Where != path || broken.Line != number || !strings.Contains(err.Error(), path) {
				t.Fatalf("byte %d of line %d flipped: %v", at, number, err)
			}
			at++
		}
		at++
	}
}

// TestOneBrokenClosesNoOther breaks a journal in the middle of others: only who asks for
// that very one, or begins beside it, hears of it.
func TestOneBrokenClosesNoOther(t *testing.T) {
	path, lines := written(t)
	js := file.Open(filepath.Dir(path))
	for _, p := range []engine.Plan{enginetest.Plan(t, "p1", engine.Production, "gateway"), enginetest.Plan(t, "e1", engine.QA, "exporter")} {
		if _, err := js.Begin(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	lines[2][20] ^= 1
	js = rewrite(t, path, bytes.Join(lines, nil))
	is := func(what string, err error) {
		t.Helper()
		var broken *engine.BrokenJournalError
		if !errors.As(err, &broken) || broken.Where != path || broken.Line != 3 {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := js.Open(t.Context(), "r1")
	is("opening it", err)
	_, err = js.Begin(t.Context(), enginetest.Plan(t, "r2", engine.QA, "gateway"))
	is("beginning beside it", err)
	_, err = engine.Completed(t.Context(), js, engine.QA, "gateway")
	is("asking what succeeded, which may be it", err)
	if heads, err := js.List(t.Context(), engine.QA, "gateway", engine.Filter{}); err != nil || len(heads) != 1 || heads[0].Rollout != "r1" || heads[0].Events != 1 {
		t.Errorf("it is listed as %+v, %v", heads, err)
	}
	for _, id := range []string{"p1", "e1"} {
		if _, err := js.Open(t.Context(), id); err != nil {
			t.Errorf("another: %v", err)
		}
	}
	if heads, err := js.List(t.Context(), engine.Production, "gateway", engine.Filter{}); err != nil || len(heads) != 1 {
		t.Errorf("others are %+v, %v", heads, err)
	}
	if _, err := js.Begin(t.Context(), enginetest.Plan(t, "o1", engine.Staging, "gateway")); err != nil {
		t.Errorf("another begins: %v", err)
	}
	if err := js.Forget(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it was forgotten: %v", err)
	}
}

// TestHeadThatCannotBeRead has a journal of which nobody can tell whose it is: none begins,
// as it may be unfinished, but those of which one began since.
func TestHeadThatCannotBeRead(t *testing.T) {
	for what, head := range map[string][]byte{"broken": []byte("noise\n"), "empty": {}, "no plan": file.Record(map[string]any{"format": 3})} {
		t.Run(what, func(t *testing.T) {
			path, lines := written(t)
			js := rewrite(t, path, head)
			_, err := js.Begin(t.Context(), enginetest.Plan(t, "o1", engine.Staging, "other"))
			var broken *engine.BrokenJournalError
			if !errors.As(err, &broken) || broken.Where != path || broken.Line != 1 || !strings.Contains(err.Error(), "move the file out of its folder") {
				t.Errorf("beginning beside it: %v", err)
			}
			if _, err := js.Open(t.Context(), "r1"); !errors.Is(err, engine.ErrNoJournal) {
				t.Errorf("opening: %v", err)
			}
			// It was whole when another began and ended, and broke then.
			js = rewrite(t, path, bytes.Join(lines, nil))
			j, err := js.Begin(t.Context(), enginetest.Plan(t, "o1", engine.Staging, "other"))
			if err != nil {
				t.Fatal(err)
			}
			for seq, e := range []engine.Event{{Kind: engine.Aborted, By: "anna"}, {Kind: engine.Finished, Outcome: engine.RolledBack}} {
				if e.Seq = int64(seq); seq == 1 {
					e.Stage = len(enginetest.Plan(t, "o1", engine.Staging, "other").Stages)
				}
				if err := enginetest.Append(t, j, e); err != nil {
					t.Fatal(err)
				}
			}
			js = rewrite(t, path, head)
			if heads, err := js.List(t.Context(), engine.Staging, "other", engine.Filter{}); err != nil || len(heads) != 1 {
				t.Errorf("another is listed as %+v, %v", heads, err)
			}
			if _, err := js.Begin(t.Context(), enginetest.Plan(t, "o2", engine.Staging, "other")); err != nil {
				t.Errorf("another that began since cannot begin again: %v", err)
			}
			if _, err := js.Begin(t.Context(), enginetest.Plan(t, "r2", engine.QA, "gateway")); err == nil {
				t.Error("one began that may be the second")
			}
		})
	}
}

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte("00000000 {}\n"))
	f.Add(file.Record(map[string]any{"format": 1}))
	f.Add(file.Record(map[string]any{"format": 3, "plan": map[string]any{}}))
	f.Add(append(file.Record(map[string]any{"format": 1, "plan": map[string]any{}}), 'x'))
	f.Fuzz(func(_ *testing.T, data []byte) {
		plan, events, err := file.Parse(data)
		if err == nil {
			_, _ = engine.Fold(plan, events)
		}
	})
}
