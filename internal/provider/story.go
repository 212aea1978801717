package provider

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// story is what a person wants to know of a rollout, and why it was rolled back.
type story struct {
	engine.Summary

	cause   engine.Event // what it was rolled back for; zero: it was not
	heldOut bool         // … which is that nobody decided in time
}

// tell reads the story out of a journal. now is the time on the fleet's clock: in a
// rollout that has not ended the exposure goes on.
func tell(ro *rollout, now time.Time) story {
	summary, _ := engine.Summarize(&ro.plan, ro.events) // ro was folded when it was read
	t := story{Summary: summary}
	if t.Cause != nil {
		t.cause = *t.Cause
		t.heldOut = t.cause.Kind == engine.RanOut && heldAt(ro, t.cause.Seq)
	}
	if ro.state.InFlight() && len(ro.events) > 0 && (t.Exposes() || t.Unseen != nil) && t.Undone == nil {
		t.ExposedFor += now.Sub(ro.events[len(ro.events)-1].At)
	}
	return t
}

// measured is the verdict that the story is about: the one that turned the rollout round,
// or what it was held for when a person did, or nobody.
func (t story) measured() *engine.Verdict {
	if v := t.cause.Verdict; v != nil {
		return v
	}
	if v := t.Verdict; (t.cause.Kind == engine.Aborted || t.heldOut) && v != nil && v.Result != engine.Pass {
		return v
	}
	return nil
}

func stageName(ro *rollout, i int) string {
	if i >= 0 && i < len(ro.plan.Stages) {
		return ro.plan.Stages[i].Name
	}
	return "the end"
}
