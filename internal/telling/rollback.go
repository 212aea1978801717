package telling

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// RolledBack is what a person reads whose rollout was rolled back: the summary in one
// line, and the facts one under the other.
func (t *Story) RolledBack(next string) (summary, detail string) {
	summary = t.Of.Title(fmt.Sprintf("was rolled back at stage %q", t.Stage))
	if failed := t.FirstFailure(); failed != "" {
		summary += ": " + failed
	}
	return summary, fmt.Sprintf("%s\n\n%s\n%s", t.Why(), t.facts(), next)
}

// AsAsked is RolledBack where somebody wished for it.
func (t *Story) AsAsked(next string) (summary, detail string) {
	return t.Of.Title("was rolled back, as asked"), fmt.Sprintf("%s\n\n%s\n%s", t.Why(), t.facts(), next)
}

// Why says in a sentence why the rollout was rolled back.
func (t *Story) Why() string {
	p := &t.Of.Plan
	where := fmt.Sprintf("stage %q of the %s rollout in %s", t.Stage, p.Spec.Strategy, p.Spec.Environment)
	if t.HeldOut {
		return fmt.Sprintf("In %s %s. It was held there for what was measured.", where, t.Turn.Error)
	}
	switch t.Turn.Kind {
	case engine.Judged:
		return judged(t.Turn.Verdict, where)
	case engine.RanOut:
		return fmt.Sprintf("The fleet was not ready in time in %s: %s.", where, t.Turn.Error)
	case engine.Failed:
		if t.Turn.Refused {
			return fmt.Sprintf("The fleet refused %s for good: %s.", where, t.Turn.Error)
		}
		return fmt.Sprintf("The changes of %s failed again and again: %s.", where, t.Turn.Error)
	case engine.Aborted:
		text := fmt.Sprintf("The rollback was asked for by %s in %s: %s.", t.Turn.By, where, t.Turn.Error)
		if t.Measured() != nil {
			text += " It was held there for what was measured."
		}
		return text
	default:
		return fmt.Sprintf("The rollout was rolled back in %s.", where)
	}
}

// judged says what a verdict did to a stage. Where there are findings they follow, and the
// reason would say them twice.
func judged(v *engine.Verdict, where string) string {
	text, reason := fmt.Sprintf("The gate of %s failed", where), ": "+v.Reason
	switch {
	case v.Guard:
		text = "A guard stopped " + where
	case v.Result == engine.Inconclusive:
		return fmt.Sprintf("There was too little data to let %s pass%s.", where, reason)
	}
	if len(v.Findings) > 0 {
		reason = ""
	}
	return text + reason + "."
}

// facts are the lines that follow. Terraform leaves lines alone that begin with a space.
func (t *Story) facts() string {
	var b strings.Builder
	if v := t.Measured(); v != nil {
		findings(&b, v)
		if v.Requests > 0 {
			fact(&b, "Sample", sample(v))
		}
		if w := v.Worst; w != nil && w.Errors > 0 {
			fact(&b, "Worst tenant", fmt.Sprintf("%s: %d of %d requests erred", w.Tenant, w.Errors, w.Requests))
		}
	}
	if len(t.Turn.Targets) > 0 {
		fact(&b, "Targets", engine.Names(t.Turn.Targets))
	}
	fact(&b, "Exposed", t.Exposed())
	fact(&b, "Rolled back", t.undoing())
	fact(&b, "Rollout", fmt.Sprintf("%s, %s in all", t.Of.Plan.Rollout, Length(t.Took)))
	return b.String()
}

// undoing says how far the way back is.
func (t *Story) undoing() string {
	before := Named(t.Of.Plan.Baseline)
	switch {
	case t.Of.State.InFlight():
		return "not yet: " + t.Of.left()
	case len(t.Undone) == 0:
		return fmt.Sprintf("nothing had to be undone; everything runs %s as before", before)
	default:
		return fmt.Sprintf("%s, %s; everything runs %s as before", quoted(t.Undone), took(t.RollbackTook), before)
	}
}
