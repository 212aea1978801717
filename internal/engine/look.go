package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// staleAfter is how old the newest sample may be before it counts as no data.
const staleAfter = time.Minute

// look measures and says what follows. found is false where nothing does, or where
// ctx was done before all was seen.
func (r *Runner) look(ctx context.Context, m Move, now time.Time) (e Event, found bool) {
	back := r.state.Phase == PhaseRollingBack
	if !back && !r.state.pastReturn(&r.plan) {
		if v, tripped := r.guard(ctx, now); tripped && ctx.Err() == nil {
			v.Harm = r.plan.Spec.Strategy == ABTesting
			return r.exposed(Event{Kind: Judged, Verdict: &v}), true
		}
	}
	switch {
	case r.state.Phase == PhaseHeld || r.state.Phase == PhasePaused:
		return Event{}, false
	case r.state.Step == StepSettle:
		e, found = r.lookSettle(ctx, m, now)
	default:
		e, found = r.lookBake(ctx, m, now)
	}
	return r.exposed(e), found && ctx.Err() == nil
}

// exposed notes in e what the candidate reached at the last look.
func (r *Runner) exposed(e Event) Event {
	seen := r.seen
	e.Exposed = &seen
	return e
}

func (r *Runner) measure(ctx context.Context, s Scope) (Measurement, error) {
	s.Rollout, s.Plan = r.plan.Rollout, &r.plan
	m, err := r.fleet.Measure(ctx, s)
	if err == nil && s.Arm == CandidateArm {
		r.seen = m.Exposed
	}
	return m, err
}

// lookSettle asks whether the stage's changes are in effect and what they touched
// is ready.
func (r *Runner) lookSettle(ctx context.Context, m Move, now time.Time) (Event, bool) {
	back := r.state.Phase == PhaseRollingBack
	got, err := r.measure(ctx, Scope{Arm: CandidateArm, From: now, To: now, Watch: r.watchStage()})
	late := !now.Before(m.Deadline)
	if err != nil {
		return Event{Kind: RanOut, Error: fmt.Sprintf("not settled within %s: the fleet cannot be read: %v", r.settle(m), err)}, late
	}
	waiting := r.waitingFor(got, back)
	switch {
	case len(got.Broken) > 0:
		e := Event{Kind: Failed}
		var why []string
		for _, b := range got.Broken {
			e.Targets = append(e.Targets, b.Target)
			why = append(why, b.Target+": "+b.Reason)
		}
		e.Error = strings.Join(why, "; ")
		return e, true
	case got.Pending == 0 && (len(waiting) == 0 || late && len(waiting) <= healthBudget(got.Watched)):
		return Event{Kind: r.settledKind(), Targets: waiting}, true
	default:
		what := strings.Join(waiting, ", ")
		if what == "" {
			what = plural(int64(got.Pending), "change")
		}
		return Event{Kind: RanOut, Targets: waiting, Error: fmt.Sprintf("not settled within %s: waiting for %s", r.settle(m), what)}, late
	}
}

func (r *Runner) settle(m Move) string { return spoken(m.Deadline.Sub(r.state.StageBegan)) }

func (r *Runner) settledKind() EventKind {
	if r.state.Phase == PhaseRollingBack {
		return Reverted
	}
	return Settled
}

// waitingFor lists the watched instances that are not ready. On the way back those
// that were not ready before the rollout are nobody's to wait for.
func (r *Runner) waitingFor(m Measurement, back bool) []string {
	var waiting []string
	for _, a := range m.Ailing {
		if !a.Ready && !(back && r.wasUnready(a.Instance)) {
			waiting = append(waiting, a.Instance)
		}
	}
	return waiting
}

func (r *Runner) wasUnready(instance string) bool {
	return slices.ContainsFunc(r.plan.Instances, func(i PlanInstance) bool { return i.ID == instance && !i.Ready })
}

