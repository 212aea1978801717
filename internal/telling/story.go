package telling

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Story is what a person wants to know of a rollout, and why it was rolled back.
type Story struct {
	engine.Summary

	Of *Rollout
	// Turn is the event that it was rolled back for; the zero Event where it was not.
	Turn engine.Event
	// HeldOut says that it was rolled back because nobody decided in time.
	HeldOut bool
}

// Tell reads the story out of a journal. now is the time on the fleet's clock: in a
// rollout that has not ended the exposure goes on.
func Tell(ro *Rollout, now time.Time) *Story {
	summary, _ := engine.Summarize(&ro.Plan, ro.Events) // ro was folded when it was read
	t := &Story{Summary: summary, Of: ro}
	if t.Cause != nil {
		t.Turn = *t.Cause
		t.HeldOut = t.Turn.Kind == engine.RanOut && ro.HeldAt(t.Turn.Seq)
	}
	if ro.State.InFlight() && len(ro.Events) > 0 && (t.Exposes() || t.Unseen != nil) && t.Undone == nil {
		t.ExposedFor += now.Sub(ro.Events[len(ro.Events)-1].At)
	}
	return t
}

// Measured is the verdict that the story is about: the one that turned the rollout round,
// or what it was held for when a person did, or nobody; nil where none is.
func (t *Story) Measured() *engine.Verdict {
	if v := t.Turn.Verdict; v != nil {
		return v
	}
	if v := t.Verdict; (t.Turn.Kind == engine.Aborted || t.HeldOut) && v != nil && v.Result != engine.Pass {
		return v
	}
	return nil
}

// FirstFailure is the first metric that failed, observed against allowed; "" where none did.
func (t *Story) FirstFailure() string {
	v := t.Measured()
	if v == nil {
		return ""
	}
	for _, f := range v.Findings {
		if f.Result == engine.Fail {
			return compared(f)
		}
	}
	return ""
}

// Exposed says whom the new version reached, or that nobody could see.
func (t *Story) Exposed() string {
	reach := func(e engine.Exposure) string {
		if len(t.Of.Plan.Tenants) == 0 { // the fleet does not know them
			return fmt.Sprintf("%s at most, %s of the traffic", engine.Plural(e.Instances, "instance"), engine.Significant(e.Share)+" %")
		}
		return fmt.Sprintf("%d of %s and %s at most, %s of the traffic", e.Tenants, engine.Plural(len(t.Of.Plan.Tenants), "tenant"),
			engine.Plural(e.Instances, "instance"), engine.Significant(e.Share)+" %")
	}
	switch {
	case t.Unseen != nil && t.Exposes():
		return fmt.Sprintf("not known since the last change, after which nobody could look: by the plan %s; seen before were %s; for %s",
			reach(*t.Unseen), reach(t.Most), Length(t.ExposedFor))
	case t.Unseen != nil:
		return fmt.Sprintf("not known, nobody could look: by the plan %s, for %s", reach(*t.Unseen), Length(t.ExposedFor))
	case t.Exposes():
		return fmt.Sprintf("%s, for %s", reach(t.Most), Length(t.ExposedFor))
	default:
		return "nobody: no tenant was served by the new version"
	}
}

// Advice says what would have let the verdict pass that the rollout turned on or waits
// for, where that had too little data; "" where it had enough, or nothing is known of it.
func (t *Story) Advice() string {
	v, at := t.Turn.Verdict, t.Turn.Stage
	if t.Cause == nil {
		v, at = t.Of.State.Verdict, t.Of.State.Stage
	}
	if v == nil || v.Result != engine.Inconclusive || at >= len(t.Of.Plan.Stages) {
		return ""
	}
	return t.Of.Plan.Stages[at].Gate.Advice(v)
}
