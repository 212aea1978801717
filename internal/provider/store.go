package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// fail ends an operation that could not do its work. What is stored stays, so that
// the next plan sees the same difference.
func (a *apply) fail(summary string, err error) {
	var other *engine.UnfinishedError
	switch {
	case errors.As(err, &other):
		a.diags.AddError("Another rollout is unfinished", sentence(err.Error()))
	case client.Is(err, contract.FleetChanged):
		a.diags.AddError("The fleet changed since the plan", sentence(err.Error())+" Nothing was changed. Plan again, look at the new stages, and apply those.")
	case errors.Is(err, engine.ErrConflict), errors.Is(err, engine.ErrSuperseded), errors.As(err, new(*attendedError)):
		a.diags.AddError("Someone else walks this rollout", sentence(err.Error())+" Nothing is lost: apply again when it is over.")
	default:
		addError(&a.diags, path.Empty(), summary, err)
	}
}

// seen is the world as it is now, which the state is then said to have seen. A fleet that
// cannot be read back undoes nothing of what the apply did: then the state has what the
// journal says of ro, the rollout that it is about.
func (a *apply) seen(ctx context.Context, ro *telling.Rollout) sight {
	s := sight{now: a.world.Now(), rollout: ro}
	latest, err := latestRollout(ctx, a.world.Journals(), a.spec.Environment, a.spec.PluginID)
	if err == nil {
		s, err = seen(ctx, a.world, latest)
	}
	why := untold(s.head)
	if err != nil {
		why = sentence(err.Error())
	}
	a.kept.Seen, a.kept.At = "", whereabouts(s.rollout)
	if why != "" {
		a.diags.AddWarning(a.title("the fleet could not be read back"), why+" What is stored is what the journal says. The next refresh reads the fleet.")
		return s
	}
	a.kept.Seen = fingerprint(s)
	return s
}

// store keeps the planned values, with what the world says where the plan did not
// know.
func (a *apply) store(ctx context.Context, ro *telling.Rollout) {
	m, s := a.plan, a.seen(ctx, ro)
	stages, previous, summary := m.Stages, m.PreviousVersion, m.Summary
	a.diags.Append(m.observe(ctx, s, ro)...)
	if !stages.IsUnknown() {
		m.Stages = stages
	}
	if !previous.IsUnknown() {
		m.PreviousVersion = previous
	}
	if !summary.IsUnknown() && !summary.IsNull() {
		m.Summary = summary
	}
	m.settleUnknowns()
	if m.WaitForCompletion.IsUnknown() { // nothing was to be waited for
		m.WaitForCompletion = types.BoolValue(true)
	}
	a.state = &m
}

// keepPrior stores what a refresh would write: the settings as they were, and the
// fleet as it is. A create stores nothing.
func (a *apply) keepPrior(ctx context.Context, ro *telling.Rollout) {
	if a.prior == nil {
		return
	}
	m, s := *a.prior, a.seen(ctx, ro)
	a.diags.Append(m.observe(ctx, s, ro)...)
	m.settleVersion(s, ro)
	a.state = &m
}
