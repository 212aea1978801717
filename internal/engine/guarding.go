package engine

import (
	"context"
	"time"
)

// guard asks the guards. They watch from the first change on: health what has settled,
// an instance that is starting is the settle deadline's business; traffic from when the
// candidate reaches somebody. Neither is blind where the other is.
func (r *Runner) guard(ctx context.Context, now time.Time) (Verdict, bool) {
	g, s := &r.plan.Guards, &r.state
	if s.Phase != PhaseProgressing && (g.OnTrip == Hold || s.Verdict != nil && s.Verdict.Guard) {
		return Verdict{}, false // held already for what a guard would say
	}
	if s.Touched.IsZero() || s.Overruled {
		return Verdict{}, false
	}
	if c, w, err := r.lookAtAll(ctx, now); err == nil && w.watches() {
		if v, tripped := g.ailing(c, w); tripped {
			return v, true
		}
	}
	if s.GuardsFrom.IsZero() {
		return Verdict{}, false
	}
	return r.guardTraffic(ctx, now)
}

// guardTraffic asks the guards on errors and latency.
func (r *Runner) guardTraffic(ctx context.Context, now time.Time) (Verdict, bool) {
	g := &r.plan.Guards
	span := r.guardSpan(now, g.ErrorRateWindow)
	q := Question{From: span.from, To: now, Candidate: WantCounts | WantSlower}
	slow := r.slowBound(ctx, now)
	together := slow > 0 && g.LatencyWindow == g.ErrorRateWindow
	if together {
		q.Bounds = r.only(slow)
	}
	var answer Answer // on the stack, which costs less than the runner's own
	a := &answer
	if g.MaxErrorRate > 0 || together {
		if r.measure(ctx, &q, a) != nil {
			return Verdict{}, false
		}
		if v, tripped := r.guardErrors(ctx, a, &q, span.alpha); tripped {
			return v, true
		}
	}
	if slow <= 0 {
		return Verdict{}, false
	}
	if !together {
		span = r.guardSpan(now, g.LatencyWindow)
		q.From, q.Bounds = span.from, r.only(slow)
		if r.measure(ctx, &q, a) != nil {
			return Verdict{}, false
		}
	}
	return r.guardLatency(ctx, a, &q, span.alpha)
}

// guardErrors judges the errors of q. Only an alarm has counted what is dear, which decides:
// whose requests they were, and how unlike minutes are.
func (r *Runner) guardErrors(ctx context.Context, a *Answer, q *Question, alpha float64) (Verdict, bool) {
	g, window := &r.plan.Guards, q.To.Sub(q.From)
	allow := allowance{1, doubtOf(r.suspectedNoise(), minutesIn(window)), alpha}
	v, tripped := g.errors(&a.Candidate, window, allow)
	if !tripped {
		return v, false
	}
	e := Evidence{Window: window, Noise: r.noise(ctx)}
	e.reckon(r.expected(ctx, *q))
	if allow.mix = e.mix(); e.Expected == nil {
		allow.mix = r.guardMix(q.From)
	}
	allow.doubt = e.doubt()
	if v, tripped = g.errors(&a.Candidate, window, allow); !tripped {
		return v, false
	}
	v.holdIf(a.Extrapolated)
	return r.toldOf(ctx, v, *q), true
}

// slowBound is what the guard on latency counts against, in ms: so many times the
// baseline's percentile, that of the time before the rollout, or of the concurrent
// baseline where that had too little traffic, rounded up to what the fleet counts
// against. 0: the guard has nothing to say. Where the candidate takes all traffic there is
// nothing to compare with: the gates' absolute caps decide.
func (r *Runner) slowBound(ctx context.Context, now time.Time) float64 {
	g, s := &r.plan.Guards, &r.state
	if share := r.stageShare(); g.MaxLatencyP99Ratio <= 0 || share <= 0 || share >= 100 || s.GuardsFrom.IsZero() {
		return 0
	}
	if r.memo.before != s.Before {
		r.memo.before, r.memo.usual = s.Before, s.Before.p99()
	}
	p99 := r.memo.usual
	if !(p99 > 0) {
		p99 = r.baselineP99(ctx, later(now.Add(-g.LatencyWindow), s.GuardsFrom), now)
	}
	return r.boundOver(p99)
}

// boundOver is the bound of the guard on latency over a percentile of the baseline; 0
// where there is none.
func (r *Runner) boundOver(p99 float64) float64 {
	bound, ok := boundAbove(r.plan.Pace.LatencyBounds, p99*r.plan.Guards.MaxLatencyP99Ratio)
	if !ok || !(p99 > 0) {
		return 0
	}
	return bound
}

// only is a list of one bound, which stays the same from look to look.
func (r *Runner) only(bound float64) []float64 {
	if len(r.memo.slow) != 1 || r.memo.slow[0] != bound {
		r.memo.slow = []float64{bound}
	}
	return r.memo.slow
}

// stageShare is the share of the traffic that the stage gives the candidate.
func (r *Runner) stageShare() float64 { return r.plan.Stages[r.state.Stage].Exposure.Share }

// guardLatency judges what was measured against a bound. Reading a percentile is dear,
// so only an alarm has the concurrent baseline's read, which then decides.
func (r *Runner) guardLatency(ctx context.Context, a *Answer, q *Question, alpha float64) (Verdict, bool) {
	v, tripped := r.slowVerdict(a, q, r.suspectedNoise(), alpha)
	if !tripped {
		return v, false
	}
	if bound := r.boundOver(r.baselineP99(ctx, q.From, q.To)); bound > 0 && bound != q.Bounds[0] {
		q.Bounds = []float64{bound}
		if r.measure(ctx, q, a) != nil {
			return Verdict{}, false
		}
	}
	if v, tripped = r.slowVerdict(a, q, r.noise(ctx), alpha); !tripped {
		return v, false
	}
	v.holdIf(a.Extrapolated)
	return r.toldOf(ctx, v, *q), true
}

// slowVerdict judges what was measured against the only bound of q.
func (r *Runner) slowVerdict(a *Answer, q *Question, noise, alpha float64) (Verdict, bool) {
	m := &a.Candidate
	if len(m.Slower) != 1 {
		return Verdict{}, false
	}
	g, bound, window := &r.plan.Guards, q.Bounds[0], q.To.Sub(q.From)
	return g.latency(m, bound/g.MaxLatencyP99Ratio, bound, m.Slower[0], window, allowance{1, doubtOf(noise, minutesIn(window)), alpha})
}

// toldOf adds to a guard's word whom it is about: q is what the guard asked. A meter
// that cannot say leaves it as it is.
func (r *Runner) toldOf(ctx context.Context, v Verdict, q Question) Verdict {
	q.Candidate |= WantTenants
	var a Answer
	if r.measure(ctx, &q, &a) == nil {
		v.Tenants, v.Worst = a.Candidate.Tenants, a.Candidate.Worst
	}
	return v
}

// baselineP99 reads the concurrent baseline's 99th percentile; 0 where it has too
// few requests.
func (r *Runner) baselineP99(ctx context.Context, from, now time.Time) float64 {
	q := Question{From: from, To: now, Baseline: WantCounts | WantHistogram}
	var a Answer
	if r.measure(ctx, &q, &a) != nil {
		return 0
	}
	return a.Baseline.p99()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
