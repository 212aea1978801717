package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// apply is one create or update that has something to do on the fleet.
type apply struct {
	conn      *connection
	operation string // create or update
	plan      deploymentModel
	prior     *deploymentModel // nil: a create

	world world
	spec  engine.Spec
	diags diag.Diagnostics
	// state is what is to be stored; nil: nothing.
	state *deploymentModel
	kept  memory
}

// run carries the rollout out, as far as it goes.
func (a *apply) run(ctx context.Context) {
	a.spec, _ = readSpec(a.plan.specModel)
	w, err := a.conn.worlds.open(ctx, a.spec.Environment, a.spec.PluginID)
	if err != nil {
		a.fail(missed(err, "Cannot open the fleet"), err)
		return
	}
	a.world = w
	defer func() {
		if err := w.Close(); err != nil {
			a.diags.AddWarning("The fleet was not closed cleanly", sentence(err.Error()))
		}
	}()
	latest, err := latestRollout(ctx, w.Journals(), a.spec.Environment, a.spec.PluginID)
	if err == nil && latest != nil && unfinished(latest.State) {
		latest, err = a.clear(ctx, latest)
	}
	if err != nil {
		a.fail("The rollout cannot begin", err)
		return
	}
	switch {
	case a.diags.HasError():
	case latest != nil && latest.State.InFlight():
		a.goOn(ctx, latest)
	default:
		a.beginNew(ctx, latest)
	}
}

// clear makes room for a rollout: the way back of an interrupted destroy is walked
// to its end, and one that is stuck gets another try. What remains in flight is
// this resource's own.
func (a *apply) clear(ctx context.Context, latest *telling.Rollout) (*telling.Rollout, error) {
	stuck := latest.State.Outcome == engine.Stuck
	if latest.Plan.Restores == "" && !stuck {
		if !a.owns(latest) {
			a.diags.AddError("Another rollout is unfinished", latest.Describe(a.world.Now())+
				" Only one rollout of a plugin runs in an environment at a time: let that one end, or apply what began it, and then apply again. "+
				fmt.Sprintf("To take it over whatever its settings are, import %s/%s.", a.spec.Environment, a.spec.PluginID))
		}
		return latest, nil
	}
	rollout, err := goOnWalking(ctx, a.world, latest.Plan.Rollout)
	if err != nil {
		return latest, err
	}
	if stuck {
		if err := rollout.Signal(ctx, signs(engine.Resumed, engine.CauseRetry, "an apply tries again")); err != nil {
			return latest, err
		}
	}
	w := &walk{world: a.world, rollout: rollout, operation: a.operation, limit: engine.Longest(rollout.Plan()) + timeoutMargin}
	err = w.run(ctx)
	latest = ofWalking(rollout)
	switch {
	case err != nil:
		return latest, err
	case unfinished(latest.State):
		a.diags.AddError("An earlier rollout could not be brought to its end", latest.Describe(a.world.Now())+latest.Misplaced())
	default:
		a.diags.AddWarning(a.title("an earlier rollout was brought to its end"), latest.Describe(a.world.Now()))
	}
	return latest, nil
}

// owns says whether this resource may go on with a rollout that is in flight. A
// create has no state to know it by: the same settings are the mark of an apply
// that was killed before it could store any.
func (a *apply) owns(ro *telling.Rollout) bool {
	if a.prior == nil {
		return asksFor(a.spec, &ro.Plan)
	}
	// Read wrote the candidate of whatever is in flight into the state's version.
	known := ro.Plan.Rollout == a.prior.RolloutID.ValueString() || ro.Plan.Candidate == a.prior.Version.ValueString() ||
		ro.Plan.Candidate == a.spec.Version
	return known && (a.spec.Version == ro.Plan.Candidate || a.spec.Version == ro.Plan.Baseline)
}

// asksFor says whether a spec asks for the very rollout that p is the plan of.
func asksFor(s engine.Spec, p *engine.Plan) bool {
	return p.Restores == "" && s.Digest() == p.Spec.Digest()
}

// goOn takes the rollout in flight up where it stands.
func (a *apply) goOn(ctx context.Context, latest *telling.Rollout) {
	rollout, err := goOnWalking(ctx, a.world, latest.Plan.Rollout)
	if err == nil {
		err = noteSilence(ctx, a.world, rollout)
	}
	if err == nil {
		err = a.signal(ctx, rollout)
	}
	if err != nil {
		a.fail("The rollout cannot go on", err)
		return
	}
	if !a.takeOver(ctx, latest) {
		return
	}
	a.settleWait(rollout.Plan())
	a.walk(ctx, rollout)
}

