package main

import (
	"context"
	"errors"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// Show implements site.
func (l *local) Show(ctx context.Context, id string, glimpse bool) (d *contract.Detail, err error) {
	w, j, err := l.find(ctx, id, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if !glimpse {
		of, err := load(ctx, j)
		if err != nil {
			return nil, err
		}
		return l.detailOf(ctx, w, of, j.Ordinal(), nil), nil
	}
	r, err := l.looker(ctx, w, j, id)
	if err != nil {
		return nil, err
	}
	seen, err := r.Glimpse(ctx)
	if err != nil {
		l.looking = nil
		return nil, err
	}
	return l.detailOf(ctx, w, readBy(r), j.Ordinal(), &seen), nil
}

// looker is who looks at a rollout: the one of before, who has read its journal so far, where
// the fleet is the same.
func (l *local) looker(ctx context.Context, w world, j engine.Journal, id string) (*engine.Runner, error) {
	if l.looking != nil && l.at == w && l.looking.Plan().Rollout == id {
		return l.looking, nil
	}
	r, err := runner(ctx, w, j)
	if err == nil {
		l.looking, l.at = r, w
	}
	return r, err
}

// readBy is what a runner has read.
func readBy(r *engine.Runner) *telling.Rollout {
	return &telling.Rollout{Plan: *r.Plan(), Events: slices.Clone(r.Events()), State: r.State()}
}

// detailOf is a rollout in the API's words.
func (l *local) detailOf(ctx context.Context, w world, of *telling.Rollout, ordinal int64, seen *engine.Glimpse) *contract.Detail {
	d := retold.Detail(l.headOf(ctx, w, of, ordinal), of, w.Now(), seen)
	return &d
}

// headOf is a rollout as a list has it.
func (l *local) headOf(ctx context.Context, w world, of *telling.Rollout, ordinal int64) contract.Rollout {
	p, s := &of.Plan, &of.State
	changed := s.Started
	if n := len(of.Events); n > 0 {
		changed = of.Events[n-1].At
	}
	h := engine.HeadOf(p, s, ordinal, changed)
	told := contract.Rollout{
		ID: h.Rollout, Environment: string(h.Environment), Plugin: h.Plugin, Strategy: string(p.Spec.Strategy), Baseline: h.Baseline, Candidate: h.Candidate,
		Restores: h.Restores, Phase: string(h.Phase), Outcome: string(h.Outcome), Ordinal: ordinal, Generation: h.Events, ObservedGeneration: h.Events,
		StartedAt: h.Began.UTC(), ChangedAt: changed.UTC(), Wake: h.Wake,
		Stage: retold.Place(of),
	}
	walk, known := retold.Walk{}, true
	if s.InFlight() {
		walk, known = w.Walker(ctx, h.Rollout)
	}
	told.Conditions = retold.Conditions(h.Phase, h.Outcome, told.ChangedAt, w.Now(), walk)
	if !known {
		last := &told.Conditions[len(told.Conditions)-1]
		last.Status, last.Reason, last.Message = "Unknown", "unknown", "nobody here knows who walks it"
	}
	return told
}
