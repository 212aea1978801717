package provider

import (
	"context"
	"strings"
	"testing"
)

// TestTakesOverWithAWord: another root's rollout is in flight, and this one ignores
// changes of its version: what an apply would do with it is said.
func TestTakesOverWithAWord(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
	mine, theirs := newCore(t, w), newCore(t, w)
	expectGood(t, mine.apply(ctx, deployment("1.6.0")))
	expectGood(t, theirs.importState("Production/stripe", nil))
	held := deployment("9.9.9", map[string]any{"canary": map[string]any{"auto_rollback": false}})
	expectGood(t, theirs.apply(ctx, held))
	expect(t, theirs, map[string]string{"status": "held"})

	mine.refresh()
	// As Terraform plans with ignore_changes = [version]: with the version of the state.
	expect(t, mine, map[string]string{"version": "9.9.9", "rollout_id": "stripe-production-1"})
	resp, _ := mine.plan(deployment("9.9.9"))
	expectGood(t, resp.Diagnostics)
	expectText(t, warningsIn(resp.Diagnostics), "takes over a rollout that this state did not begin")
	expectText(t, warningsIn(resp.Diagnostics), "Rollout stripe-production-2")

	// Whose own it is hears nothing of the kind.
	theirs.refresh()
	resp, _ = theirs.plan(held)
	if text := warningsIn(resp.Diagnostics); strings.Contains(text, "takes over") {
		t.Errorf("its own root hears %s", text)
	}
}
