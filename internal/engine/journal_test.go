package engine_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

func TestMemoryJournals(t *testing.T) {
	js := engine.NewMemoryJournals()
	enginetest.Journals(t, func() engine.Journals { return js })
}

// TestNothingNewIsFree asks for news as often as a runner does.
func TestNothingNewIsFree(t *testing.T) {
	j, err := engine.NewMemoryJournals().Begin(t.Context(), enginetest.Plan(t, "r1", engine.QA, "gateway"))
	if err != nil {
		t.Fatal(err)
	}
	if err := enginetest.Append(t, j, engine.Event{Kind: engine.Began}); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = j.Events(t.Context(), 0) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
