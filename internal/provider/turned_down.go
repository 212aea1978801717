package provider

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// A version that a verdict or a person rolled back stays away: asking for it again in
// the same way is refused, until version or settings change, or retry names the rollout
// that rolled it back. What failed for want of time or of a fleet that could carry it
// out says nothing about the version, and is tried again.

// staysAway says whether a rollout ended such that its version is not tried again.
func staysAway(ro *telling.Rollout) bool {
	if ro.Plan.Restores != "" || ro.State.Outcome != engine.RolledBack {
		return false
	}
	summary, err := engine.Summarize(&ro.Plan, ro.Events)
	if err != nil || summary.Cause == nil {
		return false
	}
	switch cause := summary.Cause; cause.Kind {
	case engine.Judged:
		return true
	case engine.Aborted:
		return !ownDoing(cause)
	default: // a deadline; where it was the one for a decision, a verdict held it before
		return ro.HeldAt(cause.Seq)
	}
}

// lookBack is how many of the last rollouts are asked about a create: what other roots
// rolled out since does not make a version good.
const lookBack = 5

// turnedDown is the rollout because of which what spec asks for is not tried; nil:
// there is none. own is the rollout that the state names, "" that of a create, and
// latest the last one that began. The last one that asked for the same is the one that
// counts.
func turnedDown(ctx context.Context, js engine.Journals, spec engine.Spec, latest *telling.Rollout, own, retry string) (*telling.Rollout, error) {
	last := latest
	if latest == nil || !asksFor(spec, &latest.Plan) {
		var err error
		if last, err = lastThatAsked(ctx, js, spec, latest, own); err != nil {
			return nil, err
		}
	}
	if last == nil || !staysAway(last) || last.Plan.Rollout == retry {
		return nil, nil
	}
	return last, nil
}

// lastThatAsked is the last rollout before latest that asked for what spec asks for; nil: none
// of those that turnedDown looks at did.
func lastThatAsked(ctx context.Context, js engine.Journals, spec engine.Spec, latest *telling.Rollout, own string) (*telling.Rollout, error) {
	ids, err := candidates(ctx, js, spec, latest, own)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		ro, err := rolloutNamed(ctx, js, id)
		if err != nil {
			return nil, err
		}
		if ro != nil && asksFor(spec, &ro.Plan) {
			return ro, nil
		}
	}
	return nil, nil
}

// candidates are the rollouts that turnedDown asks about, the last one first.
func candidates(ctx context.Context, js engine.Journals, spec engine.Spec, latest *telling.Rollout, own string) (ids []string, err error) {
	switch {
	case latest == nil:
		return []string{own}, nil
	case own != "" && latest.Plan.Restores != "":
		return []string{own, latest.Plan.Restores}, nil
	case own != "":
		return []string{own}, nil
	}
	last, err := js.List(ctx, spec.Environment, spec.PluginID, engine.Filter{Limit: lookBack})
	for i := range last {
		ids = append(ids, last[i].Rollout)
	}
	return ids, err
}

// warnTried says that a version which is rolled out again, in another way, was rolled back
// for what it did: other settings are another question, but nobody should ask it unknowing.
func warnTried(ctx context.Context, spec engine.Spec, fleet sight, diags *diag.Diagnostics) {
	last, err := fleet.journals.List(ctx, spec.Environment, spec.PluginID, engine.Filter{Limit: lookBack})
	if err != nil {
		addError(diags, nowhere, "Cannot read the journal", err)
		return
	}
	for i := range last {
		if last[i].Candidate != spec.Version || last[i].Outcome != engine.RolledBack {
			continue
		}
		ro, err := rolloutNamed(ctx, fleet.journals, last[i].Rollout)
		if err != nil {
			addError(diags, nowhere, "Cannot read the journal", err)
			return
		}
		if ro != nil && staysAway(ro) && !asksFor(spec, &ro.Plan) {
			t := telling.Tell(ro, ro.State.Ended)
			diags.AddWarning(titled(&spec, "rolled back before, with other settings"), fmt.Sprintf("Rollout %s of %s was rolled back%s. %s%s Applying rolls it out "+
				"again, with these settings.", ro.Plan.Rollout, telling.Named(ro.Plan.Candidate), when(ro), t.Why(), firstFinding(t)))
			return
		}
	}
}

// notTriedAgain is what is the matter with a version that is turned down.
const notTriedAgain = "rolled back before, and not tried again"

// refusedText is what an apply says of that: its plan has said it all, and Terraform may show both
// together.
func refusedText(spec *engine.Spec, ro *telling.Rollout, retry string) (summary, detail string) {
	t := telling.Tell(ro, ro.State.Ended)
	why := cmp.Or(t.FirstFailure(), ro.State.Reason)
	if retry = namedOther(retry); retry != "" {
		retry = " " + retry
	}
	return titled(spec, notTriedAgain), fmt.Sprintf("Nothing runs, and the fleet is not touched: rollout %s was rolled back (%s).%s retry = %q asks for another try.",
		ro.Plan.Rollout, why, retry, ro.Plan.Rollout)
}

// turnedDownText says why a version is not tried again, and what would have it tried.
func turnedDownText(spec *engine.Spec, ro *telling.Rollout, retry string) (summary, detail string) {
	t := telling.Tell(ro, ro.State.Ended)
	return titled(spec, notTriedAgain), fmt.Sprintf("Rollout %s of %s with these settings was rolled back%s.\n\n%s%s\n\n%s",
		ro.Plan.Rollout, telling.Named(ro.Plan.Candidate), when(ro), t.Why(), firstFinding(t), howToRetry(ro, retry))
}

// firstFinding is what failed, in a sentence.
func firstFinding(t *telling.Story) string {
	if text := t.FirstFailure(); text != "" {
		return " It measured: " + text + "."
	}
	return ""
}

// howToRetry says until when a version stays away.
func howToRetry(ro *telling.Rollout, retry string) string {
	if retry = namedOther(retry); retry != "" {
		retry += " "
	}
	return retry + fmt.Sprintf("The same version with the same settings is refused, and the fleet is not touched, until version or settings change, or "+
		"retry = %q asks for another try.", ro.Plan.Rollout)
}

// namedOther says that a retry names another rollout; "": there is none.
func namedOther(retry string) string {
	if retry == "" {
		return ""
	}
	return fmt.Sprintf("retry = %q names another rollout.", retry)
}
