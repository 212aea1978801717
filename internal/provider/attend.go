package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"
)

// How long others are told that a rollout is walked from here: past the next step, so that
// a process that dies is not waited for much longer than it would have slept.
const (
	attendedFor     = time.Minute
	longestAttended = time.Hour
)

// attend tells others that the rollout is walked from here, until after the next step. To
// be told that somebody else walks it ends the walk; not to get through does not: the
// numbers of events decide who writes.
func (w *walk) attend(ctx context.Context, wake time.Time) {
	now := w.world.Now()
	until := now.Add(attendedFor)
	if next := wake.Add(attendedFor); next.After(until) {
		until = next
	}
	if last := now.Add(longestAttended); until.After(last) {
		until = last
	}
	if w.attended.Sub(now) > attendedFor/2 && !w.attended.Before(wake) {
		return
	}
	var other *attendedError
	switch err := w.world.Attend(ctx, w.rollout.Plan().Rollout, until); {
	case err == nil:
		w.attended = until
	case errors.As(err, &other):
		w.usurped = err
	}
}

// jitter shortens a wait by up to a half, so that many who were refused at once do not come
// again at once.
func jitter(d time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(max(1, d/2))))
	if err != nil {
		return d
	}
	return d - time.Duration(n.Int64())
}
