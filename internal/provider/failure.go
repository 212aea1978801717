package provider

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// failureText is what a person reads whose rollout was rolled back: the summary in
// one line, and the facts one under the other.
func failureText(ro *rollout, t story) (summary, detail string) {
	return rollbackText(ro, t, tryAgain(ro))
}

// rollbackText is what a rollback has to say; again is what comes of applying once more.
func rollbackText(ro *rollout, t story, again string) (summary, detail string) {
	summary = ro.title(fmt.Sprintf("was rolled back at stage %q", t.Stage)) + firstFailure(t)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", causeText(ro, t))
	facts(&b, ro, t)
	fmt.Fprintf(&b, "\n%s", nextSteps(ro, t, again))
	return summary, b.String()
}

// firstFailure is the first metric that failed, observed against allowed.
func firstFailure(t story) string {
	v := t.measured()
	if v == nil {
		return ""
	}
	for _, f := range v.Findings {
		if f.Result == engine.Fail {
			return ": " + comparedText(f)
		}
	}
	return ""
}

// causeText says in a sentence why the rollout was rolled back.
func causeText(ro *rollout, t story) string {
	v := t.cause.Verdict
	where := fmt.Sprintf("stage %q of the %s rollout in %s", t.Stage, ro.plan.Spec.Strategy, ro.plan.Spec.Environment)
	switch {
	case t.cause.Kind == engine.Judged && v.Guard && len(v.Findings) > 0:
		return fmt.Sprintf("A guard stopped %s.", where)
	case t.cause.Kind == engine.Judged && v.Guard:
		return fmt.Sprintf("A guard stopped %s: %s.", where, engine.Plainly(v.Reason))
	case t.cause.Kind == engine.Judged && v.Result == engine.Inconclusive:
		return fmt.Sprintf("There was too little data to let %s pass: %s.", where, engine.Plainly(v.Reason))
	case t.cause.Kind == engine.Judged && len(v.Findings) > 0:
		return fmt.Sprintf("The gate of %s failed.", where)
	case t.cause.Kind == engine.Judged:
		return fmt.Sprintf("The gate of %s failed: %s.", where, engine.Plainly(v.Reason))
	case t.heldOut:
		return fmt.Sprintf("In %s %s. It was held there for what was measured.", where, t.cause.Error)
	case t.cause.Kind == engine.RanOut:
		return fmt.Sprintf("The fleet was not ready in time in %s: %s.", where, brief(t.cause.Error))
	case t.cause.Kind == engine.Failed:
		return fmt.Sprintf("The changes of %s failed again and again: %s.", where, brief(t.cause.Error))
	case t.cause.Kind == engine.Aborted:
		text := fmt.Sprintf("The rollback was asked for by %s in %s: %s.", t.cause.By, where, t.cause.Error)
		if v := t.measured(); v != nil {
			text += " It was held there for what was measured."
		}
		return text
	default:
		return fmt.Sprintf("The rollout was rolled back in %s.", where)
	}
}

// facts are the lines that follow. Terraform leaves lines alone that begin with a
// space.
func facts(b *strings.Builder, ro *rollout, t story) {
	line := func(name, format string, args ...any) { fact(b, name, fmt.Sprintf(format, args...)) }
	if v := t.measured(); v != nil {
		findings(b, v)
		if v.Requests > 0 {
			line("Sample", "%s", sampleText(v))
		}
		if w := v.Worst; w != nil && w.Errors > 0 {
			line("Worst tenant", "%s: %d of %d requests erred", w.Tenant, w.Errors, w.Requests)
		}
	}
	if len(t.cause.Targets) > 0 {
		line("Targets", "%s", few(t.cause.Targets))
	}
	line("Exposed", "%s", exposedText(ro, t))
	switch {
	case ro.state.InFlight():
		line("Rolled back", "not yet: %s", left(ro))
	case len(t.Undone) == 0:
		line("Rolled back", "nothing had to be undone; everything runs %s as before", named(ro.plan.Baseline))
	default:
		line("Rolled back", "%s, %s; everything runs %s as before", quoteAll(t.Undone), took(t.RollbackTook), named(ro.plan.Baseline))
	}
	line("Rollout", "%s, %s in all", ro.plan.Rollout, length(t.Took))
}

// sampleText is what a verdict rests on. Where nobody counted tenants, none are named.
func sampleText(v *engine.Verdict) string {
	text := count(v.Requests, "request")
	if v.Tenants > 0 {
		text += " of " + count(v.Tenants, "tenant")
	}
	return text + " over " + length(v.Window)
}

