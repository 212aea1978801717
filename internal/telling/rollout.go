package telling

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Rollout is a journal that was read, and what it folds to.
type Rollout struct {
	Plan   engine.Plan
	Events []engine.Event
	State  engine.State
}

// Stage names where the rollout is or ended.
func (ro *Rollout) Stage() string { return ro.State.StageName(&ro.Plan) }

// Began is when the rollout's first event was, on the fleet's clock; zero where there is
// none yet.
func (ro *Rollout) Began() time.Time {
	if len(ro.Events) == 0 {
		return time.Time{}
	}
	return ro.Events[0].At
}

// HeldAt says whether the rollout waited for a person when the event of that number came.
func (ro *Rollout) HeldAt(seq int64) bool {
	s, err := engine.Fold(&ro.Plan, ro.Events[:seq])
	return err == nil && s.Phase == engine.PhaseHeld
}

// Title says of the rollout what is the matter, with the environment: front ends show only
// the first of several texts that have the same title.
func (ro *Rollout) Title(what string) string {
	return fmt.Sprintf("%s %s %s (%s)", ro.Plan.Spec.PluginID, Named(ro.Plan.Candidate), what, ro.Plan.Spec.Environment)
}

// Describe says which rollout that is, where it stands and for how long. now is the time on
// the fleet's clock.
func (ro *Rollout) Describe(now time.Time) string {
	what := fmt.Sprintf("Rollout %s (%s %s in %s)", ro.Plan.Rollout, ro.Plan.Spec.PluginID, Named(ro.Plan.Candidate), ro.Plan.Spec.Environment)
	if ro.Plan.Restores != "" {
		what = fmt.Sprintf("Rollout %s, the way back of %s (%s in %s),", ro.Plan.Rollout, ro.Plan.Restores, ro.Plan.Spec.PluginID, ro.Plan.Spec.Environment)
	}
	text := fmt.Sprintf("%s is %s at stage %q", what, ro.State.Phase, ro.Stage())
	if began := ro.Began(); !began.IsZero() {
		text += fmt.Sprintf("; it began %s ago on the fleet's clock", Length(now.Sub(began)))
	}
	if ro.State.Reason != "" {
		text += " (" + ro.State.Reason + ")"
	}
	return text + "."
}

// Misplaced names the targets that could not be brought to where they belong, as a
// sentence that follows another one; "" where there are none.
func (ro *Rollout) Misplaced() string {
	if len(ro.State.Undone) == 0 {
		return ""
	}
	return " Not where they belong: " + engine.Names(ro.State.Undone) + "."
}

// Timeline tells the rollout in lines, each with its time since the start.
func (ro *Rollout) Timeline() []string {
	lines := []string{}
	for _, e := range ro.Events {
		if text := ro.Plan.Line(e); text != "" {
			lines = append(lines, fmt.Sprintf("%8s  %s", "+"+Length(e.At.Sub(ro.Began())), text))
		}
	}
	return lines
}

// left says what is still to be undone.
func (ro *Rollout) left() string {
	var names []string
	for i := min(ro.State.Begun, len(ro.Plan.Stages)) - 1; i >= 0; i-- {
		if len(ro.Plan.Stages[i].Undo) > 0 {
			names = append(names, ro.Plan.Stages[i].Name)
		}
	}
	return quoted(names) + " left to undo"
}
