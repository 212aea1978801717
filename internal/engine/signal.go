package engine

import "fmt"

// Signal is what somebody says to a rollout from outside.
type Signal struct {
	Kind EventKind // Paused, Resumed, Promoted, Aborted, or Left by whoever walked it
	By   string    // who
	// Cause is what led to it, for programs; Reason says it to people.
	Cause  Cause
	Reason string
	// Stage is the name of the stage that it is meant for: at another one it is refused with a
	// *StageError. "": whichever the rollout is at.
	Stage string
}

// StageError refuses a signal that is meant for another stage.
type StageError struct{ Is, Meant string }

// Error names both.
func (e *StageError) Error() string {
	return fmt.Sprintf("the rollout is at stage %q, and this is meant for %q", e.Is, e.Meant)
}

// Cause is what led to a signal.
type Cause string

// The causes. A signal without one is somebody's own.
const (
	CauseDecision  Cause = "decision"  // a decision that a configuration has
	CauseVersion   Cause = "version"   // a configuration asks for another version
	CauseDestroy   Cause = "destroy"   // what declared the deployment is destroyed
	CauseTimeout   Cause = "timeout"   // the time of whoever walked it was up
	CauseInterrupt Cause = "interrupt" // whoever walked it was interrupted
	CauseSilence   Cause = "silence"   // whoever walked it went away without a word
	CauseRetry     Cause = "retry"     // whoever walks it has new time, or tries again
)
