package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

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
	s, err := r.look(ctx, m.environment(), m.plugin())
	if err != nil {
		addError(&resp.Diagnostics, path.Empty(), "Cannot read the fleet", err)
		return
	}
	imported := m.Version.IsNull() && m.ID.IsNull()
	own, foreign, err := r.rolloutOf(ctx, m, s, imported)
	if err != nil {
		addError(&resp.Diagnostics, path.Empty(), "Cannot read the journal", err)
		return
	}
	why := untold(s.snapshot)
	if s.snapshot.Baseline() == "" && !m.awaits(own, foreign) {
		switch {
		case imported && why != "":
			resp.Diagnostics.AddError("Nothing to import", why+" Import again when it is up.")
			return
		case imported:
			resp.Diagnostics.AddError("Nothing to import", "The fleet in "+m.Environment.ValueString()+" does not run "+m.plugin()+".")
			return
		case why == "":
			resp.State.RemoveResource(ctx)
			return
		}
	}
	if why != "" {
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s: the fleet does not say what it runs (%s)", m.plugin(), m.environment()),
			why+" What is stored stays as it is. Plan again when it is up.")
	}
	resp.Diagnostics.Append(m.reread(ctx, s, own, foreign)...)
	kept, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if imported {
		m.fillDefaults()
		m.imported(own)
		kept.Claim = anybody
		if last, err := engine.Completed(ctx, s.journals, m.environment(), m.plugin()); err == nil && last.Restores == "" {
			kept.Completed = last.Rollout
		}
	}
	if own != nil && own.State.Outcome == engine.Succeeded && own.Plan.Restores == "" {
		kept.Completed = own.Plan.Rollout
	}
	kept.Seen, kept.At, kept.Target = fingerprint(s), whereabouts(s.rollout), m.target()
	resp.Diagnostics.Append(remember(ctx, resp.Private, kept)...)
	for _, ro := range []*telling.Rollout{own, foreign} {
		if ro == nil {
			continue
		}
		if summary, detail, warn := standing(ro, s.now); warn {
			resp.Diagnostics.AddWarning(summary, detail)
		}
	}
	if summary, detail, warn := m.staysRolledBack(own); warn {
		resp.Diagnostics.AddWarning(summary, detail)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
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
