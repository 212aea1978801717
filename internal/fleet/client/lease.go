package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// LeasedError says that somebody else walks a rollout.
type LeasedError struct {
	Holder string
	Until  time.Time
}

// Error names who, and until when.
func (e *LeasedError) Error() string {
	return fmt.Sprintf("%s holds the lease until %s", e.Holder, e.Until.UTC().Format(time.RFC3339))
}

// Lease says that holder walks a rollout for so long, 1 s to 1 h. The error is a
// *LeasedError where somebody else does.
func (w *World) Lease(ctx context.Context, rollout, holder string, length time.Duration) error {
	seconds := int(min(max(length, time.Second), time.Hour).Round(time.Second) / time.Second)
	err := w.c.call(ctx, &ask{method: http.MethodPut, url: w.url("rollouts", rollout, "lease"), body: contract.Lease{Holder: holder, Seconds: seconds}}, &contract.Lease{})
	if p, ok := asProblem(err); ok && p.Reason == contract.Leased && p.Lease != nil {
		return &LeasedError{p.Lease.Holder, p.Lease.Until}
	}
	return err
}

// Release gives the lease of holder back. Where it has none, nothing happens.
func (w *World) Release(ctx context.Context, rollout, holder string) error {
	return w.c.call(ctx, &ask{method: http.MethodDelete, url: withQuery(w.url("rollouts", rollout, "lease"), url.Values{"holder": {holder}})}, nil)
}

// Own makes a rollout owner's, where it was previous's before; "": nobody's. A reply that
// was lost is found out by reading.
func (w *World) Own(ctx context.Context, rollout, owner, previous string) error {
	err := w.c.call(ctx, &ask{method: http.MethodPut, url: w.url("rollouts", rollout, "owner"), body: contract.Owner{Owner: owner, Previous: previous}}, nil)
	if err == nil {
		return nil
	}
	if r, unread := w.Rollout(ctx, rollout); unread == nil && r.Owner == owner {
		return nil
	}
	return err
}
