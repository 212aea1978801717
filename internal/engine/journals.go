package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Journals is the port to the memory of rollouts: one unfinished rollout per
// environment and plugin. Any number of callers may use it at a time, here and in
// other processes. A call whose ctx is done touches nothing.
type Journals interface {
	// Begin opens a new journal for p under p.Rollout. It is atomic: of any number of
	// calls at once for one environment and plugin exactly one begins. While another
	// rollout of these is unfinished it is refused, see [RefuseUnfinished], and so is the
	// id of another rollout, see [RolloutTakenError].
	Begin(ctx context.Context, p Plan) (Journal, error)
	// Open returns the journal of a rollout, or ErrNoJournal.
	Open(ctx context.Context, rollout string) (Journal, error)
	// List tells of the rollouts of an environment and plugin, newest first.
	List(ctx context.Context, e Environment, plugin string, f Filter) ([]RolloutHead, error)
}

// Filter says which rollouts are listed. The zero Filter lists all.
type Filter struct {
	Limit   int     // at most so many, the newest ones; 0: all
	Outcome Outcome // only those that ended so; "": any, ended or not
	Below   int64   // only ordinals below this one, to go on where a list ended; 0: from the newest
}

// Takes says whether h is one of those that f asks for, its limit left aside.
func (f Filter) Takes(h *RolloutHead) bool {
	return (f.Outcome == "" || h.Outcome == f.Outcome) && (f.Below == 0 || h.Ordinal < f.Below)
}

// Full says whether so many rollouts are as many as f asks for.
func (f Filter) Full(listed int) bool { return f.Limit > 0 && listed >= f.Limit }

// Journal is the append-only memory of one rollout.
type Journal interface {
	// Ordinal ranks the rollout among those of its environment and plugin: later ones
	// have greater ones. It is above 0, and never that of another rollout, not even of
	// one that was forgotten.
	Ordinal() int64
	// Plan reads the plan. It is shared, and not to be changed.
	Plan(ctx context.Context) (*Plan, error)
	// Events reads the events whose number is greater than after, from the first on
	// where it is -1. They are shared, and not to be changed. To ask when there are none
	// costs next to nothing.
	Events(ctx context.Context, after int64) ([]Event, error)
	// Append writes e as event number e.Seq, from 0, and h as what the rollout is with
	// it. It is refused with ErrConflict, see [RefuseOutOfTurn], when that number is taken
	// or not the next: somebody else has written. Any other error leaves open whether e
	// was written.
	Append(ctx context.Context, e Event, h RolloutHead) error
}

// Errors of the journals.
var (
	ErrConflict  = errors.New("another runner has written to the journal")
	ErrNoJournal = errors.New("there is no such rollout")
)

// UnfinishedError refuses a rollout while another one is unfinished.
type UnfinishedError struct {
	Rollout   string // the one in the way
	Candidate string
	Phase     Phase
	Stage     string
	Since     time.Time
}

// Error names the rollout in the way and where it is.
func (e *UnfinishedError) Error() string {
	text := fmt.Sprintf("rollout %s to %q is unfinished: it is %s at stage %q", e.Rollout, e.Candidate, e.Phase, e.Stage)
	if e.Since.IsZero() { // nothing happened yet
		return text
	}
	return text + ", begun " + e.Since.UTC().Format(time.RFC3339)
}

// RefuseUnfinished is the rule of [Journals] that one rollout ends before the next one
// of its environment and plugin begins. last is the one that began last; one that is
// stuck is unfinished. The error is an *UnfinishedError.
func RefuseUnfinished(last *RolloutHead) error {
	if !last.Unfinished() {
		return nil
	}
	return &UnfinishedError{Rollout: last.Rollout, Candidate: last.Candidate, Phase: last.Phase, Stage: last.Stage, Since: last.Began}
}

// RolloutTakenError refuses a rollout whose id another one has.
type RolloutTakenError struct{ Rollout string }

// Error names the id.
func (e *RolloutTakenError) Error() string {
	return fmt.Sprintf("there is a rollout %s already", e.Rollout)
}

// RefuseOutOfTurn is the rule of [Journal] that an event is written where it belongs:
// next is the number of the one that follows. The error is ErrConflict.
func RefuseOutOfTurn(e *Event, next int64) error {
	if e.Seq == next {
		return nil
	}
	return fmt.Errorf("event %d where %d is the next: %w", e.Seq, next, ErrConflict)
}

// BrokenJournalError says that a journal cannot be read. It closes no other: of the
// same environment and plugin none begins beside it, all others go on.
type BrokenJournalError struct {
	Where string // the file
	Line  int    // in it, from 1; 0: none in particular
	Err   error
}

// Error names the place.
func (e *BrokenJournalError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Where, e.Err)
	}
	return fmt.Sprintf("%s: line %d: %v", e.Where, e.Line, e.Err)
}

// Unwrap is what is wrong there.
func (e *BrokenJournalError) Unwrap() error { return e.Err }
