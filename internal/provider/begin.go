package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// beginNew compiles a rollout, makes sure that it is the one that was planned, and
// walks it.
func (a *apply) beginNew(ctx context.Context, latest *telling.Rollout) {
	snapshot, err := readWorld(ctx, a.world)
	if err != nil {
		a.fail(unanswered(err), err)
		return
	}
	compiled, ok := a.compile(ctx, latest, snapshot)
	if !ok {
		return
	}
	there := latest
	if a.prior == nil { // whichever brought the fleet to where it is
		if there, err = lastCompleted(ctx, a.world.Journals(), a.spec.Environment, a.spec.PluginID, latest); err != nil {
			a.fail("Cannot read the journal", err)
			return
		}
	}
	runs := len(compiled.Stages) > 0
	switch {
	case !runs && a.wasFaster(there):
		a.already(ctx, there)
	case runs && (a.answered(ctx, latest, snapshot) || a.refused(ctx, latest)):
	case !a.fresh(ctx, a.expected(ctx, &compiled, latest, snapshot), latest):
		a.keepPrior(ctx, latest)
	case runs:
		a.start(ctx, compiled)
	default:
		a.already(ctx, there)
	}
}

// compile compiles the rollout that would begin now, and says why where it cannot be.
func (a *apply) compile(ctx context.Context, latest *telling.Rollout, snapshot engine.Snapshot) (engine.Plan, bool) {
	next, err := a.world.NextRollout(ctx)
	if err != nil {
		a.fail("Cannot read the journal", err)
		return engine.Plan{}, false
	}
	compiled, err := engine.Compile(next, a.spec, snapshot)
	if err != nil {
		addCompileError(&a.diags, err)
		a.keepPrior(ctx, latest)
	}
	return compiled, err == nil
}

// wasFaster says whether somebody rolled the very same out since it was planned.
func (a *apply) wasFaster(there *telling.Rollout) bool {
	return there != nil && there.State.Outcome == engine.Succeeded && asksFor(a.spec, &there.Plan)
}

// start begins a rollout and walks it.
func (a *apply) start(ctx context.Context, p engine.Plan) {
	a.settleWait(&p)
	rollout, err := beginWalking(ctx, a.world, p, a.spec)
	if err != nil {
		a.fail("The rollout cannot begin", err)
		return
	}
	a.walk(ctx, rollout)
}

// answered takes over an A/B test that kept A and was about the very same: its apply was
// killed before it could store it, or its state was lost. The answer stands.
func (a *apply) answered(ctx context.Context, latest *telling.Rollout, snapshot engine.Snapshot) bool {
	if !testAnswered(a.spec, latest, snapshot) || a.plan.Retry.ValueString() == latest.Plan.Rollout {
		return false
	}
	a.retained(telling.Tell(latest, a.world.Now()))
	if a.takeOver(ctx, latest) {
		a.store(ctx, latest)
	}
	return true
}

// testAnswered says whether the last rollout was a test of what spec asks for, which
// kept A, and the fleet still runs A.
func testAnswered(spec engine.Spec, latest *telling.Rollout, snapshot engine.Snapshot) bool {
	return latest != nil && latest.State.Outcome == engine.Retained && asksFor(spec, &latest.Plan) && snapshot.RunsOnly(latest.Plan.Baseline)
}

// refused says, with the reason, whether what is asked for was rolled back before. What
// is stored stays.
func (a *apply) refused(ctx context.Context, latest *telling.Rollout) bool {
	own := ""
	if a.prior != nil {
		own = a.prior.RolloutID.ValueString()
	}
	ro, err := turnedDown(ctx, a.world.Journals(), a.spec, latest, own, a.plan.Retry.ValueString())
	switch {
	case err != nil:
		a.fail("Cannot read the journal", err)
	case ro != nil && a.plan.OnRollback.ValueString() == "warn":
		a.diags.AddWarning(refusedText(&a.spec, ro, a.plan.Retry.ValueString()))
		if a.takeOver(ctx, ro) {
			a.store(ctx, ro)
		}
	case ro != nil:
		a.diags.AddError(refusedText(&a.spec, ro, a.plan.Retry.ValueString()))
	}
	return err != nil || ro != nil
}

