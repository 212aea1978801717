package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// staleAfter is how old the newest sample may be before it counts as no data.
const staleAfter = time.Minute

// look measures and says what follows. found is false where nothing does, or where
// ctx was done before all was seen.
func (r *Runner) look(ctx context.Context, m Move, now time.Time) (e Event, found bool) {
	back := r.state.Phase == PhaseRollingBack
	if !back && !r.state.PastReturn(&r.plan) {
		if v, tripped := r.guard(ctx, now); tripped && ctx.Err() == nil {
			v.Harm = r.plan.Spec.Strategy == ABTesting
			return r.exposed(judgedAs(v)), true
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
	if !found || ctx.Err() != nil {
		return Event{}, false
	}
	return r.exposed(e), true
}

// judgedAs is the event of a verdict. It is apart so that a look that comes to nothing
// allocates nothing.
func judgedAs(v Verdict) Event { return Event{Kind: Judged, Verdict: &v} }

// seen is what looks show of the candidate's reach.
type seen struct {
	known bool     // somebody looked since the last change
	now   Exposure // by the last look
}

// exposed notes in e what the candidate reached at the last look, unless the fleet was
// changed since and nobody could look.
func (r *Runner) exposed(e Event) Event {
	if r.seen.known {
		now := r.seen.now
		e.Exposed = &now
	}
	return e
}

func (r *Runner) measure(ctx context.Context, s Scope) (m Measurement, err error) {
	err = r.measureInto(ctx, &s, &m)
	return m, err
}

// measureInto is measure for looks: a measurement is large, and most of them come to
// nothing, so that copying it would be much of what they cost.
func (r *Runner) measureInto(ctx context.Context, s *Scope, m *Measurement) (err error) {
	s.Rollout, s.Plan = r.plan.Rollout, &r.plan
	*m, err = r.fleet.Measure(ctx, *s)
	switch {
	case err != nil:
		r.seen.known = false // what was seen before may have changed
	case s.Arm == CandidateArm:
		r.seen = seen{true, m.Exposed}
	}
	return err
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
		e.Error = Reasons(why)
		return e, true
	case got.Pending == 0 && (len(waiting) == 0 || late && len(waiting) <= healthBudget(got.Watched)):
		return Event{Kind: r.settledKind(), Targets: waiting}, true
	default:
		what := Names(waiting)
		if n := unproven(&got); n > 0 && !back {
			what += fmt.Sprintf(" (%d of %d without a good health probe of %s so far)", n, got.Watched, versionOr(r.plan.Candidate))
		}
		if what == "" {
			what = Plural(got.Pending, "change")
		}
		return Event{Kind: RanOut, Targets: waiting, Error: fmt.Sprintf("not settled within %s: waiting for %s", r.settle(m), what)}, late
	}
}

// unproven counts the ready instances whose new version was never seen to work.
func unproven(m *Measurement) (n int) {
	for _, a := range m.Ailing {
		if a.Ready && a.Unproven {
			n++
		}
	}
	return n
}

func (r *Runner) settle(m Move) string { return Spoken(m.Deadline.Sub(r.state.StageBegan)) }

func (r *Runner) settledKind() EventKind {
	if r.state.Phase == PhaseRollingBack {
		return Reverted
	}
	return Settled
}

// waitingFor lists the watched instances that are not ready, or whose new version was
// never seen to work. On the way back those that were not ready before the rollout are
// nobody's to wait for, and what ran before is not on trial.
func (r *Runner) waitingFor(m Measurement, back bool) []string {
	var waiting []string
	for _, a := range m.Ailing {
		switch {
		case back && (a.Ready || r.wasUnready(a.Instance)):
		case !a.Ready, a.Unproven && !r.othersFail(&a):
			waiting = append(waiting, a.Instance)
		}
	}
	return waiting
}

// othersFail says whether it is another version than the candidate whose probes fail on
// an instance: what runs there already, and is perhaps why the candidate is rolled out.
func (r *Runner) othersFail(a *Ailing) bool {
	return a.Version != "" && a.Version != r.plan.Candidate && r.plan.Restores == ""
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
	evidence := r.evidence(ctx, &stage.Gate, now, over || last, false)
	blind := stage.Gate.MinRequests > 0 && len(stage.Gate.Checks) > 0 && now.Sub(newest(s.BakeBegan, &evidence.Candidate)) > staleAfter
	switch wasBlind := !s.BlindSince.IsZero(); {
	case blind && !wasBlind:
		return Event{Kind: Blinded, Until: newest(s.BakeBegan, &evidence.Candidate)}, true
	case !blind && wasBlind:
		return Event{Kind: Sighted}, true
	}
	end := over && !blind || last
	evidence.End = end
	v := r.judge.Judge(&stage.Gate, evidence)
	if g := &stage.Gate; v.Result == Fail && (!end || g.Mode == Sequential && g.Compare == nil) {
		// The numbers to show, which cost more, and what each tenant should have had.
		evidence = r.evidence(ctx, g, now, true, true)
		evidence.End = end
		v = r.judge.Judge(g, evidence)
	}
	switch {
	case v.Result == Fail:
	case blind && last:
		v.Result, v.Reason = Inconclusive, "no samples since "+s.BlindSince.UTC().Format(time.RFC3339)
	case !end:
		return Event{}, false
	case v.Result == Inconclusive && !last:
		return Event{Kind: Extended, Until: m.Deadline, Error: v.Reason}, !s.Extended
	}
	return judgedAs(v), true
}

func newest(least time.Time, m *Measurement) time.Time {
	if m.Newest.After(least) {
		return m.Newest
	}
	return least
}

// evidence measures the bake so far; shown asks for what a verdict shows, and tenants
// for what only counts by tenant show, which an A/B test that is over always needs. A
// fleet that cannot be read is no data. The evidence holds until it is measured again.
func (r *Runner) evidence(ctx context.Context, g *Gate, now time.Time, shown, tenants bool) *Evidence {
	s := &r.state
	e := &r.memo.evidence
	e.Bounds, e.Before, e.Prior, e.Expected, e.Pairs = r.boundsOf(g), s.Before, r.prior(), nil, nil
	e.Window, e.End = now.Sub(s.BakeBegan), false
	scope := Scope{Arm: CandidateArm, From: s.BakeBegan, To: now, Bounds: e.Bounds, Grid: shown && g.showsPercentiles(), CountsOnly: g.countsOnly(shown), Tenants: shown && (tenants || g.MinTenants > 0) || g.asksForTenants()}
	if shown {
		scope.Watch = r.watchAll()
	}
	compares := g.Compare != nil && shown
	scope.Control = g.Mode == Sequential && !compares // the rate of errors is all that is compared
	if r.measureInto(ctx, &scope, &e.Candidate) != nil {
		e.Candidate = Measurement{}
	}
	if !compares {
		e.Baseline = Measurement{Requests: e.Candidate.Control.Requests, Errors: e.Candidate.Control.Errors}
	} else {
		baseline := scope
		baseline.Arm = BaselineArm
		if r.measureInto(ctx, &baseline, &e.Baseline) != nil {
			e.Baseline = Measurement{}
		}
	}
	if g.Mode == Sequential && shown && (tenants || g.Compare != nil) {
		r.byTenant(ctx, g, e, scope, !now.Before(s.BakeEnds))
	}
	return e
}

// boundsOf is g.bounds, worked out once for a stage.
func (r *Runner) boundsOf(g *Gate) []float64 {
	if r.memo.boundsAt != r.state.Stage+1 {
		r.memo.boundsAt, r.memo.bounds = r.state.Stage+1, g.bounds()
	}
	return r.memo.bounds
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
