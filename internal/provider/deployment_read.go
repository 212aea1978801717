package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// Read brings the state up to what the fleet and the journals say. It creates and
// changes nothing.
func (r *deploymentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m deploymentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	if !r.conn.known() {
		return
	}
	s, ok := r.conn.caughtUp(ctx, look, m.environment(), m.plugin(), &resp.Diagnostics)
	if !ok {
		return
	}
	imported := m.Version.IsNull() && m.ID.IsNull()
	own, foreign, err := r.rolloutOf(ctx, m, s, imported)
	if err != nil {
		addError(&resp.Diagnostics, path.Empty(), "Cannot read the journal", err)
		return
	}
	why := untold(s.head)
	if nothing := s.head.Baseline() == "" && !m.awaits(own, foreign); nothing && imported {
		resp.Diagnostics.AddError("Nothing to import", m.nothingToImport(why))
		return
	} else if nothing && why == "" {
		resp.State.RemoveResource(ctx)
		return
	}
	m.fillWaits()
	resp.Diagnostics.Append(m.reread(ctx, s, own, foreign)...)
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if imported {
		m.imported(own)
		kept.imported(ctx, s, m.environment(), m.plugin())
	}
	kept.reread(s, own, m.target())
	resp.Diagnostics.Append(remember(ctx, resp.Private, kept)...)
	m.warnRead(s, own, foreign, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// fillWaits fills in, after an import and in a state of an earlier version, that applies waited.
func (m *deploymentModel) fillWaits() {
	if m.WaitForCompletion.IsNull() {
		m.WaitForCompletion = types.BoolValue(true)
	}
}

// nothingToImport says why there is none; why is what the fleet does not say.
func (m *deploymentModel) nothingToImport(why string) string {
	if why != "" {
		return why + " Import again when it is up."
	}
	return fmt.Sprintf("The fleet in %s does not run %s.", m.environment(), m.plugin())
}

// imported is what there is to remember of a deployment that this state did not begin.
func (kept *memory) imported(ctx context.Context, s sight, e engine.Environment, plugin string) {
	kept.Claim = anybody
	if last, err := engine.Completed(ctx, s.journals, e, plugin); err == nil && last.Restores == "" {
		kept.Completed = last.Rollout
	}
}

// reread is what there is to remember of a refresh.
func (kept *memory) reread(s sight, own *telling.Rollout, target string) {
	if own != nil && own.State.Outcome == engine.Succeeded && own.Plan.Restores == "" {
		kept.Completed = own.Plan.Rollout
	}
	kept.Seen, kept.At, kept.Target = fingerprint(s), whereabouts(s.rollout), target
}

// warnRead is what a refresh has to warn of.
func (m *deploymentModel) warnRead(s sight, own, foreign *telling.Rollout, diags *diag.Diagnostics) {
	if why := untold(s.head); why != "" {
		diags.AddWarning(fmt.Sprintf("%s: the fleet does not say what it runs (%s)", m.plugin(), m.environment()),
			why+" What is stored stays as it is. Plan again when it is up.")
	}
	for _, ro := range []*telling.Rollout{own, foreign} {
		if ro == nil {
			continue
		}
		if summary, detail, warn := standing(ro, s.now, s.alone); warn {
			diags.AddWarning(summary, detail)
		}
	}
	if summary, detail, warn := m.staysRolledBack(own); warn {
		diags.AddWarning(summary, detail)
	}
}

// awaits says whether a rollout is under way, or an A/B test was answered, because of which
// there is a deployment though the fleet may not run the plugin.
func (m *deploymentModel) awaits(own, foreign *telling.Rollout) bool {
	return foreign != nil && foreign.State.InFlight() || own != nil && (unfinished(own.State) || m.answered(own.State.Phase))
}

// rolloutOf finds the rollout that the state is about, and one that is unfinished
// and another: an apply that was killed left that one behind.
func (r *deploymentResource) rolloutOf(ctx context.Context, m deploymentModel, s sight, imported bool) (own, foreign *telling.Rollout, err error) {
	latest := s.rollout
	switch {
	case latest == nil:
		return nil, nil, nil
	case latest.Plan.Rollout == m.RolloutID.ValueString(), imported && latest.Plan.Restores == "":
		return latest, nil, nil
	}
	if own, err = rolloutNamed(ctx, s.journals, m.RolloutID.ValueString()); err != nil {
		return nil, nil, err
	}
	if unfinished(latest.State) {
		foreign = latest
	}
	return own, foreign, nil
}
