package provider

import (
	"context"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// takesBack is the warning of an update that brings the fleet away from a version that
// this resource did not bring there: somebody else did, or another resource. It is the
// fleet that changed then, and not the configuration.
func takesBack(ctx context.Context, prior *deploymentModel, compiled *engine.Plan, fleet sight) (summary, detail string, err error) {
	own, err := rolloutNamed(ctx, fleet.journals, prior.RolloutID.ValueString())
	last := fleet.rollout
	if id := prior.RolloutID.ValueString(); err == nil && id != "" && last == nil {
		s := &compiled.Spec
		return titled(s, "the fleet knows nothing of rollout "+id), fmt.Sprintf("The state names it, and no rollout of %s is in the journals of %s: another fleet "+
			"took the place of the one that it was in, or its journals were lost.\n\nApplying: %s.", s.PluginID, s.Environment, engine.Headline(compiled)), nil
	}
	if err != nil || own == nil && (last == nil || undone(last.State)) || own != nil && unfinished(own.State) {
		return "", "", err
	}
	brought, left := compiled.Candidate, "This resource never rolled anything out here."
	if own != nil {
		if brought = own.Plan.Candidate; undone(own.State) {
			brought = own.Plan.Baseline
		}
		left = fmt.Sprintf("The last rollout of this resource, %s, left %s.", own.Plan.Rollout, telling.Named(brought))
	}
	others, instances := map[string]int{}, fleet.snapshot.Active()
	var names []string
	for _, i := range instances {
		if i.Default != brought && i.Default != compiled.Candidate {
			if others[i.Default]++; others[i.Default] == 1 {
				names = append(names, i.Default)
			}
		}
	}
	if len(names) == 0 {
		return "", "", nil
	}
	text := ""
	for _, v := range names {
		text += fmt.Sprintf("%d of %s run %s. ", others[v], engine.Plural(len(instances), "instance"), telling.Named(v))
	}
	s := &compiled.Spec
	by := "No rollout in the journal brought that there."
	if last != nil && last.Plan.Rollout != prior.RolloutID.ValueString() && !undone(last.State) {
		by = mover(last)
	}
	return titled(s, fmt.Sprintf("replaces %s, which something else brought", engine.Names(versions(names)))),
		fmt.Sprintf("%s%s %s\n\nApplying: %s. To keep what runs, set version to it.", text, left, by, engine.Headline(compiled)), nil
}

// versions are versions as a person reads them.
func versions(those []string) []string {
	all := make([]string, len(those))
	for i, v := range those {
		all[i] = telling.Named(v)
	}
	return all
}
