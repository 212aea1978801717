package provider

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// What happened to a rollout is told by package telling. Here is what a person can do about
// it, in the words of the configuration.

// taintedText is what follows a create that failed and left a state.
const taintedText = "Because the create failed, Terraform marks this resource as tainted, and calls the next plan a replacement: that leaves the fleet " +
	"alone and goes on with this rollout, or back as the decision says. Where prevent_destroy stands against it, terraform untaint with " +
	"the address of the resource lets the next apply go on."

// howToRepair is for a rollout that is stuck.
const howToRepair = "Repair what stands in the way, and apply or destroy again: that tries once more from where it is."

// unwatched is for a rollout that an apply leaves held.
const unwatched = "Until then nobody watches it, and nothing ends the wait: hold_timeout does both."

// howToDecide is for a rollout that is held; alone: it goes on while no apply runs. endless says
// what there is to say where nothing ends the wait.
func howToDecide(ro *telling.Rollout, alone bool, endless string) string {
	text := fmt.Sprintf("To go back, or to go on, apply with one of\n\n  decision = { rollout_id = %q, action = \"rollback\" }\n"+
		"  decision = { rollout_id = %q, stage = %q, action = \"promote\" }\n\n", ro.Plan.Rollout, ro.Plan.Rollout, ro.Stage())
	if ro.Plan.Baseline != "" {
		text += fmt.Sprintf("version = %q goes back, too. ", ro.Plan.Baseline)
	}
	text += "A promote is good for one stage."
	if alone {
		return text + fmt.Sprintf(" So do hotswap rollout promote %s and hotswap rollout rollback %s, without Terraform.", ro.Plan.Rollout, ro.Plan.Rollout)
	}
	if ro.Plan.Spec.HoldTimeout == nil {
		text += " " + endless
	}
	return text
}

// howToResume is for a rollout that is paused; which is of the apply that can: the next one, or any.
func howToResume(ro *telling.Rollout, which string) string {
	if pausedByTimeout(ro) {
		return which + " apply resumes it, with new time. Raise timeouts where the rollout needs more."
	}
	return "Whoever paused it can resume it; to go back, add a decision with action = \"rollback\"."
}

// howToGoOn is for a rollout that nobody walks; which as of howToResume.
func howToGoOn(ro *telling.Rollout, which string) string {
	switch {
	case ro.State.Phase == engine.PhaseRollingBack:
		return which + " apply rolls it back to the end."
	case ro.Plan.Baseline == "":
		return which + " apply goes on from there; a destroy rolls it back."
	default:
		return fmt.Sprintf("%s apply goes on from there; with version = %q it rolls back instead.", which, ro.Plan.Baseline)
	}
}

// howToStay is for a rollout that the configuration asked back; version is the one that it
// asks for.
func howToStay(ro *telling.Rollout, version string) string {
	if version == ro.Plan.Baseline {
		return "The configuration asks for what runs: nothing is left to do."
	}
	return fmt.Sprintf("The configuration still asks for %s: the next apply refuses it, unless retry = %q asks for another try. Set version back to %q to "+
		"stay on what runs.", version, ro.Plan.Rollout, ro.Plan.Baseline)
}

// interrupted is for an apply that was stopped: the fleet stays as it is, and nobody
// measures it, unless a controller does.
func interrupted(t *telling.Story, alone bool) (summary, detail string) {
	ro := t.Of
	if alone {
		return ro.Title("goes on without the apply"), fmt.Sprintf("The apply was interrupted at stage %q (%s). The controller walks the rollout, and goes on with it. "+
			"The next apply waits for it again; hotswap rollout watch %s shows it.", ro.Stage(), ro.State.Phase, ro.Plan.Rollout)
	}
	return t.Unattended(fmt.Sprintf("is left at stage %q", ro.Stage()),
		fmt.Sprintf("The apply was interrupted at stage %q (%s). The rollout stays there, and nobody is watching it: no gate and no "+
			"guard looks at the new version until the next apply.", ro.Stage(), ro.State.Phase), ", and until the next apply", howToGoOn(ro, "The next"))
}

// foundBefore begins the titles of what a refresh warns of.
const foundBefore = "Found before the plan: "

// standing is the warning of a refresh that finds a rollout in flight; false where
// there is nothing to warn of. alone: it goes on while no apply runs.
//
// With -auto-approve Terraform shows it behind the apply, beside what that came to: so it says
// how things were, and nothing of how they are.
func standing(ro *telling.Rollout, now time.Time, alone bool) (summary, detail string, warn bool) {
	t := telling.Tell(ro, now)
	switch ro.State.Phase {
	case engine.PhaseHeld:
		summary, detail = t.Held(howToDecide(ro, alone, "hold_timeout has an apply watch it meanwhile, and ends the wait."))
	case engine.PhasePaused:
		summary, detail = t.Paused(howToResume(ro, "An"))
	case engine.PhaseStuck:
		summary, detail = t.Stuck(howToRepair)
	case engine.PhaseProgressing, engine.PhaseRollingBack:
		if alone {
			return "", "", false
		}
		summary, detail = t.Unattended(fmt.Sprintf("is at stage %q, unattended", ro.Stage()),
			fmt.Sprintf("The rollout was %s, and unless another apply ran right then nobody watched it: no gate and no guard looked at the "+
				"new version.", ro.State.Phase), " until then", howToGoOn(ro, "An"))
	default:
		return "", "", false
	}
	return foundBefore + summary, "As the fleet was read before the plan. What an apply made of it since, the apply says.\n\n" + detail, true
}

// tryAgain says what comes of applying once more after a rollback that was a failure.
func tryAgain(ro *telling.Rollout) string {
	if staysAway(ro) {
		return fmt.Sprintf("Applying again unchanged is refused: retry = %q tries %s once more.", ro.Plan.Rollout, ro.Plan.Candidate)
	}
	return fmt.Sprintf("Applying again unchanged tries %s again, as a new rollout.", ro.Plan.Candidate)
}

// nextSteps says what a person can do after a rollback; stay is what comes of applying once
// more.
func nextSteps(t *telling.Story, stay string) string {
	if baseline := t.Of.Plan.Baseline; baseline != "" {
		stay = fmt.Sprintf("Set version = %q to stay on what runs. ", baseline) + stay
	}
	v := t.Turn.Verdict
	switch {
	case t.Turn.Kind == engine.Aborted && causeOf(&t.Turn) == engine.CauseTimeout:
		return "The time of the operation was up before the rollout was done. Raise timeouts, or set on_timeout = \"pause\" to keep what was " +
			"reached. " + stay
	case t.Turn.Kind == engine.Aborted:
		return stay
	case t.HeldOut:
		return "Decide in time, or give the decision more of it with hold_timeout. " + stay
	case v != nil && v.Result == engine.Inconclusive:
		return cmp.Or(t.Advice(), "Bring more traffic to the stage: a longer bake, or a larger share.") + " " + stay
	case v != nil:
		return "Find out what the new version does wrong, build one that does not, and set version to it. " + stay
	case t.Turn.Refused:
		return "The fleet will not take it as it is, however often it is asked: mend what it refuses. " + stay
	default:
		return "Look at the targets above: what keeps the change from taking effect there? A longer health_check_timeout helps where it is " +
			"only slow. " + stay
	}
}
