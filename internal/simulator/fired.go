package simulator

import (
	"maps"
	"slices"
)

// notes are the faults and behaviours that took effect.
type notes map[string]bool

// note remembers that something took effect.
func (w *World) note(what string) {
	if w.noted == nil {
		w.noted = notes{}
	}
	w.noted[what] = true
}

// Conditional lists the behaviours that come only now and then, by the beginning of
// their settings' names: a version that has one need not have shown it.
func Conditional() []string {
	return []string{"cold", "install_failure", "leak", "novelty", "overload", "promoted", "smoke_failure"}
}

// Fired lists, sorted, the kinds of faults that took effect since the world was made
// or loaded, and which of [Conditional] did. A fault that is only due, or that finds
// nobody to strike, has not.
func (w *World) Fired() []string {
	if w.overloaded() {
		w.note("overload")
	}
	return slices.Sorted(maps.Keys(w.noted))
}

// overloaded says whether a version was ever to get more requests than it can take.
func (w *World) overloaded() bool {
	if !slices.ContainsFunc(w.Classes, func(c class) bool { return c.Above > 0 }) {
		return false
	}
	for i, seg := range w.Segments {
		if seg.Start == w.Time {
			continue // nobody was served so
		}
		co := w.cohortOf(int32(i))
		total, above := make([]float64, len(w.Names)), make([]float64, len(w.Names))
		for _, g := range co.groups {
			c := &w.Classes[g.class]
			total[c.Version] += float64(seg.Rate * g.weight / w.roster.total)
			above[c.Version] = max(above[c.Version], c.Above)
		}
		for version, rate := range total {
			if above[version] > 0 && rate > above[version] {
				return true
			}
		}
	}
	return false
}
