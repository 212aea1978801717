package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"
)

// attend tells others that the rollout is walked from here, until after the next step. To
// be told that somebody else walks it ends the walk; not to get through does not.
func (w *walk) attend(ctx context.Context, wake time.Time) {
	if w.attends.Tell == nil {
		w.attends.Tell = func(ctx context.Context, until time.Time) error {
			return w.world.Attend(ctx, w.rollout.Plan().Rollout, until)
		}
	}
	err := w.attends.Renew(ctx, w.world.Now(), wake)
	if errors.As(err, new(*attendedError)) {
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
