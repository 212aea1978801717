package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A rollout that waits is no failure. These texts say why it waits, whom that
// exposes meanwhile, and how to go on.

// title says of a rollout what is the matter. Terraform shows only the first of several
// warnings of the same title, so that it has the environment.
func (ro *rollout) title(what string) string {
	return fmt.Sprintf("%s %s %s (%s)", ro.plan.Spec.PluginID, named(ro.plan.Candidate), what, ro.plan.Spec.Environment)
}

// taintedText is what follows a create that failed and left a state.
const taintedText = "Because the create failed, Terraform marks this resource as tainted, and calls the next plan a replacement: that leaves the fleet " +
	"alone and goes on with this rollout, or back as the decision says. Where prevent_destroy stands against it, terraform untaint with " +
	"the address of the resource lets the next apply go on."

func heldText(ro *rollout, t story) (summary, detail string) {
	var b strings.Builder
	fmt.Fprintf(&b, "The rollout of %s waits at stage %q for a person: %s.\n\n", named(ro.plan.Candidate), ro.stage(), engine.Plainly(ro.state.Reason))
	if v := ro.state.Verdict; v != nil && len(v.Comparison) > 0 {
		b.WriteString(comparisonText(v) + "\n")
	} else if v != nil && len(v.Findings) > 1 {
		findings(&b, v)
	}
	fmt.Fprintf(&b, "  Exposed      %s, and as long as it waits\n\n", exposedText(ro, t))
	if v := ro.state.Verdict; v != nil && v.Result == engine.Inconclusive && ro.state.Stage < len(ro.plan.Stages) {
		if advice := ro.plan.Stages[ro.state.Stage].Gate.Advice(v); advice != "" {
			b.WriteString(advice + "\n\n")
		}
	}
	fmt.Fprintf(&b, "To go back, or to go on, apply with one of\n\n  decision = { rollout_id = %q, action = \"rollback\" }\n"+
		"  decision = { rollout_id = %q, stage = %q, action = \"promote\" }\n\n", ro.plan.Rollout, ro.plan.Rollout, ro.stage())
	if ro.plan.Baseline != "" {
		fmt.Fprintf(&b, "version = %q goes back, too. ", ro.plan.Baseline)
	}
	b.WriteString("A promote is good for one stage.")
	if ro.plan.Spec.HoldTimeout == nil {
		b.WriteString(" Until then nobody watches it, and nothing ends the wait: hold_timeout does both.")
	}
	return ro.title(fmt.Sprintf("is held at stage %q", ro.stage())), b.String()
}

func pausedText(ro *rollout, t story) (summary, detail string) {
	how := "Whoever paused it can resume it; to go back, add a decision with action = \"rollback\"."
	if pausedByTimeout(ro.state.Reason) {
		how = "The next apply resumes it, with new time. Raise timeouts where the rollout needs more."
	}
	return ro.title(fmt.Sprintf("is paused at stage %q", ro.stage())),
		fmt.Sprintf("Paused by %s: %s.\n\n  Exposed      %s, and as long as it is paused\n  Rollout      %s\n\n%s",
			ro.state.By, ro.state.Reason, exposedText(ro, t), ro.plan.Rollout, how)
}

// interruptedText is for an apply that was stopped: the fleet stays as it is, and
// nobody measures it.
func interruptedText(ro *rollout, t story) (summary, detail string) {
	where := fmt.Sprintf("The apply was interrupted at stage %q (%s). The rollout stays there, and nobody is watching it: no gate and no "+
		"guard looks at the new version until the next apply.", ro.stage(), ro.state.Phase)
	return ro.title(fmt.Sprintf("is left at stage %q", ro.stage())),
		fmt.Sprintf("%s\n\n  Exposed      %s, and until the next apply\n  Rollout      %s\n\n%s", where, exposedText(ro, t), ro.plan.Rollout, howToGoOn(ro))
}

func howToGoOn(ro *rollout) string {
	if ro.state.Phase == engine.PhaseRollingBack {
		return "The next apply rolls it back to the end."
	}
	if ro.plan.Baseline == "" {
		return "The next apply goes on from there; a destroy rolls it back."
	}
	return fmt.Sprintf("The next apply goes on from there; with version = %q it rolls back instead.", ro.plan.Baseline)
}

func wishedBackText(ro *rollout, t story, version string) (summary, detail string) {
	next := fmt.Sprintf("The configuration still asks for %s: the next apply refuses it, unless retry = %q asks for another try. Set version back to %q to "+
		"stay on what runs.", version, ro.plan.Rollout, ro.plan.Baseline)
	if version == ro.plan.Baseline {
		next = "The configuration asks for what runs: nothing is left to do."
	}
	var b strings.Builder
	facts(&b, ro, t)
	return ro.title("was rolled back, as asked"),
		fmt.Sprintf("%s\n\n%s\n%s", causeText(ro, t), b.String(), next)
}

func stuckText(ro *rollout, t story) (summary, detail string) {
	return ro.title(fmt.Sprintf("is stuck at stage %q", ro.stage())),
		fmt.Sprintf("The rollout can go neither forward nor back: %s.%s\n\n  Exposed      %s\n  Rollout      %s\n\nRepair what stands in the way, and "+
			"apply or destroy again: that tries once more from where it is.", engine.Plainly(ro.state.Reason), stillWrong(ro), exposedText(ro, t), ro.plan.Rollout)
}

// stillWrong names the targets that could not be brought to where they belong.
func stillWrong(ro *rollout) string {
	if len(ro.state.Undone) == 0 {
		return ""
	}
	return " Not where they belong: " + few(ro.state.Undone) + "."
}

// standing is the warning of a refresh that finds a rollout in flight; false where
// there is nothing to warn of.
func standing(ro *rollout, now time.Time) (summary, detail string, warn bool) {
	t := tell(ro, now)
	switch ro.state.Phase {
	case engine.PhaseHeld:
		summary, detail = heldText(ro, t)
	case engine.PhasePaused:
		summary, detail = pausedText(ro, t)
	case engine.PhaseStuck:
		summary, detail = stuckText(ro, t)
	case engine.PhaseProgressing, engine.PhaseRollingBack:
		summary = ro.title(fmt.Sprintf("is at stage %q, unattended", ro.stage()))
		detail = fmt.Sprintf("The rollout is %s, and unless another apply runs right now nobody is watching it: no gate and no guard looks at the "+
			"new version.\n\n  Exposed      %s so far\n  Rollout      %s\n\n%s", ro.state.Phase, exposedText(ro, t), ro.plan.Rollout, howToGoOn(ro))
	default:
		return "", "", false
	}
	return summary, "As the fleet was read before the plan; an apply may have changed it since.\n\n" + detail, true
}
