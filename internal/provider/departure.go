package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// departure is one destroy, planned or carried out.
type departure struct {
	conn      *connection
	state     deploymentModel
	completed string     // the rollout that this resource completed last
	claim     string     // by which it owns a rollout that it took over
	next      *successor // who takes the deployment over; nil: nobody

	world world // nil while it is planned
	diags diag.Diagnostics
}

// target is ENVIRONMENT/PLUGIN.
func (d *departure) target() string { return d.state.target() }

// title is what a diagnostic of this destroy is called.
func (d *departure) title(problem string) string {
	return fmt.Sprintf("%s: %s (%s)", d.state.plugin(), problem, d.state.environment())
}

// wayBack is what a destroy has to do.
type wayBack struct {
	nothing string           // why the fleet stays as it is, or as it is when what is in flight has ended; "": it does not
	done    bool             // an earlier destroy was done, and killed before it could say so
	resume  *telling.Rollout // the way back of an earlier destroy, to be walked to its end
	end     *telling.Rollout // what is in flight, to be ended first
	keep    bool             // … and that is all: whoever follows goes on from there
	restore string           // the rollout to take back, where end does not succeed; "": none, as nothing says
}

// decide finds out what there is to do, without doing anything.
func (d *departure) decide(ctx context.Context, js engine.Journals, claims ownership) (wayBack, error) {
	latest, err := latestRollout(ctx, js, d.state.environment(), d.state.plugin())
	switch {
	case err != nil:
		return wayBack{}, err
	case latest == nil:
		return wayBack{nothing: "no journal knows what the fleet ran before"}, nil
	case d.next != nil:
		return d.handOver(latest), nil
	case latest.Plan.Restores != "" && unfinished(latest.State):
		return wayBack{resume: latest}, nil // an earlier destroy was interrupted
	}
	return d.returns(ctx, js, claims, latest)
}

// returns is decide where nobody follows, and latest is no way back that is unfinished.
func (d *departure) returns(ctx context.Context, js engine.Journals, claims ownership, latest *telling.Rollout) (wayBack, error) {
	own := d.state.RolloutID.ValueString()
	ownBack, err := behind(ctx, js, own)
	if err != nil {
		return wayBack{}, err
	}
	completed, err := behind(ctx, js, d.completed)
	if err != nil {
		return wayBack{}, err
	}
	if latest.Plan.Restores != "" && slices.Contains([]string{completed.restore, ownBack.restore}, latest.Plan.Restores) {
		// Where it did not succeed it was itself rolled back, and is tried again.
		return wayBack{done: latest.State.Outcome == engine.Succeeded, restore: latest.Plan.Restores}, nil
	}
	if owner, err := claims.owner(ctx, own); err != nil || d.belongsTo(owner) {
		return wayBack{nothing: fmt.Sprintf("rollout %s belongs to the resource that replaces this one", own)}, err
	}
	if latest.Plan.Rollout != own {
		return d.overtaken(ctx, js, latest)
	}
	if latest.State.Outcome == engine.Succeeded {
		return ownBack, nil
	}
	if unfinished(latest.State) {
		completed.end = latest
	}
	return completed, nil
}

// belongsTo says whether the owner of this resource's rollout is another resource.
func (d *departure) belongsTo(owner string) bool {
	return owner != "" && owner != d.claim && (d.claim != anybody || d.conn.claims.has(d.state.RolloutID.ValueString()))
}