func fact(b *strings.Builder, name, text string) { fmt.Fprintf(b, "  %-12s %s\n", name, text) }

// findings are the lines of a verdict, what failed first.
func findings(b *strings.Builder, v *engine.Verdict) {
	name := "Measured"
	for _, failed := range []bool{true, false} {
		for _, f := range v.Findings {
			if (f.Result == engine.Fail) == failed {
				fact(b, name, fmt.Sprintf("%s: %s", f.Result, f.Detail))
				name = ""
			}
		}
	}
}

// exposedText says whom the new version reached, or that nobody could see.
func exposedText(ro *rollout, t story) string {
	reach := func(e engine.Exposure) string {
		return fmt.Sprintf("%d of %s and %s at most, %s of the traffic", e.Tenants, count(len(ro.plan.Tenants), "tenant"),
			count(e.Instances, "instance"), percentOf(e.Share))
	}
	switch {
	case t.Unseen != nil && t.Exposes():
		return fmt.Sprintf("not known since the last change, after which nobody could look: by the plan %s; seen before were %s; for %s",
			reach(*t.Unseen), reach(t.Most), length(t.ExposedFor))
	case t.Unseen != nil:
		return fmt.Sprintf("not known, nobody could look: by the plan %s, for %s", reach(*t.Unseen), length(t.ExposedFor))
	case t.Exposes():
		return fmt.Sprintf("%s, for %s", reach(t.Most), length(t.ExposedFor))
	default:
		return "nobody: no tenant was served by the new version"
	}
}

// left says what is still to be undone.
func left(ro *rollout) string {
	var names []string
	for i := min(ro.state.Begun, len(ro.plan.Stages)) - 1; i >= 0; i-- {
		if len(ro.plan.Stages[i].Undo) > 0 {
			names = append(names, ro.plan.Stages[i].Name)
		}
	}
	return quoteAll(names) + " left to undo"
}

// tryAgain says what comes of applying once more after a rollback that was a failure.
func tryAgain(ro *rollout) string {
	if staysAway(ro) {
		return fmt.Sprintf("Applying again unchanged is refused: retry = %q tries %s once more.", ro.plan.Rollout, ro.plan.Candidate)
	}
	return fmt.Sprintf("Applying again unchanged tries %s again, as a new rollout.", ro.plan.Candidate)
}

// nextSteps says what a person can do now.
func nextSteps(ro *rollout, t story, stay string) string {
	if ro.plan.Baseline != "" {
		stay = fmt.Sprintf("Set version = %q to stay on what runs. ", ro.plan.Baseline) + stay
	}
	v := t.cause.Verdict
	switch {
	case t.cause.Kind == engine.Aborted && strings.HasPrefix(t.cause.Error, reasonTimeout):
		return "The time of the operation was up before the rollout was done. Raise timeouts, or set on_timeout = \"pause\" to keep what was " +
			"reached. " + stay
	case t.cause.Kind == engine.Aborted:
		return stay
	case t.heldOut:
		return "Decide in time, or give the decision more of it with hold_timeout. " + stay
	case v != nil && v.Result == engine.Inconclusive:
		advice := "Bring more traffic to the stage: a longer bake, or a larger share."
		if at := t.cause.Stage; at < len(ro.plan.Stages) {
			advice = cmp.Or(ro.plan.Stages[at].Gate.Advice(v), advice)
		}
		return advice + " " + stay
	case v != nil:
		return "Find out what the new version does wrong, build one that does not, and set version to it. " + stay
	default:
		return "Look at the targets above: what keeps the change from taking effect there? A longer health_check_timeout helps where it is " +
			"only slow. " + stay
	}
}

// brief keeps the first of several reasons that are joined with semicolons.
func brief(reasons string) string {
	parts := strings.Split(reasons, "; ")
	if len(parts) <= 3 {
		return reasons
	}
	more, uncounted := len(parts)-3, 0
	if _, err := fmt.Sscanf(parts[len(parts)-1], "and %d more", &uncounted); err == nil { // the engine counted some already
		more += uncounted - 1
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(parts[:3], "; "), more)
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return few(quoted)
}

// few lists at most six names, and counts the rest.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// took says how long something took.
func took(d time.Duration) string {
	if d < time.Second {
		return "within a second"
	}
	return "in " + length(d)
}

// percentOf writes a share of 0..100 as 8.4 %.
func percentOf(share float64) string { return engine.Significant(share) + " %" }

// named is a version, or what there is instead of one.
func named(version string) string {
	if version == "" {
		return "nothing"
	}
	return version
}
