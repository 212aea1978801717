package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// observe writes what the fleet and its journal say into the attributes that the
// provider computes. ro is the rollout that the state is about; nil where this
// resource never had one.
func (m *deploymentModel) observe(ctx context.Context, s sight, ro *telling.Rollout) (diags diag.Diagnostics) {
	m.ID = types.StringValue(m.target())
	m.ActiveVersion = m.activeVersion(s.head, ro)
	if ro == nil {
		m.settleUnknowns()
		return nil
	}
	m.RolloutID = types.StringValue(ro.Plan.Rollout)
	m.Status = types.StringValue(string(ro.State.Phase))
	m.Outcome = orNull(string(ro.State.Outcome))
	m.Reason = orNull(ro.State.Reason)
	m.PreviousVersion = orNull(ro.Plan.Baseline)
	m.AffectedTenants = types.Int64Null() // where nobody could look
	if t := telling.Tell(ro, s.now); t.Unseen == nil && len(ro.Plan.Tenants) > 0 {
		m.AffectedTenants = types.Int64Value(int64(t.Most.Tenants))
	}
	m.StartedAt = moment(ro.Began())
	m.FinishedAt = moment(ro.State.Ended)
	m.Stages, m.Summary = stagesValue(ctx, &ro.Plan, &diags), linesValue(engine.SummaryLines(&ro.Plan))
	return diags
}

// activeVersion is what the fleet runs or, where it does not say that, what the rollout left
// there; what is stored stays where there is no news of either.
func (m *deploymentModel) activeVersion(fleet engine.Head, ro *telling.Rollout) types.String {
	switch {
	case ro != nil && ro.State.InFlight():
		return orNull(ro.Plan.Baseline) // until the last stage is done
	case untold(fleet) == "":
		return orNull(fleet.Baseline())
	case ro == nil && m.ActiveVersion.IsUnknown():
		return m.Version // an apply that found nothing to do
	case ro == nil, m.RolloutID.ValueString() == ro.Plan.Rollout && m.phase() == ro.State.Phase:
		return m.ActiveVersion
	case ro.State.Outcome == engine.Succeeded:
		return orNull(ro.Plan.Candidate)
	case undone(ro.State):
		return orNull(ro.Plan.Baseline)
	default: // it is stuck between the two
		return types.StringNull()
	}
}

// settleUnknowns leaves no attribute unknown where no rollout says anything: the
// fleet ran the version already.
func (m *deploymentModel) settleUnknowns() {
	null := func(v *types.String) {
		if v.IsUnknown() {
			*v = types.StringNull()
		}
	}
	for _, v := range []*types.String{&m.RolloutID, &m.Reason, &m.PreviousVersion, &m.StartedAt, &m.FinishedAt, &m.Strategy} {
		null(v)
	}
	if m.Status.IsUnknown() {
		m.Status, m.Outcome = types.StringValue(string(engine.PhaseSucceeded)), types.StringValue(string(engine.Succeeded))
	}
	if m.AffectedTenants.IsUnknown() {
		m.AffectedTenants = types.Int64Value(0)
	}
	if m.Stages.IsUnknown() {
		m.Stages = types.ListValueMust(stageObject, nil)
	}
	if m.Summary.IsUnknown() || m.Summary.IsNull() {
		m.Summary = linesValue([]string{telling.Named(m.ActiveVersion.ValueString()) + ": no rollout of this resource"})
	}
}

// settleVersion writes what Read says the version is: the one that is being rolled
// out while a rollout is in flight, else the one that the fleet runs. After an A/B
// test that kept A the configuration goes on asking for B, and that is no drift.
func (m *deploymentModel) settleVersion(s sight, ro *telling.Rollout) {
	switch {
	case ro != nil && ro.State.InFlight() && ro.Plan.Restores == "":
		m.Version = orNull(ro.Plan.Candidate)
	case untold(s.head) != "": // what is stored stays
	case ro != nil && m.answered(ro.State.Phase) && m.Version.ValueString() == ro.Plan.Candidate && s.head.RunsOnly(ro.Plan.Baseline):
	default:
		m.Version = orNull(runningVersion(s.head, m.Version.ValueString()))
	}
}

// runningVersion is asked where all instances that serve run it, else one of those
// that some instance runs instead. One that is coming up serves nothing yet.
func runningVersion(h engine.Head, asked string) string {
	slot := h.ActiveSlot()
	for _, v := range h.Versions {
		if v.Slot == slot && v.Version != asked && (v.Version != "" || v.Ready > 0) {
			if b := h.Baseline(); b != asked {
				return b
			}
			return v.Version
		}
	}
	return h.Baseline()
}

func moment(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// reread is observe for a refresh. A rollout that is unfinished and not the state's
// own shows in everything but rollout_id, which a destroy goes by.
func (m *deploymentModel) reread(ctx context.Context, s sight, own, foreign *telling.Rollout) (diags diag.Diagnostics) {
	if own == nil && foreign == nil && inFlight(m.phase()) && untold(s.head) == "" {
		// The journal that the state speaks of is gone, and with it every way to go on.
		m.RolloutID, m.Status, m.Outcome, m.Reason = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
	}
	shown := own
	if foreign != nil && foreign.Plan.Restores == "" {
		shown = foreign
	}
	id, told := m.RolloutID, m.Summary
	diags = m.observe(ctx, s, shown)
	if !told.IsNull() && (shown == nil || shown.Plan.Rollout == id.ValueString()) {
		m.Summary = told // what was planned: a refresh is no news
	}
	if shown == foreign && shown != nil {
		m.RolloutID = id
	}
	m.settleVersion(s, shown)
	return diags
}

// imported fills in what a state that was never applied can know.
func (m *deploymentModel) imported(own *telling.Rollout) {
	m.fillDefaults()
	if own != nil {
		m.Strategy = types.StringValue(string(own.Plan.Spec.Strategy))
		m.EnvironmentKind = orNull(string(own.Plan.Spec.EnvironmentKind))
		return
	}
	m.Status, m.Outcome = types.StringValue(string(engine.PhaseSucceeded)), types.StringValue(string(engine.Succeeded))
	m.AffectedTenants = types.Int64Value(0)
	m.Stages = types.ListValueMust(stageObject, nil)
	m.settleUnknowns()
	if kind := m.kind(); kind != "" { // else the configuration says it
		m.Strategy = types.StringValue(string(engine.DefaultStrategy(kind)))
	}
}

// inFlight says whether a state of that phase waits for a journal to go on.
func inFlight(p engine.Phase) bool {
	switch p {
	case engine.PhaseProgressing, engine.PhaseHeld, engine.PhasePaused, engine.PhaseRollingBack:
		return true
	}
	return false
}
