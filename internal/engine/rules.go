package engine

import (
	"maps"
	"slices"
)

// Rule is a kind of event and a phase in which the machine takes it.
type Rule struct {
	Kind  EventKind
	Phase Phase
}

// String is the rule for people: "aborted while held".
func (r Rule) String() string { return string(r.Kind) + " while " + string(r.Phase) }

// Rules lists what the machine takes, sorted by kind: whoever looks for what was
// never tried asks here.
func Rules() []Rule {
	var out []Rule
	for _, kind := range EventKinds() {
		for _, phase := range rules[kind].phases {
			out = append(out, Rule{kind, phase})
		}
	}
	return out
}

// EventKinds lists every kind of event, sorted.
func EventKinds() []EventKind { return slices.Sorted(maps.Keys(rules)) }