// behind is the way back of a completed rollout: to before that one or, where it only
// repaired what had drifted, to before the one that brought the version there.
func behind(ctx context.Context, js engine.Journals, completed string) (wayBack, error) {
	if completed == "" {
		return wayBack{nothing: "no rollout of this resource was completed"}, nil
	}
	ro, err := rolloutNamed(ctx, js, completed)
	switch {
	case err != nil:
		return wayBack{}, err
	case ro == nil:
		return wayBack{nothing: fmt.Sprintf("no journal knows what the fleet ran before rollout %s", completed)}, nil
	case !ro.Plan.Repairs():
		return wayBack{restore: completed}, nil
	}
	brought, err := repaired(ctx, js, ro)
	if err == nil && brought == "" {
		return wayBack{nothing: fmt.Sprintf("rollout %s only brought instances to the version that the others had, and no journal knows what the fleet "+
			"ran before that", completed)}, nil
	}
	return wayBack{restore: brought}, err
}

// repaired is the rollout that brought the version there which ro, a repair, brought to
// the instances that had drifted; "": none is known.
func repaired(ctx context.Context, js engine.Journals, ro *telling.Rollout) (string, error) {
	heads, err := js.List(ctx, ro.Plan.Spec.Environment, ro.Plan.Spec.PluginID, engine.Filter{})
	if err != nil {
		return "", err
	}
	itself := slices.IndexFunc(heads, func(h engine.RolloutHead) bool { return h.Rollout == ro.Plan.Rollout })
	if itself < 0 {
		return "", nil
	}
	for i := itself + 1; i < len(heads); i++ {
		earlier, err := rolloutNamed(ctx, js, heads[i].Rollout)
		switch {
		case err != nil || earlier == nil:
			return "", err
		case undone(earlier.State):
		case earlier.Plan.Restores != "" || earlier.Plan.Candidate != ro.Plan.Candidate:
			return "", nil // something else brought it there since
		case !earlier.Plan.Repairs():
			return earlier.Plan.Rollout, nil
		}
	}
	return "", nil
}

// overtaken is for a destroy whose rollout is not the latest one. Where those that
// came later left nothing behind, the fleet is as this resource brought it.
func (d *departure) overtaken(ctx context.Context, js engine.Journals, latest *telling.Rollout) (wayBack, error) {
	own := d.state.RolloutID.ValueString()
	if own != "" && undone(latest.State) && !d.conn.planned.attempted(d.target()) {
		last, err := lastCompleted(ctx, js, d.state.environment(), d.state.plugin(), latest)
		if err != nil {
			return wayBack{}, err
		}
		if last != nil && last.Plan.Rollout == own {
			return behind(ctx, js, own)
		}
	}
	return wayBack{nothing: fmt.Sprintf("rollout %s is not the latest one any more, %s is", telling.Named(own), latest.Plan.Rollout)}, nil
}

// handOver leaves the fleet to the resource that replaces this one. A rollout in
// flight that asks for something else than that one does is in its way, and ends.
func (d *departure) handOver(latest *telling.Rollout) wayBack {
	own := latest.Plan.Rollout == d.state.RolloutID.ValueString()
	if own && latest.Plan.Restores == "" && unfinished(latest.State) && d.next.Digest != "" && d.next.Digest != latest.Plan.Spec.Digest() {
		return wayBack{end: latest, keep: true}
	}
	return wayBack{nothing: "the resource that replaces this one takes over what runs"}
}

// undone says whether a rollout ended as if it had never been.
func undone(s engine.State) bool {
	return s.Outcome == engine.RolledBack || s.Outcome == engine.Retained
}

// lastCompleted is the last completed rollout, where no destroy took it back; nil: there
// is none. latest is the one that began last, which mostly is that one.
func lastCompleted(ctx context.Context, js engine.Journals, e engine.Environment, plugin string, latest *telling.Rollout) (*telling.Rollout, error) {
	switch {
	case latest == nil:
		return nil, nil
	case latest.State.Outcome == engine.Succeeded && latest.Plan.Restores == "":
		return latest, nil
	case latest.State.Outcome == engine.Succeeded:
		return nil, nil
	}
	p, err := engine.Completed(ctx, js, e, plugin)
	if err != nil || p.Restores != "" {
		return nil, ignoreNoJournal(err)
	}
	return rolloutNamed(ctx, js, p.Rollout)
}
