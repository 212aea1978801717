package engine

import (
	"context"
	"fmt"
	"time"
)

// look looks at the fleet and its traffic and says what follows. found is false where
// nothing does, or where ctx was done before all was seen.
func (r *Runner) look(ctx context.Context, m *Move, now time.Time) (e Event, found bool) {
	if r.state.Phase != PhaseRollingBack && !r.state.PastReturn(&r.plan) {
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
	case r.state.Step == StepBake:
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

// seen is what the last look showed.
type seen struct {
	known bool // somebody looked since the last change
	at    time.Time
	all   bool // at all that was touched, see watchAll
	of    Condition
}

// exposed notes in e what the candidate reached at the last look, unless the fleet was
// changed since and nobody could look.
func (r *Runner) exposed(e Event) Event {
	if r.seen.known {
		now := r.seen.of.Exposed
		e.Exposed = &now
	}
	return e
}

// lookAt asks the fleet how what is watched is. An answer that cannot be is none. It
// holds until the next one.
func (r *Runner) lookAt(ctx context.Context, w *Watch) (*Condition, error) {
	w.Rollout, w.Candidate = r.plan.Rollout, r.plan.Candidate
	w.AnyVersion, w.Targets = r.plan.Restores != "", r.targets()
	s := &r.seen
	s.all, s.at = false, time.Time{}
	var err error
	s.of, err = r.fleet.Look(ctx, *w)
	if err == nil {
		err = s.of.check(w)
	}
	if s.known = err == nil; err != nil {
		return nil, err // what was seen before may have changed
	}
	return &s.of, nil
}

// lookAtAll looks at all that was touched, once at a time. The watch is the runner's own.
func (r *Runner) lookAtAll(ctx context.Context, now time.Time) (*Condition, *Watch, error) {
	w := r.watchAll()
	if s := &r.seen; s.known && s.all && s.at.Equal(now) {
		return &s.of, w, nil
	}
	w.Failures = r.plan.Guards.ConsecutiveHealthFailures
	w.Since = later(now.Add(-r.plan.Guards.ErrorRateWindow), r.state.GuardsFrom)
	c, err := r.lookAt(ctx, w)
	r.seen.all, r.seen.at = true, now
	return c, w, err
}

// measure asks the meter. An answer that cannot be is none.
func (r *Runner) measure(ctx context.Context, q *Question, a *Answer) (err error) {
	q.Rollout, q.Version, q.Targets = r.plan.Rollout, r.plan.Candidate, r.targets()
	*a, err = r.meter.Measure(ctx, *q)
	if err == nil {
		err = a.check(q)
	}
	if err != nil {
		*a = Answer{}
		return err
	}
	a.Candidate.sane()
	a.Baseline.sane()
	return nil
}

// watchAll are all instances that stages which have settled changed. It is the runner's
// own, worked out once for each stage that settles.
func (r *Runner) watchAll() *Watch {
	settled := r.state.Stage
	if r.state.Step == StepBake {
		settled++
	}
	w := &r.memo.watch
	if r.memo.watchAt == settled+1 {
		return w
	}
	stages := r.plan.Stages[:min(settled, len(r.plan.Stages))]
	known := max(0, r.memo.watchAt-1) // stages that are in w already
	if known > len(stages) {
		known, *w = 0, Watch{}
	}
	r.memo.watchAt = settled + 1
	to := len(w.Instances)
	for i := known; i < len(stages); i++ {
		stage := &stages[i]
		to = max(to, stage.Touched.To)
		if slot, n := stage.provisions(); slot != "" {
			w.Slot, r.memo.inSlot = slot, n
		}
	}
	w.Instances = r.plan.Instances[:to]
	w.Except = r.behindIn(w.Instances)
	return w
}

// provisions is the slot that s prepares, with how many instances; "": none.
func (s *Stage) provisions() (slot string, n int) {
	for i := range s.Changes {
		if s.Changes[i].Kind == Provision {
			return s.Changes[i].Slot, s.Changes[i].Count
		}
	}
	return "", 0
}

// notReady looks, before traffic is moved to the candidate, whether it can be taken
// (promise 10): what was ready when its stage settled may have died while a person
// was waited for. nil: it can. An event without a kind: wait and look again.
func (r *Runner) notReady(ctx context.Context, m *Move, now time.Time) *Event {
	if r.state.Phase == PhaseRollingBack || !m.Change.movesTraffic() {
		return nil
	}
	watch := r.watchAll()
	if !watch.watches() {
		return nil // it was there before the rollout
	}
	got, err := r.lookAt(ctx, watch)
	switch {
	case err == nil && r.takes(&m.Change, got):
		return nil
	case now.Before(m.Deadline) || ctx.Err() != nil:
		return &Event{}
	case err != nil:
		return &Event{Kind: RanOut, Error: fmt.Sprintf("the fleet cannot be read, and moves no traffic unseen: %v", err)}
	default:
		return &Event{Kind: RanOut, Error: fmt.Sprintf("%s: %d of %d instances are ready to take traffic", m.Change, got.Ready, r.asked(&m.Change, got))}
	}
}

// movesTraffic says whether c brings somebody to another version.
func (c *Change) movesTraffic() bool { return c.Kind == Shift || c.Kind == Pin || c.Kind == Activate }

// takes says whether what was looked at can take the traffic that a change moves. A slot
// takes all of it at once, and so needs as many instances as were asked for.
func (r *Runner) takes(change *Change, got *Condition) bool {
	n := r.asked(change, got)
	return got.Ready > 0 && !(change.Kind == Shift && n-got.Ready > healthBudget(n))
}

// asked is how many instances the traffic of a change is meant for.
func (r *Runner) asked(change *Change, got *Condition) int {
	if change.Kind != Shift {
		return got.Watched
	}
	return max(got.Watched, r.memo.inSlot)
}
