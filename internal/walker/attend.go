package walker

import (
	"context"
	"time"
)

// How long others are told that a rollout is walked from here: past the next step, so that a
// process that dies is not waited for much longer than it would have slept.
const (
	attendedFor     = time.Minute
	longestAttended = time.Hour
)

// Attendance tells others, over and over, that a rollout is walked from here, so that they wait.
// It makes nothing safe: the numbers of events decide who writes.
type Attendance struct {
	// Tell tells them until when that holds.
	Tell func(ctx context.Context, until time.Time) error

	told time.Time // until when they know
}

// Renew tells others until after the next step, at wake, where they do not know that for long
// enough; a zero wake is none. The error is that of Tell: whoever is told that somebody else
// walks the rollout stops, and not to get through is no reason to.
func (a *Attendance) Renew(ctx context.Context, now, wake time.Time) error {
	if a.told.Sub(now) > attendedFor/2 && !a.told.Before(wake) {
		return nil
	}
	until := now.Add(attendedFor)
	if next := wake.Add(attendedFor); next.After(until) {
		until = next
	}
	if last := now.Add(longestAttended); until.After(last) {
		until = last
	}
	err := a.Tell(ctx, until)
	if err == nil {
		a.told = until
	}
	return err
}
