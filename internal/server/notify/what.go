package notify

import "slices"

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
