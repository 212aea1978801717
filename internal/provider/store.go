package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// fail ends an operation that could not do its work. What is stored stays, so that
// the next plan sees the same difference.
func (a *apply) fail(summary string, err error) {
	var other *engine.UnfinishedError
	switch {
	case errors.As(err, &other):
		a.diags.AddError("Another rollout is unfinished", sentence(err.Error()))
	case errors.Is(err, engine.ErrConflict), errors.Is(err, engine.ErrSuperseded):
		a.diags.AddError("Someone else walks this rollout", sentence(err.Error())+" Nothing is lost: apply again when it is over.")
	default:
		addError(&a.diags, path.Empty(), summary, err)
	}
}

// seen is the world as it is now, which the state is then said to have seen.
func (a *apply) seen(ctx context.Context) (sight, error) {
	latest, err := latestRollout(ctx, a.world.Journals(), a.spec.Environment, a.spec.PluginID)
	if err != nil {
		return sight{}, err
	}
	s, err := seen(ctx, a.world, latest)
	if err == nil {
		a.kept.Seen, a.kept.At = fingerprint(s), whereabouts(s.rollout)
	}
	return s, err
}

// store keeps the planned values, with what the world says where the plan did not
// know.
func (a *apply) store(ctx context.Context, ro *rollout) {
	m := a.plan
	s, err := a.seen(ctx)
	if err != nil {
		a.fail("Cannot read the fleet", err)
		return
	}
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
	a.state = &m
}

// keepPrior stores what a refresh would write: the settings as they were, and the
// fleet as it is. A create stores nothing.
func (a *apply) keepPrior(ctx context.Context, ro *rollout) {
	if a.prior == nil {
		return
	}
	m := *a.prior
	s, err := a.seen(ctx)
	if err != nil {
		return // the prior values stay as they are
	}
	a.diags.Append(m.observe(ctx, s, ro)...)
	m.settleVersion(s, ro)
	a.state = &m
}
