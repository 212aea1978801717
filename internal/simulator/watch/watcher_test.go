package watch

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Each promise has a checker. That each bites is tested where worlds are.
func TestCheckers(t *testing.T) {
	if len(checkers) != 10 {
		t.Errorf("there are %d checkers for 10 promises", len(checkers))
	}
	for i, c := range checkers {
		if c.promise != i+1 {
			t.Errorf("checker %d is for promise %d", i+1, c.promise)
		}
	}
}

// nowhere is a world in which nothing happens.
type nowhere struct{ World }

func (nowhere) Imprint() (time.Duration, uint64) { return time.Minute, 1 }

// A way back that skips what began last, undoes what did not begin, or ends before all is
// undone, breaks promise 2; the right one does not.
func TestWayBackBites(t *testing.T) {
	undo := []engine.Change{{Kind: engine.Unpin}}
	plan := &engine.Plan{Stages: []engine.Stage{{Undo: undo}, {Undo: undo}, {}}}
	for _, c := range []struct {
		name string
		e    engine.Event
		bite bool
	}{
		{"the last one is undone", engine.Event{Kind: engine.Reverting, Stage: 1}, false},
		{"the last one was undone", engine.Event{Kind: engine.Reverted, Stage: 1}, false},
		{"the first one is undone", engine.Event{Kind: engine.Reverting, Stage: 0}, true},
		{"the first one was undone", engine.Event{Kind: engine.Reverted, Stage: 0}, true},
		{"those who joined come first", engine.Event{Kind: engine.Reverted, Stage: 3}, true},
		{"it ends", engine.Event{Kind: engine.Finished, Outcome: engine.RolledBack}, true},
		{"it succeeds", engine.Event{Kind: engine.Finished, Outcome: engine.Succeeded}, false},
	} {
		x := &Watcher{world: nowhere{}, plan: plan, begun: []int{0, 1, 2}}
		if c.e.Kind == engine.Reverted && c.e.Stage < 2 {
			x.begun = x.begun[:2] // the last one, which has nothing to undo, was passed over before
		}
		wayBack.wrote(x, c.e)
		if bites := len(x.violations) > 0; bites != c.bite {
			t.Errorf("%s: %v", c.name, x.violations)
		}
	}
}

// What is told of a violation says when and what.
func TestViolationReads(t *testing.T) {
	v := Violation{4, time.Minute, "too many tenants"}
	if got, want := v.String(), "promise 4 at 1m0s: too many tenants"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
