package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// conclude turns the end of a walk into what Terraform stores and what a person
// reads. An error without state makes the next apply create anew; an error in an
// update has to leave the prior values, or the next plan would see no difference
// and call a failure a success.
func (a *apply) conclude(ctx context.Context, w *walk, err error) {
	ro := ofWalking(w.rollout)
	t := telling.Tell(ro, a.world.Now())
	if err != nil && ro.State.InFlight() && ro.State.Phase != engine.PhaseHeld && ro.State.Phase != engine.PhasePaused {
		a.broken(ctx, ro, err)
		return
	}
	switch ro.State.Phase {
	case engine.PhaseSucceeded:
		a.succeeded(ctx, ro)
	case engine.PhaseRetained:
		a.retained(t)
		a.store(ctx, ro)
	case engine.PhaseHeld:
		a.held(t)
		a.store(ctx, ro)
	case engine.PhasePaused:
		a.diags.AddWarning(t.Paused(howToResume(ro, "The next")))
		a.store(ctx, ro)
	case engine.PhaseRolledBack:
		a.rolledBack(ctx, ro, t)
	case engine.PhaseStuck:
		a.stuck(ctx, ro, t)
	default:
		a.unfinished(t, w)
		a.store(ctx, ro)
	}
}

// unfinished is the word about a rollout that goes on, or could, without the apply.
func (a *apply) unfinished(t *telling.Story, w *walk) {
	if w.left {
		a.left(t)
		return
	}
	summary, detail := interrupted(t, isControlled(a.world))
	if w.unheard != nil {
		detail += "\n\nIt could not be told to go back, as on_interrupt says: " + sentence(w.unheard.Error())
	}
	a.diags.AddWarning(summary, detail)
}

// held is no failure, unless on_hold says so.
func (a *apply) held(t *telling.Story) {
	summary, detail := t.Held(howToDecide(t.Of, isControlled(a.world), unwatched))
	if a.plan.OnHold.ValueString() != "fail" {
		a.diags.AddWarning(summary, detail)
		return
	}
	if a.prior == nil {
		detail += "\n\n" + taintedText
	}
	a.diags.AddError(summary, detail)
}

// succeeded is good, unless the configuration asks for another version by now and it
// was too late to turn round.
func (a *apply) succeeded(ctx context.Context, ro *telling.Rollout) {
	a.kept.Completed = ro.Plan.Rollout
	if a.spec.Version == ro.Plan.Candidate {
		if behind := ro.State.Behind; len(behind) > 0 {
			a.diags.AddWarning(ro.Title("was rolled out without "+engine.Plural(len(behind), "instance")), fmt.Sprintf("The fleet could not change %s, however "+
				"often it was asked, and so few are no reason to go back. They are as the failed change left them. Once they are mended, the next apply "+
				"brings them along: its plan says so.", engine.Names(behind)))
		}
		a.store(ctx, ro)
		return
	}
	a.diags.AddError(fmt.Sprintf("%s %s was rolled out to the end", ro.Plan.Spec.PluginID, telling.Named(ro.Plan.Candidate)),
		fmt.Sprintf("It was too late to go back to %s. Apply again: that is a rollout of its own.", a.spec.Version))
	a.keepPrior(ctx, ro)
}

// rolledBack is a failure, unless the configuration asked for it.
func (a *apply) rolledBack(ctx context.Context, ro *telling.Rollout, t *telling.Story) {
	if askedBack(ro) && a.prior != nil {
		a.diags.AddWarning(t.AsAsked(howToStay(ro, a.plan.Version.ValueString())))
		a.store(ctx, ro)
		return
	}
	if a.plan.OnRollback.ValueString() == "warn" {
		a.diags.AddWarning(t.RolledBack(nextSteps(t, fmt.Sprintf("With on_rollback = \"warn\" this is stored, and applying again unchanged does nothing: "+
			"retry = %q tries %s once more.", ro.Plan.Rollout, ro.Plan.Candidate))))
		a.store(ctx, ro)
		return
	}
	a.diags.AddError(t.RolledBack(nextSteps(t, tryAgain(ro))))
	a.keepPrior(ctx, ro)
}

// stuck leaves a state, so that a destroy or the next apply can try again.
func (a *apply) stuck(ctx context.Context, ro *telling.Rollout, t *telling.Story) {
	a.diags.AddError(t.Stuck(howToRepair))
	if a.prior == nil {
		a.store(ctx, ro)
		return
	}
	a.keepPrior(ctx, ro)
}

// broken is a walk that could not go on: the journal or the fleet failed, and the
// rollout is in flight.
func (a *apply) broken(ctx context.Context, ro *telling.Rollout, err error) {
	why := sentence(err.Error())
	if errors.Is(err, engine.ErrConflict) || errors.Is(err, engine.ErrSuperseded) {
		why = "Someone else walks this rollout: " + err.Error() + "."
	}
	summary, then := "The rollout was left where it is", "Nothing is lost: the journal has every step, and applying again goes on from there."
	if isControlled(a.world) {
		summary, then = "The rollout is out of sight", fmt.Sprintf("That is how it was seen last. The controller goes on with it, and applying again waits for it; "+
			"hotswap rollout watch %s shows it.", ro.Plan.Rollout)
	}
	a.diags.AddError(summary, fmt.Sprintf("%s\n\n%s\n\n%s", why, ro.Describe(a.world.Now()), then))
	a.keepPrior(ctx, ro)
}

// retained is an A/B test that kept A: an answer, and no failure.
func (a *apply) retained(t *telling.Story) {
	a.diags.AddWarning(t.Retained("The state says outcome = \"retained\", and that is no difference: another version, another strategy or other settings " +
		"are a new rollout."))
}
