package simulator

import (
	"context"
	"errors"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// ErrNoMetrics comes back from measuring because of a fault.
var ErrNoMetrics = errors.New("the metrics cannot be read")

// Measure implements [engine.Meter].
func (w *World) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	err = w.answer(ctx, &a, &q, !w.lacks(engine.CanTraffic))
	return a, err
}

// Count is Measure where the instances are asked, and not the fleet: they count whether or
// not it does.
func (w *World) Count(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	err = w.answer(ctx, &a, &q, true)
	return a, err
}

// answer answers a question, into an empty answer; counted says that whoever is asked counts.
// Neither leaves the stack, nor is copied: both are large, and asked for at each look.
func (w *World) answer(ctx context.Context, a *engine.Answer, q *engine.Question, counted bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.overheard(q.Rollout)
	w.settle()
	if w.anyFault(MeasureFails) {
		return ErrNoMetrics
	}
	if counted {
		w.measureTraffic(a, q)
	}
	return nil
}

// measureTraffic counts what is wanted of both arms.
func (w *World) measureTraffic(a *engine.Answer, q *engine.Question) {
	if w.cfg.Metrics.Bounds != nil {
		own := w.bounded(*q)
		q = &own
	}
	span := w.traffic.Span(instant(q.From), w.lateness(instant(q.To)))
	a.Coverage = w.coverage(q)
	w.traffic.Beside(q.Candidate&q.Baseline, [2]traffic.Arm{w.arm(q.Version, false), w.arm(q.Version, true)}, span)
	for _, baseline := range []bool{false, true} {
		m, want := &a.Candidate, q.Candidate
		if baseline {
			m, want = &a.Baseline, q.Baseline
		}
		if want != 0 {
			if w.lacks(engine.CanByTenant) || w.unremembered(q) {
				want &^= engine.WantByTenant
			}
			w.traffic.Measure(m, q, want, w.arm(q.Version, baseline), span)
			w.withhold(m)
		}
	}
}

// bounded is q without the bounds that nothing is counted against.
func (w *World) bounded(q engine.Question) engine.Question {
	if m := &w.cfg.Metrics; !m.bounded(q.Bounds) {
		q.Bounds = nil
	}
	if m := &w.cfg.Metrics; !m.bounded([]float64{q.TenantBound}) {
		q.TenantBound = 0
	}
	return q
}

// arm is a version, or everything but it: a plugin that is removed serves nobody.
func (w *World) arm(version string, baseline bool) traffic.Arm {
	if version == "" && !baseline {
		return traffic.Arm{Version: traffic.Nobody}
	}
	return traffic.Arm{Version: w.nameOf(version), Baseline: baseline}
}

// unremembered says whether q asks of tenants in a time before its rollout, of which the
// fleet knows nothing.
func (w *World) unremembered(q *engine.Question) bool {
	if !w.lacks(engine.CanHistory) {
		return false
	}
	i := slices.IndexFunc(w.Rollouts, func(r rollout) bool { return r.ID == q.Rollout })
	return i >= 0 && instant(q.To) <= w.Rollouts[i].Began
}
