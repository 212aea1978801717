package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// planning is a plan of an apply: what is asked for, and what there is.
type planning struct {
	plan, prior *deploymentModel // prior is nil for a create
	kept        memory
	spec        engine.Spec
	known       bool  // all of the spec, and the fleet
	fleet       sight // zero where it is not known
}

// open is the rollout that is unfinished; nil: none is.
func (p *planning) open() *telling.Rollout {
	if ro := p.fleet.rollout; ro != nil && unfinished(ro.State) {
		return ro
	}
	return nil
}

// planRollout decides what an apply has to do and puts it into plan.
func (r *deploymentResource) planRollout(ctx context.Context, plan, prior *deploymentModel, kept memory, waits types.Bool) (diags diag.Diagnostics) {
	spec, reading := readSpec(plan.specModel)
	p := &planning{plan: plan, prior: prior, kept: kept, spec: spec, known: r.conn.known() && len(reading.unknown) == 0}
	if p.known || prior != nil && r.conn.known() {
		var err error
		if p.fleet, err = lookAtAll(ctx, r.conn, plan.environment(), plan.plugin()); err != nil {
			addError(&diags, path.Empty(), unanswered(err), err)
			return diags
		}
		diags.Append(warnDecision(ctx, plan, prior, &spec, p.fleet)...)
	}
	plan.WaitForCompletion = r.waitSoFar(prior, waits)
	begins := prior == nil || p.begins(ctx, &diags)
	if begins && p.known {
		diags.Append(r.planBeginning(ctx, p)...)
	}
	diags.Append(r.planWait(ctx, p, waits, begins)...)
	p.fleet.explain(&diags)
	return diags
}

// planBeginning plans the rollout that an apply begins.
func (r *deploymentResource) planBeginning(ctx context.Context, p *planning) (diags diag.Diagnostics) {
	switch seen := p.kept.Seen; {
	case p.prior == nil:
		return r.planCreate(ctx, p.plan, p.spec, p.fleet, p.kept)
	case seen != "" && seen != fingerprint(p.fleet):
		diags.AddError("The fleet changed since the plan", fmt.Sprintf("It ran %s, and now runs %s. Nothing was changed. Plan again, look at "+
			"the new stages, and apply those.", seen, fingerprint(p.fleet)))
		return diags
	default:
		return planUpdate(ctx, p.plan, p.prior, p.spec, p.fleet)
	}
}

// explain says beside errors that whoever counts beside the fleet counts nothing, which is
// why it seems not to count.
func (s *sight) explain(diags *diag.Diagnostics) {
	if w, ok := s.meter.(interface{ Silent() string }); ok && diags.HasError() && w.Silent() != "" {
		diags.AddWarning("The Prometheus counts no requests", fmt.Sprintf("It was asked instead of the fleet, and %s selects no series there. Where the instances "+
			"expose such a counter, look whether they are scraped, and whether its name and labels are these: hotswap metrics check says what there is and what is missing.", w.Silent()))
	}
}

// begins says whether an update begins a rollout, and plans it where it does not.
func (p *planning) begins(ctx context.Context, diags *diag.Diagnostics) bool {
	next, why := intent(p.prior, p.plan, p.open(), p.fleet.alone)
	if next == keepAll {
		var err error
		if next, err = besides(ctx, p.plan, p.prior, p.spec, p.fleet, p.known); err != nil {
			addError(diags, nowhere, "Cannot read the journal", err)
			return false
		}
	}
	if p.known && (next == keepAll || next == goOn) {
		diags.Append(warnStored(p.plan, p.prior, p.spec, p.open())...)
	}
	switch next {
	case keepAll:
		p.plan.keepSettings(p.prior)
	case refuse:
		diags.AddAttributeError(path.Root("version"), "A rollout is in flight", why)
	case goOn:
		diags.Append(warnTakeover(p.prior, &p.spec, p.fleet, p.open())...)
		p.plan.keepRollout(*p.prior, p.open())
		p.plan.Summary = goesOn(p.plan, p.prior, p.kept)
	case begin:
		p.plan.forgetRollout()
	}
	return next == begin
}

// besides finds what there is to do although the version that is asked for is the one
// of the state.
func besides(ctx context.Context, plan, prior *deploymentModel, spec engine.Spec, fleet sight, known bool) (intention, error) {
	switch {
	case !known && prior.answered(prior.phase()):
		return begin, nil // or not, as the apply will know
	case !known:
		return keepAll, nil
	case leftBehind(prior, spec, fleet.rollout):
		return begin, nil // with nothing to do but to take it over
	}
	if again, err := newTest(ctx, plan, prior, spec, fleet); err != nil || again {
		return begin, err
	}
	return keepAll, nil
}
