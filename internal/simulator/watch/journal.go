package watch

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// allow works out, from the events alone and not from the machine's state, which
// changes the fleet may hear of and which stages are left to undo.
func (x *Watcher) allow(e engine.Event) {
	if x.late = nil; x.beside {
		x.late = x.allowed
	}
	switch e.Kind {
	case engine.Began:
		x.begun = append(x.begun, e.Stage)
		x.allowed = x.plan.Stages[e.Stage].Changes
	case engine.Reverting:
		x.allowed = x.plan.Stages[e.Stage].Undo
	case engine.Surveyed:
		x.allowed = nil
		if len(e.Targets) > 0 {
			x.allowed = []engine.Change{x.broughtAlong(e.Targets)}
		}
	case engine.Finished:
		x.allowed = nil
	default:
		if x.state.Phase == engine.PhaseRollingBack && x.was != engine.PhaseRollingBack && x.was != engine.PhaseStuck {
			x.allowed = nil // nothing more of the way forward
		}
	}
}

// broughtAlong is what those who joined are asked for: the candidate on the way
// forward, the baseline on the way back.
func (x *Watcher) broughtAlong(named []string) engine.Change {
	c := engine.Change{Kind: engine.Replace, Version: x.plan.Candidate, Named: named}
	if x.state.Phase == engine.PhaseRollingBack {
		if c.Version = x.plan.Baseline; c.Version == "" {
			c.Kind, c.Version = engine.Remove, x.plan.Candidate
		}
	}
	return c
}

// journalFirst: the journal says a stage began before the fleet hears of it.
var journalFirst = checker{promise: 1, ordered: func(x *Watcher, o engine.Order) {
	if !slices.ContainsFunc(slices.Concat(x.allowed, x.late), func(c engine.Change) bool { return reflect.DeepEqual(c, o.Change) }) {
		x.violated(1, "the fleet hears of %q, which belongs to no stage that the journal says is under way", o.Change)
	}
}}

// wayBack: a rollback undoes every stage that began, in reverse, and nothing else.
var wayBack = checker{promise: 2, wrote: func(x *Watcher, e engine.Event) {
	switch e.Kind {
	case engine.Reverting:
		x.skipEmpty()
		if len(x.begun) == 0 || x.begun[len(x.begun)-1] != e.Stage {
			x.violated(2, "stage %d is undone, and those that began and are not undone are %v", e.Stage, x.begun)
		}
	case engine.Reverted:
		if e.Stage == len(x.plan.Stages) { // those who joined were brought back
			if x.skipEmpty(); len(x.begun) > 0 {
				x.violated(2, "those who joined are brought back before the stages %v", x.begun)
			}
			return
		}
		switch n := len(x.begun); {
		case n > 0 && x.begun[n-1] == e.Stage:
			x.begun = x.begun[:n-1]
		case n == 0 && e.Stage == len(x.plan.Stages) && len(x.state.Joined) > 0: // those who joined on the candidate
		default:
			x.violated(2, "stage %d is reported undone, and those that began are %v", e.Stage, x.begun)
		}
	case engine.Finished:
		x.skipEmpty()
		if e.Outcome != engine.Succeeded && len(x.begun) > 0 {
			x.violated(2, "%s, and the stages %v began and were not undone", e.Outcome, x.begun)
		}
	}
}}

// skipEmpty drops the last stages that have nothing to undo.
func (x *Watcher) skipEmpty() {
	for n := len(x.begun); n > 0 && len(x.plan.Stages[x.begun[n-1]].Undo) == 0; n-- {
		x.begun = x.begun[:n-1]
	}
}

// legal says, apart from the machine, in which phases each signal and each end may
// come; what is not in it may come while a rollout progresses or is rolled back.
var legal = map[engine.EventKind][]engine.Phase{
	engine.Paused:   {engine.PhaseProgressing},
	engine.Resumed:  {engine.PhasePaused, engine.PhaseHeld, engine.PhaseStuck},
	engine.Promoted: {engine.PhaseHeld},
	engine.Aborted:  {engine.PhaseProgressing, engine.PhaseHeld, engine.PhasePaused, engine.PhaseStuck},
	engine.Judged:   {engine.PhaseProgressing, engine.PhaseHeld, engine.PhasePaused},
	engine.RanOut:   {engine.PhaseProgressing, engine.PhaseHeld, engine.PhaseRollingBack},
	engine.Left:     {engine.PhaseProgressing, engine.PhaseHeld, engine.PhasePaused, engine.PhaseRollingBack},
}

// legalEvents: an event that is not allowed in a phase changes nothing and is
// refused before it is written. What the machine itself refuses, [Watcher.write]
// notes.
var legalEvents = checker{promise: 7, wrote: func(x *Watcher, e engine.Event) {
	phases, listed := legal[e.Kind]
	if !listed {
		phases = []engine.Phase{engine.PhaseProgressing, engine.PhaseRollingBack}
	}
	if !slices.Contains(phases, x.was) {
		x.violated(7, "event %d (%s) was written while the rollout was %s", e.Seq, e.Kind, x.was)
	}
}}

// sameFold: the same plan and the same events give the same state, byte for byte.
var sameFold = checker{promise: 8, ended: func(x *Watcher) {
	state, err := engine.Fold(x.plan, x.events)
	if err != nil {
		x.violated(8, "the events cannot be folded again: %v", err)
		return
	}
	if reflect.DeepEqual(state, x.state) { // as most are, which is quicker to see
		return
	}
	one, errOne := json.Marshal(state)
	two, errTwo := json.Marshal(x.state)
	if errOne != nil || errTwo != nil || !bytes.Equal(one, two) {
		x.violated(8, "the events give another state when they are folded again: %s, not %s", one, two)
	}
}}

// Holds checks promise 8 against the state of a runner that has walked the
// rollout: it must be that of the events.
func (x *Watcher) Holds(s engine.State) {
	one, errOne := json.Marshal(s)
	two, errTwo := json.Marshal(x.state)
	if errOne != nil || errTwo != nil || !bytes.Equal(one, two) {
		x.violated(8, "the runner's state is %s, and that of the events is %s", one, two)
	}
}
