package engine

import (
	"context"
	"time"
)

// guard asks the guards. They watch from the first change on, but only what has
// settled: an instance that is starting is the settle deadline's business.
func (r *Runner) guard(ctx context.Context, now time.Time) (Verdict, bool) {
	g, s := r.plan.Guards, &r.state
	if s.Phase != PhaseProgressing && (g.OnTrip == Hold || s.Verdict != nil && s.Verdict.Result != Pass) {
		return Verdict{}, false // held for its failed verdict already
	}
	if s.Touched.IsZero() || s.Step == StepSettle && s.Stage == 0 {
		return Verdict{}, false
	}
	from := later(now.Add(-g.ErrorRateWindow), s.GuardsFrom)
	scope := Scope{Arm: CandidateArm, From: from, To: now, Watch: r.watchAll(), CountsOnly: true}
	m, err := r.measure(ctx, scope)
	if err != nil {
		return Verdict{}, false
	}
	if v, tripped := g.ailing(m); tripped {
		return v, true
	}
	if s.GuardsFrom.IsZero() {
		return Verdict{}, false
	}
	if v, tripped := g.errors(m, now.Sub(from), r.prior()); tripped {
		return r.toldOf(ctx, v, scope), true
	}
	return r.guardLatency(ctx, now)
}

// guardLatency compares with the concurrent baseline, or with the time before the
// rollout where the baseline has too little traffic. Where the candidate takes all
// traffic there is nothing to compare with: the gates' absolute caps decide.
//
// Reading a percentile is dear, so the first look counts against the percentile
// before the rollout, and only an alarm has the concurrent one read.
func (r *Runner) guardLatency(ctx context.Context, now time.Time) (Verdict, bool) {
	g, s := r.plan.Guards, &r.state
	if share := r.stageShare(); g.MaxLatencyP99Ratio <= 0 || share <= 0 || share >= 100 {
		return Verdict{}, false
	}
	from := later(now.Add(-g.LatencyWindow), s.GuardsFrom)
	p99 := s.Before.p99()
	if !(p99 > 0) {
		p99 = r.baselineP99(ctx, from, now)
	}
	v, tripped := r.latencyAbove(ctx, p99, from, now)
	if !tripped {
		return Verdict{}, false
	}
	if concurrent := r.baselineP99(ctx, from, now); concurrent > 0 && concurrent != p99 {
		return r.latencyAbove(ctx, concurrent, from, now)
	}
	return v, true
}

// stageShare is the share of the traffic that the stage gives the candidate.
func (r *Runner) stageShare() float64 { return r.plan.Stages[r.state.Stage].Exposure.Share }

// latencyAbove is the guard's word on the candidate against a baseline of p99 ms.
func (r *Runner) latencyAbove(ctx context.Context, p99 float64, from, now time.Time) (Verdict, bool) {
	bound := p99 * r.plan.Guards.MaxLatencyP99Ratio
	if !(bound > 0) {
		return Verdict{}, false
	}
	scope := Scope{Arm: CandidateArm, From: from, To: now, Bounds: []float64{bound}, CountsOnly: true}
	m, err := r.measure(ctx, scope)
	if err != nil || len(m.Slower) != 1 {
		return Verdict{}, false
	}
	v, tripped := r.plan.Guards.latency(m, p99, bound, m.Slower[0], now.Sub(from))
	if tripped {
		v = r.toldOf(ctx, v, scope)
	}
	return v, tripped
}

// toldOf adds to a guard's word whom it is about: scope is what the guard looked at.
// A fleet that cannot say leaves it as it is.
func (r *Runner) toldOf(ctx context.Context, v Verdict, scope Scope) Verdict {
	scope.CountsOnly = false
	if m, err := r.measure(ctx, scope); err == nil {
		v.Tenants, v.Worst = m.Tenants, m.Worst
	}
	return v
}

// baselineP99 reads the concurrent baseline's 99th percentile; 0 where it has too
// few requests.
func (r *Runner) baselineP99(ctx context.Context, from, now time.Time) float64 {
	m, err := r.measure(ctx, Scope{Arm: BaselineArm, From: from, To: now, Grid: true, CountsOnly: true})
	if err != nil {
		return 0
	}
	return m.p99()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
