package engine

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// triesAgain says whether broken changes are made again. Forward, as many may stay broken
// as may be unready, once they were tried often enough; on the way back none may.
func (r *Runner) triesAgain(broken, budget int) bool {
	return r.state.Phase == PhaseRollingBack || broken > budget || r.state.Broke+1 < triesBroken
}

// mayLeave is how many more instances the rollout may go on without, whichever stages
// they broke in.
func (r *Runner) mayLeave() int {
	return healthBudget(max(len(r.plan.Instances), len(r.plan.Had))) - len(r.state.Behind)
}

// breakage are the changes that could not be carried out, without those that the rollout
// goes on without already.
type breakage struct {
	count int
	list  []Broken // of them
}

// newlyBroken is the breakage of a look. On the way back those that the rollout went on
// without count where the undo is about them, and they are not as they were before.
func (r *Runner) newlyBroken(ctx context.Context, got *Condition) breakage {
	b := breakage{got.BrokenCount, got.Broken}
	if len(r.state.Behind) == 0 {
		return b
	}
	b.list = slices.DeleteFunc(slices.Clone(got.Broken), func(x Broken) bool { return r.leftAlone(x.Target) })
	if r.state.Phase == PhaseRollingBack && slices.ContainsFunc(b.list, func(x Broken) bool { return slices.Contains(r.state.Behind, x.Target) }) {
		asBefore := r.behindAsBefore(ctx)
		b.list = slices.DeleteFunc(b.list, func(x Broken) bool { return asBefore[x.Target] })
	}
	b.count -= len(got.Broken) - len(b.list)
	return b
}

// behindAsBefore are those that the rollout went on without and that run what they ran
// before it: there is nothing to undo. None, where the fleet cannot say.
func (r *Runner) behindAsBefore(ctx context.Context) map[string]bool {
	found := map[string]bool{}
	behind := setOf(r.state.Behind)
	for i, err := range r.fleet.Instances(ctx) {
		if err != nil {
			return nil
		}
		if behind[i.ID] {
			found[i.ID] = i.Default != r.plan.Candidate && !slices.Contains(i.Installed, r.plan.Candidate)
		}
	}
	return found
}

// leftAlone says whether an instance is one that the rollout goes on without, and that the
// stage asks nothing of.
func (r *Runner) leftAlone(id string) bool {
	if !slices.Contains(r.state.Behind, id) {
		return false
	}
	if r.state.Phase != PhaseRollingBack {
		return true
	}
	return !slices.ContainsFunc(r.state.changes(&r.plan), func(c Change) bool {
		return slices.ContainsFunc(r.plan.Instances[c.Instances.From:c.Instances.To], func(i PlanInstance) bool { return i.ID == id })
	})
}

// event is that of changes that are made again.
func (b *breakage) event() Event {
	return Event{Kind: Failed, Targets: b.names(), Error: b.reasons()}
}

// reasons are why each is broken; those that are for one reason are named together, also where
// each says it of itself by its name.
func (b *breakage) reasons() string {
	var order []string
	named := map[string][]string{}
	said := map[string]string{} // by whoever is the only one
	equal := map[string]int{}
	for _, x := range b.list {
		equal[x.Reason]++
	}
	for _, x := range b.list {
		why := x.Reason
		if equal[why] == 1 {
			why = withoutName(why, x.Target)
		}
		if named[why] == nil {
			order, said[why] = append(order, why), x.Reason
		}
		if named[why] = append(named[why], x.Target); len(named[why]) > 1 {
			said[why] = why
		}
	}
	if len(order) == 1 { // so are those that nobody named, as far as anybody knows
		return namesAmong(b.names(), b.count) + ": " + said[order[0]]
	}
	each, told := make([]string, len(order)), 0
	for i, why := range order {
		if each[i] = Names(named[why]) + ": " + said[why]; i < mostNamed {
			told += len(named[why])
		}
	}
	return reasonsOf(each, min(len(each), mostNamed)+b.count-told)
}

// withoutName is a reason with dots where a target names itself.
func withoutName(reason, target string) string {
	if target == "" {
		return reason
	}
	var b strings.Builder
	for rest := reason; ; {
		at := strings.Index(rest, target)
		if at < 0 {
			return b.String() + rest
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:at])
		if at == 0 {
			before, _ = utf8.DecodeLastRuneInString(b.String())
		}
		after, _ := utf8.DecodeRuneInString(rest[at+len(target):])
		b.WriteString(rest[:at])
		if rest = rest[at+len(target):]; inName(before) || inName(after) { // it is part of another name
			b.WriteString(target)
		} else {
			b.WriteString("…")
		}
	}
}

// inName says whether a name of a target may go on with r.
func inName(r rune) bool {
	return r == '-' || r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// beyond says whether something else is broken than an instance of the watch: a slot or a
// switch of routes that failed is not gone on without, nor what nobody can name.
func (b *breakage) beyond(w *Watch, got *Condition) bool {
	return b.count > len(b.list) || slices.ContainsFunc(b.list, func(x Broken) bool {
		return !slices.ContainsFunc(w.Instances, func(i PlanInstance) bool { return i.ID == x.Target }) && !slices.Contains(w.Named, x.Target) &&
			!slices.ContainsFunc(got.Ailing, func(a Ailing) bool { return a.Instance == x.Target })
	})
}

func (b *breakage) names() (names []string) {
	for _, x := range b.list {
		names = append(names, x.Target)
	}
	return names
}