// signal tells the rollout what the configuration says about it.
func (a *apply) signal(ctx context.Context, rollout walking) error {
	ro := ofWalking(rollout)
	phase := ro.State.Phase
	switch action := a.decision(ro); {
	case phase == engine.PhaseRollingBack:
	case a.spec.Version == ro.Plan.Baseline:
		return a.turnRound(ctx, rollout, signs(engine.Aborted, engine.CauseVersion, reasonVersion))
	case action == "rollback":
		return a.turnRound(ctx, rollout, a.decided(engine.Aborted))
	case action == "promote" && phase == engine.PhaseHeld:
		return rollout.Signal(ctx, a.decided(engine.Promoted))
	case phase == engine.PhasePaused && pausedByTimeout(ro):
		return rollout.Signal(ctx, signs(engine.Resumed, engine.CauseRetry, "a new apply has time again"))
	}
	return nil
}

// turnRound asks for the way back. Past the point of no return there is none, and
// the rollout goes on to its end.
func (a *apply) turnRound(ctx context.Context, rollout walking, back engine.Signal) error {
	ro := ofWalking(rollout)
	if !ro.State.PastReturn(&ro.Plan) {
		return rollout.Signal(ctx, back)
	}
	a.diags.AddWarning(a.title("the rollout could not be rolled back"), fmt.Sprintf("Rollout %s was at stage %q, past the point of no return, and so it "+
		"went on to its end.", ro.Plan.Rollout, ro.Stage()))
	if ro.State.Phase == engine.PhasePaused {
		back.Kind = engine.Resumed
		return rollout.Signal(ctx, back)
	}
	return nil
}

// decided is the signal of a decision, by whom the configuration says and for its reason.
func (a *apply) decided(kind engine.EventKind) engine.Signal {
	reason := reasonDecision
	if why := member(a.plan.Decision, "reason"); why != "" {
		reason += ": " + why
	}
	return engine.Signal{Kind: kind, By: cmp.Or(member(a.plan.Decision, "by"), who), Cause: engine.CauseDecision, Reason: reason}
}

// decision is the action of a new decision about ro; "" where there is none. A create
// has no state to tell it whether the decision is new: one that names no stage and was
// followed once is not.
func (a *apply) decision(ro *telling.Rollout) string {
	d := a.plan.Decision
	switch {
	case member(d, "rollout_id") != ro.Plan.Rollout, a.prior != nil && sameDecision(d, a.prior.Decision),
		a.prior == nil && member(d, "stage") == "" && member(d, "action") == "promote" && promoted(ro):
		return ""
	}
	if stage := member(d, "stage"); stage != "" && stage != ro.Stage() {
		a.diags.AddAttributeWarning(path.Root("decision").AtName("stage"), a.title("the decision is about another stage"),
			fmt.Sprintf("Rollout %s is at stage %q, and the decision is about %q: it was not followed.", ro.Plan.Rollout, ro.Stage(), stage))
		return ""
	}
	return member(d, "action")
}

// promoted says whether somebody promoted the rollout before.
func promoted(ro *telling.Rollout) bool {
	return slices.ContainsFunc(ro.Events, func(e engine.Event) bool { return e.Kind == engine.Promoted })
}

// walk drives the rollout and says how it ended.
func (a *apply) walk(ctx context.Context, rollout walking) {
	limit, _ := a.plan.timeout(a.operation, rollout.Plan())
	w := &walk{
		world: a.world, rollout: rollout, operation: a.operation, limit: limit,
		onTimeout: a.plan.OnTimeout.ValueString(), onInterrupt: a.plan.OnInterrupt.ValueString(),
	}
	var err error
	if a.plan.waits() {
		err = w.run(ctx)
	} else {
		w.left, err = true, a.goesOn(ctx, rollout)
	}
	// What is left to do takes no time, and has to be done after an interrupt too.
	a.conclude(context.WithoutCancel(ctx), w, err)
}

// title is what a diagnostic of this apply is called.
func (a *apply) title(problem string) string { return titled(&a.spec, problem) }