// lookBake judges the bake so far.
func (r *Runner) lookBake(ctx context.Context, m Move, now time.Time) (Event, bool) {
	s, stage := &r.state, &r.plan.Stages[r.state.Stage]
	over, last := !now.Before(s.BakeEnds), !now.Before(m.Deadline)
	if stage.Gate.IsZero() {
		return Event{Kind: Judged, Verdict: &Verdict{Result: Pass, Reason: "no gate", Window: now.Sub(s.BakeBegan)}}, over
	}
	evidence := r.evidence(ctx, stage.Gate, now, over || last)
	blind := stage.Gate.MinRequests > 0 && len(stage.Gate.Checks) > 0 && now.Sub(newest(s.BakeBegan, evidence.Candidate)) > staleAfter
	switch wasBlind := !s.BlindSince.IsZero(); {
	case blind && !wasBlind:
		return Event{Kind: Blinded, Until: newest(s.BakeBegan, evidence.Candidate)}, true
	case !blind && wasBlind:
		return Event{Kind: Sighted}, true
	}
	evidence.End = over && !blind || last
	v := r.judge.Judge(stage.Gate, evidence)
	if v.Result == Fail && !(over || last) { // the numbers to show, which cost more
		shown := r.evidence(ctx, stage.Gate, now, true)
		v = r.judge.Judge(stage.Gate, shown)
	}
	switch {
	case v.Result == Fail:
	case blind && last:
		v.Result, v.Reason = Inconclusive, "no samples since "+s.BlindSince.UTC().Format(time.RFC3339)
	case !evidence.End:
		return Event{}, false
	case v.Result == Inconclusive && !last:
		return Event{Kind: Extended, Until: m.Deadline, Error: v.Reason}, !s.Extended
	}
	return Event{Kind: Judged, Verdict: &v}, true
}

func newest(least time.Time, m Measurement) time.Time {
	if m.Newest.After(least) {
		return m.Newest
	}
	return least
}

// evidence measures the bake so far; grid asks for what shows percentiles. A fleet
// that cannot be read is no data.
func (r *Runner) evidence(ctx context.Context, g Gate, now time.Time, grid bool) Evidence {
	s := &r.state
	e := Evidence{Bounds: g.bounds(grid), Before: s.Before, Window: now.Sub(s.BakeBegan), Prior: r.prior()}
	scope := Scope{Arm: CandidateArm, From: s.BakeBegan, To: now, Bounds: e.Bounds, Watch: r.watchAll(), CountsOnly: !grid && g.countsOnly()}
	if m, err := r.measure(ctx, scope); err == nil {
		e.Candidate = m
	}
	if g.Compare != nil && grid || g.Mode == Sequential {
		baseline := scope
		if baseline.Arm = BaselineArm; g.Compare == nil { // its rate of errors is all that is compared
			baseline.Bounds, baseline.CountsOnly = nil, true
		}
		if m, err := r.measure(ctx, baseline); err == nil {
			e.Baseline = m
		}
	}
	if g.Mode == Sequential && grid {
		r.byTenant(ctx, g, &e, scope, !now.Before(s.BakeEnds))
	}
	return e
}

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
	m, err := r.measure(ctx, Scope{Arm: BaselineArm, From: from, To: now, Bounds: LatencyGrid(), CountsOnly: true})
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

// watchStage are the instances that the stage changes.
func (r *Runner) watchStage() Watch {
	stage := r.state.stage(&r.plan)
	w := Watch{Instances: stage.Touched}
	for _, c := range r.state.changes(&r.plan) {
		switch c.Kind {
		case Provision:
			w.Slot = c.Slot
		case Replace, Remove:
			w.Named = append(w.Named, c.Named...)
		}
	}
	return w
}

// watchAll are all instances that stages which have settled changed.
func (r *Runner) watchAll() Watch {
	settled := r.state.Stage
	if r.state.Step == StepBake {
		settled++
	}
	var w Watch
	for _, stage := range r.plan.Stages[:min(settled, len(r.plan.Stages))] {
		w.Instances.To = max(w.Instances.To, stage.Touched.To)
		for _, c := range stage.Changes {
			if c.Kind == Provision {
				w.Slot = c.Slot
			}
		}
	}
	return w
}

// notReady looks, before traffic is moved to the candidate, whether it can be taken
// (promise 10): what was ready when its stage settled may have died while a person
// was waited for. nil: it can. An event without a kind: wait and look again.
func (r *Runner) notReady(ctx context.Context, m Move, now time.Time) *Event {
	shift := m.Change.Kind == Shift
	if r.state.Phase == PhaseRollingBack || !shift && m.Change.Kind != Pin && m.Change.Kind != Activate {
		return nil
	}
	watch := r.watchAll()
	if watch.Slot == "" && watch.Instances.Len() == 0 {
		return nil // it was there before the rollout
	}
	got, err := r.measure(ctx, Scope{Arm: CandidateArm, From: now, To: now, Watch: watch})
	switch {
	case err == nil && got.Ready > 0 && !(shift && got.unwell()):
		return nil
	case now.Before(m.Deadline) || ctx.Err() != nil:
		return &Event{}
	case err != nil:
		return &Event{Kind: RanOut, Error: fmt.Sprintf("the fleet cannot be read, and moves no traffic unseen: %v", err)}
	default:
		return &Event{Kind: RanOut, Error: fmt.Sprintf("%s: %d of %d instances are ready to take traffic", m.Change, got.Ready, got.Watched)}
	}
}
