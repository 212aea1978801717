package simulator

import (
	"maps"
	"slices"
)

// notes are the faults and behaviours that took effect.
type notes struct {
	faults     []bool // by the fault's position; nil: none struck
	behaviours map[string]bool
}

// note remembers that a behaviour showed.
func (w *World) note(behaviour string) {
	if w.noted.behaviours == nil {
		w.noted.behaviours = map[string]bool{}
	}
	w.noted.behaviours[behaviour] = true
}

// fired remembers that fault i struck.
func (w *World) fired(i int) {
	if w.noted.faults == nil {
		w.noted.faults = make([]bool, len(w.cfg.Faults))
	}
	w.noted.faults[i] = true
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
	if w.traffic.Overloaded() {
		w.note("overload")
	}
	all := maps.Clone(w.noted.behaviours)
	if all == nil {
		all = map[string]bool{}
	}
	for i := range w.noted.faults {
		if w.noted.faults[i] {
			all[string(w.cfg.Faults[i].Kind)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Struck says which faults took effect since the world was made or loaded, by their
// position in the configuration.
func (w *World) Struck() []bool {
	struck := make([]bool, len(w.cfg.Faults))
	copy(struck, w.noted.faults)
	return struck
}
