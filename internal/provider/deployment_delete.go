package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// Delete brings every target back to the version that it ran before the last
// completed rollout. Where that does not succeed it is an error, and the resource
// stays for another try.
func (r *deploymentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	d := departure{conn: r.conn}
	resp.Diagnostics.Append(req.State.Get(ctx, &d.state)...)
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	next, diags := announced(ctx, req.Private, d.target())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.reachable(&resp.Diagnostics) {
		return
	}
	if d.completed, d.claim, d.next = kept.Completed, kept.Claim, next; next == nil {
		d.next = r.conn.planned.successor(d.target())
	}
	if d.next != nil {
		r.conn.planned.handOver(d.target())
	}
	d.run(ctx)
	resp.Diagnostics.Append(d.diags...)
}

func (d *departure) run(ctx context.Context) {
	if d.state.OnDestroy.ValueString() == "leave" {
		d.leave(ctx)
		return
	}
	w, err := d.conn.worlds.open(ctx, d.state.environment(), d.state.plugin())
	if err != nil {
		addError(&d.diags, path.Empty(), missed(err, "Cannot open the fleet"), err)
		return
	}
	d.world = w
	defer func() {
		if err := w.Close(); err != nil {
			d.diags.AddWarning("The fleet was not closed cleanly", sentence(err.Error()))
		}
	}()
	if err := d.goBack(ctx); err != nil {
		addError(&d.diags, path.Empty(), "The way back failed", err)
	}
}

// leave forgets the resource, and says what goes on without it.
func (d *departure) leave(ctx context.Context) {
	s, err := look(ctx, d.conn, d.state.environment(), d.state.plugin())
	if err == nil && s.rollout != nil && unfinished(s.rollout.State) {
		d.diags.AddWarning(d.title("a rollout is left unfinished"), s.rollout.Describe(s.now)+afterLeaving(s.alone, " Nobody is watching it any more."))
	}
}

// afterLeaving is what becomes of a rollout that is left: it goes on, where it does so alone.
func afterLeaving(alone bool, otherwise string) string {
	if alone {
		return " It goes on without the resource."
	}
	return otherwise
}

// goBack does what [departure.decide] says.
func (d *departure) goBack(ctx context.Context) error {
	back, err := d.decide(ctx, d.world.Journals(), d.world.Claims())
	switch {
	case err != nil || back.done:
		return err
	case back.resume != nil:
		return d.resume(ctx, back.resume)
	case back.end != nil:
		ended, err := d.endRollout(ctx, back.end)
		if err != nil || d.diags.HasError() || back.keep {
			return err
		}
		if ended.State.Outcome != engine.Succeeded {
			break
		}
		if back, err = behind(ctx, d.world.Journals(), ended.Plan.Rollout); err != nil {
			return err
		}
	case back.nothing != "":
		d.nothing(back.nothing)
		return nil
	}
	if back.restore == "" {
		return nil // what was in flight is undone, and that is all
	}
	return d.restore(ctx, back.restore)
}

// nothing says why the fleet was left as it is.
func (d *departure) nothing(why string) {
	d.diags.AddWarning(d.title("nothing was rolled back"), fmt.Sprintf("%s in %s stays as it is: %s.", d.state.plugin(), d.state.environment(), why))
}

// endRollout walks the rollout in flight back, or to its end where there is no way
// back any more.
func (d *departure) endRollout(ctx context.Context, ro *telling.Rollout) (*telling.Rollout, error) {
	rollout, err := goOnWalking(ctx, d.world, ro.Plan.Rollout)
	if err != nil {
		return ro, err
	}
	kind := engine.Aborted
	if ro.State.Outcome == engine.Stuck {
		kind = engine.Resumed
	}
	if ro.State.Phase != engine.PhaseRollingBack {
		// Refused past the point of no return: then forward is the way to an end.
		if err := rollout.Signal(ctx, signs(kind, engine.CauseDestroy, reasonDestroy)); err != nil && !errors.Is(err, engine.ErrPhase) {
			return ro, err
		}
	}
	return d.walk(ctx, rollout)
}

// restore compiles the way back from a completed rollout and walks it.
func (d *departure) restore(ctx context.Context, id string) error {
	completed, err := rolloutNamed(ctx, d.world.Journals(), id)
	if err != nil || completed == nil {
		return err
	}
	snapshot, err := readWorld(ctx, d.world)
	if err != nil {
		return err
	}
	next, err := d.world.NextRollout(ctx)
	if err != nil {
		return err
	}
	p, err := engine.CompileRestore(next, completed.Plan, snapshot)
	if err != nil || len(p.Stages) == 0 {
		return err
	}
	rollout, err := beginWalking(ctx, d.world, p, engine.Spec{})
	if err != nil {
		return err
	}
	_, err = d.walk(ctx, rollout)
	return err
}

// resume walks the way back of an earlier destroy to its end.
func (d *departure) resume(ctx context.Context, ro *telling.Rollout) error {
	rollout, err := goOnWalking(ctx, d.world, ro.Plan.Rollout)
	if err != nil {
		return err
	}
	if ro.State.Outcome == engine.Stuck {
		if err := rollout.Signal(ctx, signs(engine.Resumed, engine.CauseRetry, "a destroy tries again")); err != nil {
			return err
		}
	}
	_, err = d.walk(ctx, rollout)
	return err
}

// walk drives a rollout, and reports every end but a good one as an error: only an
// error keeps the resource for another try.
func (d *departure) walk(ctx context.Context, rollout walking) (*telling.Rollout, error) {
	limit, _ := d.state.timeout("delete", rollout.Plan())
	w := &walk{world: d.world, rollout: rollout, operation: "delete", limit: limit}
	err := w.run(ctx)
	ro := ofWalking(rollout)
	t := telling.Tell(ro, d.world.Now())
	restoring := ro.Plan.Restores != ""
	switch {
	case err != nil && ro.State.InFlight():
		return ro, err
	case w.interrupted, w.expired && ro.State.InFlight():
		why := "was interrupted"
		if w.expired {
			why = fmt.Sprintf("ran out of time: timeouts.delete of %s passed", telling.Length(limit))
		}
		then := "Destroy again: it goes on from there."
		if isControlled(d.world) {
			then = "The controller goes on with it. Destroy again: that waits for it, and does what is left to do."
		}
		d.diags.AddError("The destroy is not done", fmt.Sprintf("It %s. %s\n\n%s", why, ro.Describe(d.world.Now()), then))
	case ro.State.Outcome == engine.Stuck:
		d.diags.AddError(t.Stuck(howToRepair))
	case ro.State.InFlight(): // held or paused: a way back has nobody to ask
		d.diags.AddError("The destroy is not done", ro.Describe(d.world.Now()))
	case restoring && ro.State.Outcome != engine.Succeeded:
		summary, detail := t.RolledBack(nextSteps(t, tryAgain(ro)))
		d.diags.AddError("The way back was itself rolled back", summary+".\n\n"+detail)
	}
	return ro, nil
}
