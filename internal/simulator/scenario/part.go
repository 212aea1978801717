package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Part is a fault, a signal, a crash or a conditional behaviour of a scenario, in a run.
type Part struct {
	Path string // as faults[0]
	What string // the kind of fault; the word, and when it was to be said; the call; the behaviour
	// TookEffect says whether the fault struck, the signal was taken, the crash came, or
	// the behaviour showed.
	TookEffect bool
	refused    bool // the signal was given, and never taken
}

// String says what became of p.
func (p Part) String() string {
	if p.refused {
		return fmt.Sprintf("%s (%s) was refused", p.Path, p.What)
	}
	verb := map[byte]string{'f': "never struck", 's': "was never given", 'c': "never came", 'v': "never showed"}[p.Path[0]]
	if p.TookEffect {
		verb = strings.Replace(verb, "never ", "", 1)
	}
	return fmt.Sprintf("%s (%s) %s", p.Path, p.What, verb)
}

// effects counts the parts of s.
func (s *Scenario) effects() int {
	n := len(s.Faults) + len(s.Signals) + len(s.Crashes)
	for _, v := range s.Versions {
		n += len(v.conditional())
	}
	return n
}

// Idle are the parts that took no effect.
func (r *Result) Idle() []Part {
	var idle []Part
	for _, p := range r.Parts {
		if !p.TookEffect {
			idle = append(idle, p)
		}
	}
	return idle
}

// strikes adds what struck in the world so far, which no save remembers.
func (r *rollout) strikes() {
	if r.struck == nil {
		r.struck, r.fired = make([]bool, len(r.s.Faults)), map[string]bool{}
	}
	for i, struck := range r.world.Struck() {
		r.struck[i] = r.struck[i] || struck
	}
	for _, what := range r.world.Fired() {
		r.fired[what] = true
	}
}

// parts says which parts of the scenario took effect.
func (r *rollout) parts() []Part {
	var parts []Part
	for _, name := range slices.Sorted(maps.Keys(r.s.Versions)) {
		for _, behaviour := range r.s.Versions[name].conditional() {
			parts = append(parts, Part{Path: fmt.Sprintf("versions[%q]", name), What: behaviour, TookEffect: r.fired[behaviour]})
		}
	}
	for i, f := range r.s.Faults {
		parts = append(parts, Part{Path: fmt.Sprintf("faults[%d]", i), What: string(f.Kind), TookEffect: r.struck[i]})
	}
	for i, sig := range r.s.Signals {
		parts = append(parts, Part{Path: fmt.Sprintf("signals[%d]", i), What: sig.String(), TookEffect: r.taken[i], refused: r.spoken[i] > 0 && !r.taken[i]})
	}
	for i, c := range r.s.Crashes {
		parts = append(parts, Part{Path: fmt.Sprintf("crashes[%d]", i), What: fmt.Sprintf("call %d", c.Call), TookEffect: c.Call <= r.calls})
	}
	return parts
}

// conditional lists the behaviours of v that show only now and then, in the words of
// [simulator.Conditional].
func (v Version) conditional() []string {
	var out []string
	for _, b := range []struct {
		what string
		has  bool
	}{
		{"cold", v.ColdSeconds > 0},
		{"install_failure", v.InstallFailureRate > 0},
		{"leak", v.LeakSeconds > 0},
		{"novelty", v.NoveltySeconds > 0},
		{"overload", v.OverloadAbove > 0},
		{"promoted", v.PromotedErrorRate > 0},
		{"smoke_failure", v.SmokeFailureRate > 0},
	} {
		if b.has {
			out = append(out, b.what)
		}
	}
	return out
}

// String is who says what, and when.
func (sig Signal) String() string {
	if sig.When != "" {
		return fmt.Sprintf("%s when %s", sig.Do, sig.When)
	}
	return fmt.Sprintf("%s at %s", sig.Do, short(time.Duration(sig.At)))
}
