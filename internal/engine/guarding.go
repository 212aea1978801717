package engine

import (
	"context"
	"time"
)

// guard asks the guards. They watch from the first change on, but only what has
// settled: an instance that is starting is the settle deadline's business.
func (r *Runner) guard(ctx context.Context, now time.Time) (Verdict, bool) {
	g, s := &r.plan.Guards, &r.state
	if s.Phase != PhaseProgressing && (g.OnTrip == Hold || s.Verdict != nil && s.Verdict.Guard) {
		return Verdict{}, false // held already for what a guard would say
	}
	if s.Touched.IsZero() || s.Step == StepSettle && s.Stage == 0 {
		return Verdict{}, false
	}
	from := later(now.Add(-g.ErrorRateWindow), s.GuardsFrom)
	scope := Scope{Arm: CandidateArm, From: from, To: now, Watch: r.watchAll(), CountsOnly: true}
	slow := r.slowBound(ctx, now)
	together := slow > 0 && g.LatencyWindow == g.ErrorRateWindow
	if together {
		scope.Bounds = r.only(slow)
	}
	var m Measurement
	if r.measureInto(ctx, &scope, &m) != nil {
		return Verdict{}, false
	}
	if v, tripped := g.ailing(&m, r.othersFail); tripped {
		return v, true
	}
	if s.GuardsFrom.IsZero() {
		return Verdict{}, false
	}
	if v, tripped := g.errors(&m, now.Sub(from), func() float64 { return r.guardMix(from) }); tripped {
		return r.toldOf(ctx, v, scope), true
	}
	if slow <= 0 {
		return Verdict{}, false
	}
	if !together {
		scope.From, scope.Bounds = later(now.Add(-g.LatencyWindow), s.GuardsFrom), r.only(slow)
		if r.measureInto(ctx, &scope, &m) != nil {
			return Verdict{}, false
		}
	}
	return r.guardLatency(ctx, &m, &scope)
}

// slowBound is what the guard on latency counts against, in ms: so many times the
// baseline's percentile, that of the time before the rollout, or of the concurrent
// baseline where that had too little traffic. 0: the guard has nothing to say. Where
// the candidate takes all traffic there is nothing to compare with: the gates' absolute
// caps decide.
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
	return p99 * g.MaxLatencyP99Ratio
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
func (r *Runner) guardLatency(ctx context.Context, m *Measurement, scope *Scope) (Verdict, bool) {
	v, tripped := r.slowVerdict(m, scope)
	if !tripped {
		return v, false
	}
	if p99 := r.baselineP99(ctx, scope.From, scope.To); p99 > 0 && p99*r.plan.Guards.MaxLatencyP99Ratio != scope.Bounds[0] {
		scope.Bounds = []float64{p99 * r.plan.Guards.MaxLatencyP99Ratio}
		if r.measureInto(ctx, scope, m) != nil {
			return Verdict{}, false
		}
		if v, tripped = r.slowVerdict(m, scope); !tripped {
			return v, false
		}
	}
	return r.toldOf(ctx, v, *scope), true
}

// slowVerdict judges what was measured against the only bound of scope.
func (r *Runner) slowVerdict(m *Measurement, scope *Scope) (Verdict, bool) {
	if len(m.Slower) != 1 {
		return Verdict{}, false
	}
	g, bound := &r.plan.Guards, scope.Bounds[0]
	return g.latency(m, bound/g.MaxLatencyP99Ratio, bound, m.Slower[0], scope.To.Sub(scope.From))
}

// toldOf adds to a guard's word whom it is about: scope is what the guard looked at.
// A fleet that cannot say leaves it as it is.
func (r *Runner) toldOf(ctx context.Context, v Verdict, scope Scope) Verdict {
	scope.Tenants = true
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