// expected is what the plan of a create was compiled to, see likeBefore.
func (a *apply) expected(ctx context.Context, compiled *engine.Plan, latest *telling.Rollout, snapshot engine.Snapshot) *engine.Plan {
	if a.prior != nil {
		return compiled
	}
	id, err := likeBefore(ctx, a.spec, sight{next: compiled.Rollout, rollout: latest, journals: a.world.Journals()})
	if err != nil || id == compiled.Rollout {
		return compiled
	}
	like, err := engine.Compile(id, a.spec, snapshot)
	if err != nil {
		return compiled
	}
	return &like
}

// fresh says whether the stages are still those that were planned and approved.
func (a *apply) fresh(ctx context.Context, compiled *engine.Plan, latest *telling.Rollout) bool {
	lines, diags := staleness(ctx, a.plan.Stages, compiled)
	a.diags.Append(diags...)
	if v := a.plan.PreviousVersion; !v.IsUnknown() && v.ValueString() != compiled.Baseline {
		lines = append(lines, fmt.Sprintf("the fleet ran %s, and now runs %s", telling.Named(v.ValueString()), telling.Named(compiled.Baseline)))
	}
	if len(lines) > 0 {
		a.diags.AddError("The fleet changed since the plan", "The rollout would not be the one that was planned:\n\n  - "+
			strings.Join(someLines(lines), "\n  - ")+"\n\n"+mover(latest)+"Nothing was changed. Plan again, look at the new stages, and apply those.")
	}
	return len(lines) == 0 && !diags.HasError()
}

// someLines are the first ten of many lines, and how many there are beside.
func someLines(lines []string) []string {
	const most = 10
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more differences", len(lines)-most))
}

// mover says which rollout was the last to move the fleet.
func mover(latest *telling.Rollout) string {
	if latest == nil {
		return "No rollout in the journal moved it: somebody else did. "
	}
	what := fmt.Sprintf("%s %s", latest.Plan.Spec.PluginID, telling.Named(latest.Plan.Candidate))
	if latest.Plan.Restores != "" {
		what = "the way back of " + latest.Plan.Restores
	}
	return fmt.Sprintf("The last rollout there is %s (%s, %s%s). ", latest.Plan.Rollout, what, latest.State.Phase, when(latest))
}

// already is the end of an apply whose version the fleet runs: there is nothing to
// roll out. An update takes the last rollout over where that is the one that its
// configuration asks for: an apply was killed just before it could store it. A create
// takes whichever brought the version there, so that nobody else's destroy takes it
// back under its feet.
func (a *apply) already(ctx context.Context, latest *telling.Rollout) {
	switch {
	case latest == nil:
	case latest.State.Outcome != engine.Succeeded, latest.Plan.Candidate != a.spec.Version, a.prior != nil && !asksFor(a.spec, &latest.Plan):
		latest = nil
	}
	text := fmt.Sprintf("Every instance in %s runs %s %s: there was nothing to roll out.", a.spec.Environment, a.spec.PluginID, a.spec.Version)
	if latest != nil {
		text += fmt.Sprintf(" Rollout %s, which brought it there, is now the one of this resource.", latest.Plan.Rollout)
		a.kept.Completed = latest.Plan.Rollout
		if !a.takeOver(ctx, latest) {
			return
		}
	}
	a.diags.AddWarning(a.title("the version is already active"), text)
	a.store(ctx, latest)
}

// takeOver notes that a rollout which began before this create is now of this resource:
// the destroy of whoever began it leaves it alone. An update has its own already.
func (a *apply) takeOver(ctx context.Context, ro *telling.Rollout) bool {
	if a.prior != nil {
		return true
	}
	a.conn.claims.take(ro.Plan.Rollout)
	owner, err := a.world.Claims().claim(ctx, ro.Plan.Rollout)
	if err != nil {
		a.fail("The rollout could not be taken over", err)
		return false
	}
	a.kept.Claim = owner
	return true
}
