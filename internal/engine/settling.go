package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// lookSettle asks whether the stage's changes are in effect, and what they touched is
// there and ready.
func (r *Runner) lookSettle(ctx context.Context, m *Move, now time.Time) (Event, bool) {
	watch, wanted := r.watchStage()
	late := !now.Before(m.Deadline)
	got, err := r.lookAt(ctx, &watch)
	if err != nil {
		return Event{Kind: RanOut, Error: fmt.Sprintf("not settled within %s: the fleet cannot be read: %v", r.settle(m), err)}, late
	}
	budget := healthBudget(got.Watched)
	if got.BrokenCount > 0 && r.triesAgain(got.BrokenCount, budget) {
		return brokenEvent(got), true
	}
	short := r.shortfall(ctx, &watch, got, wanted)
	switch settled := got.Pending == 0 && (short.count == 0 || late && short.count <= budget); {
	case settled:
		return Event{Kind: r.settledKind(), Targets: r.waitedFor(&watch, got)}, true
	case !late:
		return Event{}, false
	}
	names := r.waitedFor(&watch, got)
	return Event{Kind: RanOut, Targets: names, Error: fmt.Sprintf("not settled within %s: waiting for %s", r.settle(m), r.waitingFor(got, &short, names))}, true
}

// triesAgain says whether broken changes are made again. Forward, as many may stay broken
// as may be unready, once they were tried often enough; on the way back none may.
func (r *Runner) triesAgain(broken, budget int) bool {
	return r.state.Phase == PhaseRollingBack || broken > budget || r.state.Broke+1 < triesBroken
}

// brokenEvent is the event of changes that could not be carried out.
func brokenEvent(got *Condition) Event {
	e := Event{Kind: Failed}
	var why []string
	for _, b := range got.Broken {
		e.Targets = append(e.Targets, b.Target)
		why = append(why, b.Target+": "+b.Reason)
	}
	e.Error = reasonsOf(why, got.BrokenCount)
	return e
}

// shortfall is what a stage that settles waits for.
type shortfall struct {
	count   int // of instances
	missing int // of them: asked for, and not there
}

// shortfall counts the instances that are not ready, whose new version was never seen to
// work, that could not be changed, or that are not there. On the way back what runs is not
// on trial.
func (r *Runner) shortfall(ctx context.Context, w *Watch, got *Condition, wanted int) shortfall {
	s := shortfall{count: got.Watched - got.Ready}
	if r.state.Phase != PhaseRollingBack {
		s.count += got.Unproven
	}
	if got.BrokenCount > 0 {
		s.count = max(s.count, len(r.waitedFor(w, got)), got.BrokenCount)
	}
	if wanted > got.Watched {
		s.missing = r.missing(ctx, w, wanted-got.Watched)
		s.count += s.missing
	}
	return s
}

// waitedFor lists those of a shortfall that are known by name.
func (r *Runner) waitedFor(w *Watch, got *Condition) (names []string) {
	back := r.state.Phase == PhaseRollingBack
	for i := range got.Ailing {
		if a := &got.Ailing[i]; !a.Ready || !back && w.Doubts(a) {
			names = append(names, a.Instance)
		}
	}
	for _, b := range got.Broken {
		if !slices.Contains(names, b.Target) { // of a hundred at most
			names = append(names, b.Target)
		}
	}
	return names
}

// missing counts what was asked for and is not there: of so many instances that a look
// did not find, those that the fleet still lists, or all, where it lists none or cannot
// say. Instances that have left do not hold a stage up. Those of a slot were asked for by
// their number, and are missed.
func (r *Runner) missing(ctx context.Context, w *Watch, n int) int {
	if w.Slot != "" {
		return n
	}
	there := map[string]bool{}
	for i, err := range r.fleet.Instances(ctx) {
		if err != nil {
			return n
		}
		there[i.ID] = true
	}
	if len(there) == 0 {
		return n
	}
	except := setOf(w.Except)
	gone := 0
	for i := range w.Instances {
		if id := w.Instances[i].ID; !there[id] && !except[id] {
			gone++
		}
	}
	for _, id := range w.Named {
		if !there[id] {
			gone++
		}
	}
	return max(0, n-gone)
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

// waitingFor says what a stage that did not settle waits for.
func (r *Runner) waitingFor(got *Condition, s *shortfall, names []string) string {
	what := namesAmong(names, s.count-s.missing)
	if got.Unproven > 0 && r.state.Phase != PhaseRollingBack {
		what += fmt.Sprintf(" (%d of %d without a good health probe of %s so far)", got.Unproven, got.Watched, versionOr(r.plan.Candidate))
	}
	if s.missing > 0 {
		if what != "" {
			what += ", and "
		}
		what += Plural(s.missing, "instance") + " that the fleet does not show"
	}
	if what == "" {
		what = Plural(got.Pending, "change")
	}
	return what
}

func (r *Runner) settle(m *Move) string { return Spoken(m.Deadline.Sub(r.state.StageBegan)) }

func (r *Runner) settledKind() EventKind {
	if r.state.Phase == PhaseRollingBack {
		return Reverted
	}
	return Settled
}

// watchStage are the instances that the stage changes, and how many those are. On the way
// back, those that were not ready before the rollout are nobody's to wait for.
func (r *Runner) watchStage() (w Watch, wanted int) {
	stage := r.state.stage(&r.plan)
	w.Instances = r.plan.Instances[stage.Touched.From:stage.Touched.To]
	if r.state.Phase == PhaseRollingBack {
		w.Except = r.unready(stage.Touched)
	}
	wanted = len(w.Instances) - len(w.Except)
	changes := r.state.changes(&r.plan)
	for i := range changes {
		switch c := &changes[i]; c.Kind {
		case Provision:
			w.Slot = c.Slot
			wanted += c.Count
		case Replace, Remove:
			w.Named = append(w.Named, c.Named...)
			wanted += len(c.Named)
		}
	}
	return w, wanted
}

// unready are the instances of a range that were not ready before the rollout.
func (r *Runner) unready(in Range) []string {
	if !r.memo.unreadyKnown || r.memo.unreadyIn != in {
		r.memo.unreadyKnown, r.memo.unreadyIn, r.memo.unready = true, in, nil
		for _, i := range r.plan.Instances[in.From:in.To] {
			if !i.Ready {
				r.memo.unready = append(r.memo.unready, i.ID)
			}
		}
	}
	return r.memo.unready
}
