package file_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// TestLostLineBreak damages the line break between the last two lines: two events are no
// torn tail, and are not lost without a word.
func TestLostLineBreak(t *testing.T) {
	_, lines := written(t)
	whole := append(bytes.Join(lines, nil), '\n')
	at := len(whole) - len(lines[len(lines)-1]) - 2
	if whole[at] != '\n' {
		t.Fatalf("%q is no line break", whole[at])
	}
	for _, from := range []int{at, at - 10} {
		data := bytes.Clone(whole)
		for i := from; i <= at; i++ {
			data[i] = 0
		}
		if _, events, err := file.Parse(data); err == nil {
			t.Errorf("%d of 3 events, and no error", len(events))
		}
	}
}

// TestNumbersOutOfRange writes numbers into the lock file that are none: there is one
// rollout at a time all the same.
func TestNumbersOutOfRange(t *testing.T) {
	for _, text := range []string{"99999999999999999999\n", "9223372036854775807\n", "-5\n", "a\n"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "lock"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		journals := file.Open(dir)
		j, err := journals.Begin(t.Context(), enginetest.Plan(t, "r1", engine.QA, "gateway"))
		if err != nil || j.Ordinal() != 1 {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := journals.Begin(t.Context(), enginetest.Plan(t, "r2", engine.QA, "gateway")); err == nil {
			t.Errorf("%q: a second one began", text)
		}
	}
}
