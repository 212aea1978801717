package provider

import (
	"context"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestSpokenToElsewhere rolls a rollout back from somewhere else while an apply walks it:
// the apply takes that over, walks it back, and says who asked.
func TestSpokenToElsewhere(t *testing.T) {
	ctx, w := context.Background(), newMemoryWorlds(t)
	core := newCore(t, w)
	said := false
	w.written = func(e engine.Event) error {
		if said || e.Kind != engine.Settled || e.Stage != 1 {
			return nil
		}
		said = true
		at := mustWorld(t, w)
		j, err := at.journals.Open(ctx, latestID(t, w))
		if err != nil {
			return err
		}
		runner, err := engine.NewRunner(ctx, engine.Ports{Fleet: at, Meter: at, Journal: j, Judge: engine.JudgeByMode{}, Now: at.Now, Writer: "elsewhere"})
		if err != nil {
			return err
		}
		return runner.Signal(ctx, engine.Signal{Kind: engine.Aborted, By: "anna", Reason: "the shop is closed"})
	}
	expectError(t, core.apply(ctx, deployment("1.6.0")), "1.6.0 was rolled back", "anna", "the shop is closed")
	if !said {
		t.Error("nobody spoke")
	}
}

// TestWriters: each apply has an id of its own, and all that it writes has it.
func TestWriters(t *testing.T) {
	ctx, w := context.Background(), newMemoryWorlds(t)
	core := newCore(t, w)
	writers := map[string]int{}
	for i, version := range []string{"1.6.0", "1.7.0"} {
		w.written = func(e engine.Event) error { writers[e.Writer]++; return nil }
		expectGood(t, core.apply(ctx, deployment(version)))
		if len(writers) != i+1 || writers[""] > 0 {
			t.Errorf("after %s the writers are %v", version, writers)
		}
	}
}
