package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// conclude turns the end of a walk into what Terraform stores and what a person
// reads. An error without state makes the next apply create anew; an error in an
// update has to leave the prior values, or the next plan would see no difference
// and call a failure a success.
func (a *apply) conclude(ctx context.Context, w *walk, err error) {
	ro := ofRunner(w.runner)
	t := tell(ro, a.world.Now())
	if err != nil && ro.state.InFlight() && ro.state.Phase != engine.PhaseHeld && ro.state.Phase != engine.PhasePaused {
		a.broken(ctx, ro, err)
		return
	}
	switch ro.state.Phase {
	case engine.PhaseSucceeded:
		a.succeeded(ctx, ro)
	case engine.PhaseRetained:
		a.retained(ro, t)
		a.store(ctx, ro)
	case engine.PhaseHeld:
		if summary, detail := heldText(ro, t); a.plan.OnHold.ValueString() == "fail" {
			if a.prior == nil {
				detail += "\n\n" + taintedText
			}
			a.diags.AddError(summary, detail)
		} else {
			a.diags.AddWarning(summary, detail)
		}
		a.store(ctx, ro)
	case engine.PhasePaused:
		a.diags.AddWarning(pausedText(ro, t))
		a.store(ctx, ro)
	case engine.PhaseRolledBack:
		a.rolledBack(ctx, ro, t)
	case engine.PhaseStuck:
		a.stuck(ctx, ro, t)
	default:
		a.diags.AddWarning(interruptedText(ro, t))
		a.store(ctx, ro)
	}
}

// succeeded is good, unless the configuration asks for another version by now and it
// was too late to turn round.
func (a *apply) succeeded(ctx context.Context, ro *rollout) {
	a.kept.Completed = ro.plan.Rollout
	if a.spec.Version == ro.plan.Candidate {
		a.store(ctx, ro)
		return
	}
	a.diags.AddError(fmt.Sprintf("%s %s was rolled out to the end", ro.plan.Spec.PluginID, named(ro.plan.Candidate)),
		fmt.Sprintf("It was too late to go back to %s. Apply again: that is a rollout of its own.", a.spec.Version))
	a.keepPrior(ctx, ro)
}

// rolledBack is a failure, unless the configuration asked for it.
func (a *apply) rolledBack(ctx context.Context, ro *rollout, t story) {
	if askedBack(ro) && a.prior != nil {
		a.diags.AddWarning(wishedBackText(ro, t, a.plan.Version.ValueString()))
		a.store(ctx, ro)
		return
	}
	if a.plan.OnRollback.ValueString() == "warn" {
		a.diags.AddWarning(rollbackText(ro, t, fmt.Sprintf("With on_rollback = \"warn\" this is stored, and applying again unchanged does nothing: "+
			"retry = %q tries %s once more.", ro.plan.Rollout, ro.plan.Candidate)))
		a.store(ctx, ro)
		return
	}
	a.diags.AddError(failureText(ro, t))
	a.keepPrior(ctx, ro)
}

// stuck leaves a state, so that a destroy or the next apply can try again.
func (a *apply) stuck(ctx context.Context, ro *rollout, t story) {
	a.diags.AddError(stuckText(ro, t))
	if a.prior == nil {
		a.store(ctx, ro)
		return
	}
	a.keepPrior(ctx, ro)
}

// broken is a walk that could not go on: the journal or the fleet failed, and the
// rollout is in flight.
func (a *apply) broken(ctx context.Context, ro *rollout, err error) {
	why := sentence(err.Error())
	if errors.Is(err, engine.ErrConflict) || errors.Is(err, engine.ErrSuperseded) {
		why = "Someone else walks this rollout: " + err.Error() + "."
	}
	a.diags.AddError("The rollout was left where it is", fmt.Sprintf("%s\n\n%s\n\nNothing is lost: the journal has every step, and applying "+
		"again goes on from there.", why, a.describe(ctx, ro)))
	a.keepPrior(ctx, ro)
}

// retained is an A/B test that kept A: an answer, and no failure.
func (a *apply) retained(ro *rollout, t story) {
	a.diags.AddWarning(fmt.Sprintf("The A/B test kept A: %s", named(ro.plan.Baseline)), retainedText(ro, t))
}

func retainedText(ro *rollout, t story) string {
	var b strings.Builder
	v := t.cause.Verdict
	if v != nil && v.Harm {
		fmt.Fprintf(&b, "B, %s, did harm and was stopped: %s.\n", named(ro.plan.Candidate), engine.Plainly(v.Reason))
	} else {
		fmt.Fprintf(&b, "B, %s, did not win: %s.\n", named(ro.plan.Candidate), strings.TrimPrefix(engine.Plainly(ro.state.Reason), "A stays: "))
	}
	if v != nil && len(v.Comparison) > 0 {
		b.WriteString("\n" + comparisonText(v))
	}
	fmt.Fprintf(&b, "\n  Exposed      %s\n\n", exposedText(ro, t))
	fmt.Fprintf(&b, "All traffic is on %s again. The state says outcome = \"retained\", and that is no difference: another version, another "+
		"strategy or other settings are a new rollout.", named(ro.plan.Baseline))
	return b.String()
}

// chanceText is the probability of an advantage by chance, where it is known.
func chanceText(c engine.Comparison) string {
	switch {
	case c.Metric == engine.LatencyP99:
		return ""
	case c.P < 0.001:
		return ", p < 0.001"
	default:
		return ", p = " + engine.Significant(c.P)
	}
}

// comparisonText is the table of an A/B test.
func comparisonText(v *engine.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-18s %12s %12s %10s  %s\n", "Metric", "A", "B", "B's edge", "B is")
	for _, c := range v.Comparison {
		word := c.Word
		if c.Decides {
			word += " (decides)"
		}
		if c.P > 0 || c.Least != 0 { // a judge that reckons with chance
			word += fmt.Sprintf("; at least %s%s", engine.Edge(c.Least), chanceText(c))
		}
		fmt.Fprintf(&b, "  %-18s %12s %12s %10s  %s\n", c.Metric.Name(), c.Metric.Text(c.A), c.Metric.Text(c.B),
			engine.Edge(c.Advantage), word)
	}
	fmt.Fprintf(&b, "  from %s\n", sampleText(v))
	return b.String()
}
