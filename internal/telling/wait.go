package telling

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A rollout that waits is no failure. These texts say why it waits, and whom that exposes
// meanwhile.

// Held is for a rollout that waits for a person to decide.
func (t *Story) Held(next string) (summary, detail string) {
	var b strings.Builder
	ro := t.Of
	fmt.Fprintf(&b, "The rollout of %s waits at stage %q for a person: %s.\n\n", Named(ro.Plan.Candidate), ro.Stage(), ro.State.Reason)
	if v := ro.State.Verdict; v != nil && len(v.Comparison) > 0 {
		b.WriteString(comparison(v) + "\n")
	} else if v != nil && len(v.Findings) > 1 {
		findings(&b, v)
	}
	fact(&b, "Exposed", t.Exposed()+", and as long as it waits")
	b.WriteString("\n")
	if advice := t.Advice(); advice != "" {
		b.WriteString(advice + "\n\n")
	}
	if cost := ro.Plan.ResumeCost(&ro.State); cost != "" {
		b.WriteString(cost + "\n\n")
	}
	return ro.Title(fmt.Sprintf("is held at stage %q", ro.Stage())), b.String() + next
}

// Paused is for a rollout whose clock somebody stopped.
func (t *Story) Paused(next string) (summary, detail string) {
	ro := t.Of
	return ro.Title(fmt.Sprintf("is paused at stage %q", ro.Stage())), t.standing(fmt.Sprintf("Paused by %s: %s.", ro.State.By, ro.State.Reason),
		", and as long as it is paused", next)
}

// Unattended is for a rollout that nobody walks: what says why, and until for whom it
// is exposed.
func (t *Story) Unattended(what, why, until, next string) (summary, detail string) {
	return t.Of.Title(what), t.standing(why, until, next)
}

// Stuck is for a rollout that a person has to help.
func (t *Story) Stuck(next string) (summary, detail string) {
	ro := t.Of
	return ro.Title(fmt.Sprintf("is stuck at stage %q", ro.Stage())), t.standing(fmt.Sprintf("The rollout can go neither forward nor back: %s.%s",
		ro.State.Reason, ro.Misplaced()), "", next)
}

// standing is a text about a rollout that stands still.
func (t *Story) standing(why, until, next string) string {
	var b strings.Builder
	b.WriteString(why + "\n\n")
	fact(&b, "Exposed", t.Exposed()+until)
	fact(&b, "Rollout", t.Of.Plan.Rollout)
	return b.String() + "\n" + next
}

// stopped says of a test that v ended whether it was cut short.
func (t *Story) stopped(v *engine.Verdict) string {
	stages := t.Of.Plan.Stages
	if at := t.Turn.Stage; !v.Guard && at >= 0 && at < len(stages) && v.Window >= stages[at].Bake {
		return ", as the whole test of " + Length(v.Window) + " showed"
	}
	return " and was stopped"
}

// Retained is for an A/B test that kept A: an answer, and no failure.
func (t *Story) Retained(next string) (summary, detail string) {
	var b strings.Builder
	ro, v := t.Of, t.Turn.Verdict
	if v != nil && v.Harm {
		fmt.Fprintf(&b, "B, %s, did harm%s: %s.\n", Named(ro.Plan.Candidate), t.stopped(v), strings.TrimPrefix(v.Reason, "A stays: "))
	} else {
		fmt.Fprintf(&b, "B, %s, did not win: %s.\n", Named(ro.Plan.Candidate), strings.TrimPrefix(ro.State.Reason, "A stays: "))
	}
	if v != nil && len(v.Comparison) > 0 {
		b.WriteString("\n" + comparison(v))
	}
	b.WriteString("\n")
	fact(&b, "Exposed", t.Exposed())
	fmt.Fprintf(&b, "\nAll traffic is on %s again. ", Named(ro.Plan.Baseline))
	return "The A/B test kept A: " + Named(ro.Plan.Baseline), b.String() + next
}
