package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// An intention is what an update has to do about rollouts.
type intention int

const (
	keepAll intention = iota // nothing: settings are stored for the next rollout
	begin                    // roll another version out
	goOn                     // take the rollout in flight up again: promote, roll back, resume
	refuse                   // another version is asked for while a rollout is in flight
)

// intent compares the state, as refresh left it, with the plan. open is the rollout
// that is unfinished, or nil: not the state's own where an apply was killed. alone: it goes on
// while no apply runs.
func intent(prior, plan *deploymentModel, open *telling.Rollout, alone bool) (next intention, why string) {
	asked := !plan.Version.Equal(prior.Version)
	switch {
	case open != nil && (open.Plan.Restores != "" || open.State.Outcome == engine.Stuck):
		return begin, "" // what an interrupted destroy or a stuck rollout left behind is in the way
	case inFlight(prior.phase()):
		return intentInFlight(prior, plan, open, asked, alone)
	case asked:
		return begin, ""
	default:
		return keepAll, ""
	}
}

// intentInFlight is intent where a rollout is in flight; asked says that another version is
// asked for.
func intentInFlight(prior, plan *deploymentModel, open *telling.Rollout, asked, alone bool) (next intention, why string) {
	own := prior.RolloutID.ValueString()
	current := own
	if open != nil {
		current = open.Plan.Rollout
	}
	switch {
	case plan.Version.IsUnknown(), asked && wantsBaseline(prior, plan):
		return goOn, ""
	case asked:
		return refuse, fmt.Sprintf("version: rollout %s to %s is %s, so %s cannot be rolled out yet. Set version to %q to roll it back, "+
			"or to %q to go on with it, and apply again; a destroy needs one of them too, or -refresh=false.", current, prior.Version.ValueString(), prior.phase(),
			plan.Version.ValueString(), prior.PreviousVersion.ValueString(), prior.Version.ValueString())
	case decided(prior, plan, current) == "" && current == own && (waitsForAPerson(prior, plan, open) || plan.leftAlone(prior, alone)):
		return keepAll, ""
	default:
		return goOn, ""
	}
}

// waitsForAPerson says whether an apply has nothing to do about a rollout in flight. One
// that is held it fails once more where on_hold says so, and waits for the rest of
// hold_timeout; one that an apply paused it resumes.
func waitsForAPerson(prior, plan *deploymentModel, open *telling.Rollout) bool {
	switch prior.phase() {
	case engine.PhaseHeld:
		return plan.OnHold.ValueString() != "fail" && (open == nil || !endsByItself(open))
	case engine.PhasePaused:
		return open == nil || !pausedByTimeout(open)
	default:
		return false
	}
}

// endsByItself says whether a rollout that is held is rolled back where nobody decides.
func endsByItself(ro *telling.Rollout) bool {
	on := ro.Plan.Spec.OnHoldTimeout
	return on != nil && *on == engine.Rollback && !engine.HoldEnds(&ro.Plan, &ro.State).IsZero()
}

// leftBehind says whether last is what an apply of this very configuration brought to
// its end, and was killed before it could store it.
func leftBehind(prior *deploymentModel, s engine.Spec, last *telling.Rollout) bool {
	return last != nil && last.State.Outcome == engine.Succeeded && last.Plan.Rollout != prior.RolloutID.ValueString() && asksFor(s, &last.Plan)
}

// wantsBaseline says whether the version was set back to where the rollout came
// from: that is how a configuration asks for a rollback.
func wantsBaseline(prior, plan *deploymentModel) bool {
	return !plan.Version.IsUnknown() && plan.Version.Equal(prior.PreviousVersion)
}

// decided is the action of a decision that is about the current rollout and was not
// there when the state was written; "" where there is none.
func decided(prior, plan *deploymentModel, current string) string {
	if sameDecision(plan.Decision, prior.Decision) || member(plan.Decision, "rollout_id") != current {
		return ""
	}
	switch action := member(plan.Decision, "action"); action {
	case "rollback":
		return action
	case "promote":
		if prior.phase() == engine.PhaseHeld {
			return action
		}
	}
	return ""
}

// sameDecision says whether two decisions decide the same: another reason or name is no
// other decision.
func sameDecision(a, b types.Object) bool {
	if a.IsUnknown() || b.IsUnknown() || a.IsNull() != b.IsNull() || !wholly(context.Background(), a) {
		return false
	}
	for _, name := range []string{"rollout_id", "action", "stage"} {
		if member(a, name) != member(b, name) {
			return false
		}
	}
	return true
}
