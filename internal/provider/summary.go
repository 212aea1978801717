package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// The attribute summary says what an apply does. It has to be the same in both plans
// that Terraform makes, so it comes of the configuration, the state and what is kept
// beside it, and not of how far somebody else walked the rollout meanwhile.

func linesValue(lines []string) types.List {
	values := make([]attr.Value, len(lines))
	for i, line := range lines {
		values[i] = types.StringValue(line)
	}
	return types.ListValueMust(types.StringType, values)
}

// whereabouts is where the rollout in flight is, as a summary says it.
func whereabouts(ro *telling.Rollout) string {
	if ro == nil || !ro.State.InFlight() {
		return ""
	}
	text := fmt.Sprintf("%s at %s", ro.State.Phase, ro.Stage())
	if at := ro.State.Stage; at < len(ro.Plan.Stages) {
		text += fmt.Sprintf(" of %s, %s", engine.Plural(len(ro.Plan.Stages), "stage"), ro.Plan.Stages[at].Exposure)
	}
	return text
}

// goesOn says what becomes of the rollout in flight.
func goesOn(plan, prior *deploymentModel, kept memory) types.List {
	from, to := telling.Named(prior.PreviousVersion.ValueString()), telling.Named(prior.Version.ValueString())
	what := fmt.Sprintf("%s -> %s goes on with rollout %s", from, to, prior.RolloutID.ValueString())
	switch {
	case plan.Version.IsUnknown() || !wholly(context.Background(), plan.Decision):
		return types.ListUnknown(types.StringType)
	case wantsBaseline(prior, plan):
		what = fmt.Sprintf("%s -> %s is rolled back, because version was set back", from, to)
	case decided(prior, plan, prior.RolloutID.ValueString()) == "rollback":
		what = fmt.Sprintf("%s -> %s is rolled back, as the decision says", from, to)
	case decided(prior, plan, prior.RolloutID.ValueString()) == "promote":
		what = fmt.Sprintf("%s -> %s is promoted, as the decision says, and goes on", from, to)
	case prior.phase() == engine.PhaseHeld:
		what = fmt.Sprintf("%s -> %s still waits for a decision about rollout %s, and nothing else runs", from, to, prior.RolloutID.ValueString())
	}
	if kept.At != "" {
		what += " (it was " + kept.At + ")"
	}
	return linesValue([]string{what})
}

// goesOnAnew says what becomes of a rollout in flight that a create takes up: of one that
// its resource began before it was replaced, or before its state was lost.
func goesOnAnew(plan *deploymentModel, last *telling.Rollout) (line, then string) {
	what := fmt.Sprintf("%s -> %s", telling.Named(last.Plan.Baseline), telling.Named(last.Plan.Candidate))
	d, action := plan.Decision, ""
	if stage := member(d, "stage"); member(d, "rollout_id") == last.Plan.Rollout && (stage == "" || stage == last.Stage()) {
		action = member(d, "action")
	}
	switch {
	case action == "rollback":
		return what + " is rolled back, as the decision says", "Applying rolls it back, as the decision says."
	case last.State.Phase != engine.PhaseHeld:
		return what + " goes on with rollout " + last.Plan.Rollout, "Applying goes on with it."
	case action == "promote":
		return what + " is promoted, as the decision says, and goes on", "Applying promotes it, as the decision says."
	default:
		return fmt.Sprintf("%s still waits for a decision about rollout %s, and nothing else runs", what, last.Plan.Rollout),
			"Applying runs nothing: it waits for a decision."
	}
}

// keepSettings is for a plan that runs nothing: where it changes settings, the summary
// names them.
func (m *deploymentModel) keepSettings(prior *deploymentModel) {
	changed, unknown := m.changed(prior)
	switch {
	case unknown:
		m.Summary = types.ListUnknown(types.StringType)
	case len(changed) > 0:
		m.Summary = linesValue([]string{fmt.Sprintf("settings only, nothing runs: %s; %s stays where it is", strings.Join(changed, ", "),
			telling.Named(prior.ActiveVersion.ValueString()))})
	case m.Summary.IsUnknown():
		m.Summary = prior.Summary
	}
}

// changed names the settings that differ from the state; unknown says that some are
// not known yet.
func (m *deploymentModel) changed(prior *deploymentModel) (names []string, unknown bool) {
	for _, s := range []struct {
		name     string
		now, was attr.Value
	}{
		{"environment_kind", m.EnvironmentKind, prior.EnvironmentKind},
		{"strategy", m.Strategy, prior.Strategy},
		{"direct", m.Direct, prior.Direct},
		{"canary", m.Canary, prior.Canary},
		{"blue_green", m.BlueGreen, prior.BlueGreen},
		{"rolling", m.Rolling, prior.Rolling},
		{"ab_testing", m.ABTesting, prior.ABTesting},
		{"rollback_triggers", m.RollbackTriggers, prior.RollbackTriggers},
		{"analysis", m.Analysis, prior.Analysis},
		{"guards", m.Guards, prior.Guards},
		{"hold_timeout", m.HoldTimeout, prior.HoldTimeout},
		{"on_hold_timeout", m.OnHoldTimeout, prior.OnHoldTimeout},
		{"decision", m.Decision, prior.Decision},
		{"timeouts", m.Timeouts, prior.Timeouts},
		{"retry", m.Retry, prior.Retry},
		{"wait_for_completion", m.WaitForCompletion, prior.WaitForCompletion},
		{"on_interrupt", m.OnInterrupt, prior.OnInterrupt},
		{"on_timeout", m.OnTimeout, prior.OnTimeout},
		{"on_destroy", m.OnDestroy, prior.OnDestroy},
		{"on_hold", m.OnHold, prior.OnHold},
		{"on_rollback", m.OnRollback, prior.OnRollback},
	} {
		if !s.now.Equal(s.was) {
			names = append(names, s.name)
			unknown = unknown || !wholly(context.Background(), s.now)
		}
	}
	return names, unknown
}
