package client

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// How often, and how long, what may be sent again is tried.
const (
	mostTries   = 4
	mostWaiting = 15 * time.Second
)

// Waits are those before what may be sent again is: the first one, which is doubled each
// time, and the longest. A fleet that wants to be left alone for longer is not asked again.
type Waits struct{ First, Longest time.Duration }

var usualWaits = Waits{200 * time.Millisecond, 5 * time.Second}

// again tries what may be sent again, at waits that double and differ from one caller to
// another, as long as what goes wrong may pass. A fleet that says when to come again is
// asked then, where that is soon.
func (w Waits) again(ctx context.Context, try func() error) error {
	var last error
	waits := &backoff.ExponentialBackOff{InitialInterval: w.First, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: w.Longest}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = try()
		after, passes := mayPass(last)
		switch {
		case last == nil:
			return struct{}{}, nil
		case !passes || after > w.Longest:
			return struct{}{}, backoff.Permanent(last)
		case after > 0:
			return struct{}{}, &backoff.RetryAfterError{Duration: after}
		}
		return struct{}{}, last
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(mostTries), backoff.WithMaxElapsedTime(mostWaiting))
	if err != nil && last != nil {
		return last
	}
	return err
}

// mayPass says whether what went wrong may be over a moment later, and when to come again
// where the fleet said so.
func mayPass(err error) (after time.Duration, passes bool) {
	var p *Problem
	if errors.As(err, &p) {
		switch p.Reason {
		case contract.Busy, contract.Unavailable, contract.Internal:
			return p.After, true
		}
		return 0, false
	}
	var f *connect.Fault
	if !errors.As(err, &f) {
		return 0, false
	}
	switch f.Kind {
	case connect.NobodyThere, connect.TimedOut, connect.Broken:
		return 0, true
	}
	return 0, f.Status >= 500 || f.Status == 429
}
