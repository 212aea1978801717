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
	broken := r.newlyBroken(ctx, got)
	budget := healthBudget(got.Watched)
	switch {
	case broken.count > 0 && (r.triesAgain(broken.count, min(budget, r.mayLeave())) || broken.beyond(&watch, got)):
		return broken.event(), true
	case got.Pending > 0 && !late:
		return Event{}, false
	}
	short := r.shortfall(ctx, &watch, got, &broken, wanted, late)
	switch {
	case got.Pending == 0 && short.count == 0:
		return Event{Kind: r.settledKind()}, true
	case !late:
		return Event{}, false
	}
	return r.settleLate(&watch, got, &broken, &short, m), true
}

// settleLate says what follows at the deadline: the stage settles without a few, or has
// run out of time.
func (r *Runner) settleLate(w *Watch, got *Condition, broken *breakage, short *shortfall, m *Move) Event {
	names := r.waitedFor(w, got, broken)
	if short.count > healthBudget(got.Watched) || got.Pending > 0 && !r.leaves(got.Pending, short.count) {
		return Event{Kind: RanOut, Targets: names, Error: fmt.Sprintf("not settled within %s: waiting for %s", r.settle(m), r.waitingFor(got, short, names))}
	}
	e := Event{Kind: r.settledKind(), Targets: names, Behind: broken.names()}
	if got.Pending > 0 { // it is asked for nothing more
		e.Behind = names
	}
	return e
}

// leaves says whether so many pending changes are those of instances that a stage settles
// without, which are not ready, or were left behind before: one that is dead takes none. A slot that is not there yet
// or a switch under way is waited for.
func (r *Runner) leaves(pending, short int) bool {
	changes := r.state.changes(&r.plan)
	for i := range changes {
		switch changes[i].Kind {
		case Install, Replace, Activate, Remove, Pin, Unpin:
		default:
			return false
		}
	}
	return pending <= short+len(r.state.Behind) && (r.state.Phase == PhaseRollingBack || short <= r.mayLeave())
}

// shortfall is what a stage that settles waits for.
type shortfall struct {
	count   int // of instances
	missing int // of them: asked for, and not there
}

// shortfall counts the instances that are not ready, whose new version was never seen to
// work, that could not be changed, or that are not there. On the way back what runs is not
// on trial. Those that are not there are looked for where that decides: late, or where
// nothing else is waited for.
func (r *Runner) shortfall(ctx context.Context, w *Watch, got *Condition, broken *breakage, wanted int, late bool) shortfall {
	s := shortfall{count: got.Watched - got.Ready}
	if r.state.Phase != PhaseRollingBack {
		s.count += got.Unproven
	}
	if broken.count > 0 {
		s.count = max(s.count, len(r.waitedFor(w, got, broken)), broken.count)
	}
	if wanted > got.Watched && (late || s.count == 0) {
		s.missing = r.missing(ctx, w, wanted-got.Watched)
		s.count += s.missing
	}
	return s
}

// waitedFor lists those of a shortfall that are known by name.
func (r *Runner) waitedFor(w *Watch, got *Condition, broken *breakage) (names []string) {
	back := r.state.Phase == PhaseRollingBack
	for i := range got.Ailing {
		if a := &got.Ailing[i]; !a.Ready || !back && w.Doubts(a) {
			names = append(names, a.Instance)
		}
	}
	for _, b := range broken.list {
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
// back, those that were not ready before the rollout are nobody's to wait for, and forward
// those that the rollout goes on without.
func (r *Runner) watchStage() (w Watch, wanted int) {
	stage := r.state.stage(&r.plan)
	w.Instances = r.plan.Instances[stage.Touched.From:stage.Touched.To]
	if r.state.Phase == PhaseRollingBack {
		w.Except = r.unready(stage.Touched)
	}
	if behind := r.behindIn(w.Instances); len(behind) > 0 {
		w.Except = append(slices.Clip(w.Except), behind...)
	}
	wanted = len(w.Instances) - len(setOf(w.Except))
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

// behindIn are those of instances that the rollout goes on without.
func (r *Runner) behindIn(instances []PlanInstance) (ids []string) {
	if len(r.state.Behind) == 0 {
		return nil
	}
	for i := range instances {
		if r.leftAlone(instances[i].ID) {
			ids = append(ids, instances[i].ID)
		}
	}
	return ids
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
