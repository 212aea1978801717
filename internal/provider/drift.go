package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// takesBack is the warning of an update that brings the fleet away from a version that
// this resource did not bring there: somebody else did, or another resource. It is the
// fleet that changed then, and not the configuration.
func takesBack(ctx context.Context, prior *deploymentModel, compiled *engine.Plan, fleet sight) (summary, detail string, err error) {
	id, s, last := prior.RolloutID.ValueString(), &compiled.Spec, fleet.rollout
	if id != "" && last == nil {
		return titled(s, "the fleet knows nothing of rollout "+id), fmt.Sprintf("The state names it, and no rollout of %s is in the journals of %s: another fleet "+
			"took the place of the one that it was in, or its journals were lost.\n\nApplying: %s.", s.PluginID, s.Environment, engine.Headline(compiled)), nil
	}
	own, err := rolloutNamed(ctx, fleet.journals, id)
	if err != nil || accounted(own, last) {
		return "", "", err
	}
	brought, left := compiled.Candidate, "This resource never rolled anything out here."
	if own != nil {
		if brought = own.Plan.Candidate; undone(own.State) {
			brought = own.Plan.Baseline
		}
		left = fmt.Sprintf("The last rollout of this resource, %s, left %s.", own.Plan.Rollout, telling.Named(brought))
	}
	names, running := strangers(fleet.snapshot, behindOf(own, last), brought, compiled.Candidate)
	if len(names) == 0 {
		return "", "", nil
	}
	by := "No rollout in the journal brought that there."
	if last != nil && last.Plan.Rollout != id && !undone(last.State) {
		by = mover(last)
	}
	return titled(s, fmt.Sprintf("replaces %s, which something else brought", engine.Names(names))),
		fmt.Sprintf("%s. %s %s\n\nApplying: %s. To keep what runs, set version to it.", engine.Reasons(running), left, by, engine.Headline(compiled)), nil
}

// accounted says whether there is nobody else to ask what brought the fleet to where it is:
// no rollout but such as left nothing behind, or the resource's own which is unfinished.
func accounted(own, last *telling.Rollout) bool {
	if own != nil {
		return unfinished(own.State)
	}
	return last == nil || undone(last.State)
}

// behindOf are the instances that rollouts went on without: nobody else brought them to
// where they are.
func behindOf(rollouts ...*telling.Rollout) (ids []string) {
	for _, ro := range rollouts {
		if ro != nil {
			ids = append(ids, ro.State.Behind...)
		}
	}
	return ids
}

// strangers are the versions that instances run beside the expected ones, in the order of
// the instances, and for each of them how many do.
func strangers(fleet engine.Snapshot, behind []string, expected ...string) (names, running []string) {
	count, instances := map[string]int{}, fleet.Active()
	var versions []string
	for _, i := range instances {
		if slices.Contains(expected, i.Default) || slices.Contains(behind, i.ID) {
			continue
		}
		if count[i.Default]++; count[i.Default] == 1 {
			versions = append(versions, i.Default)
		}
	}
	for _, v := range versions {
		names = append(names, telling.Named(v))
		running = append(running, fmt.Sprintf("%d of %s run %s", count[v], engine.Plural(len(instances), "instance"), telling.Named(v)))
	}
	return names, running
}
