package notify

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What is something that others are told.
type What string

// All that is told of a rollout.
const (
	Started     What = "started"      // it was asked for
	Stage       What = "stage"        // a stage began
	Held        What = "held"         // it waits for a person to decide
	Decided     What = "decided"      // a person did, or the time for it was over
	Paused      What = "paused"       // a person stopped its clock
	Resumed     What = "resumed"      // a person let it go on
	RollingBack What = "rolling_back" // its way back began
	RolledBack  What = "rolled_back"  // everything is as it was
	Retained    What = "retained"     // an A/B test kept A
	Succeeded   What = "succeeded"    // the new version serves everywhere
	Stuck       What = "stuck"        // it needs a person: neither forward nor back
	Unwatched   What = "unwatched"    // whoever walked it went away
)

// All lists them in the order in which they come.
func All() []What {
	return []What{Started, Stage, Held, Decided, Paused, Resumed, RollingBack, RolledBack, Retained, Succeeded, Stuck, Unwatched}
}

// Usual are what a sink of a kind is told that says nothing: a receiver of CDEvents wants to
// know what is deployed, all others when to look.
func Usual(k Kind) []What {
	if k == CDEvents {
		return []What{Held, Decided, RolledBack, Retained, Succeeded}
	}
	return slices.DeleteFunc(All(), func(w What) bool { return w == Stage })
}

// outcomes are what ends are told as.
var outcomes = map[engine.Outcome]What{
	engine.Succeeded: Succeeded, engine.RolledBack: RolledBack, engine.Retained: Retained, engine.Stuck: Stuck,
}

// signals are what is told of events that change no phase that is waited for.
var signals = map[engine.EventKind]What{
	engine.Paused: Paused, engine.Resumed: Resumed, engine.Left: Unwatched, engine.Began: Stage,
}

// of is what others are told of an event that brought a rollout from one state to another;
// "": nothing.
func of(was, is *engine.State, e *engine.Event) What {
	_, signal := signals[e.Kind]
	switch {
	case is.Outcome != "" && was.Outcome == "":
		return outcomes[is.Outcome]
	case is.Phase == engine.PhaseHeld && was.Phase != engine.PhaseHeld:
		return Held
	case was.Phase == engine.PhaseHeld && is.Phase != engine.PhaseHeld && e.Kind != engine.Judged: // a guard is no decision
		return Decided
	case is.Phase == engine.PhaseRollingBack && was.Phase != engine.PhaseRollingBack:
		return RollingBack
	case signal:
		return signals[e.Kind]
	default:
		return ""
	}
}
