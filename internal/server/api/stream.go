package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// eventStream is the type of server-sent events.
const eventStream = "text/event-stream"

// Of a stream: how often something is sent that nobody needs, so that nobody in between gives
// up on it, how long one lasts before the client comes again, and when it does.
const (
	beatEvery  = 15 * time.Second
	streamFor  = 30 * time.Minute
	comesAgain = 2 * time.Second
)

// heard is the number of the last event that a client of a stream heard; otherwise, where it
// heard none.
func (x *call) heard(otherwise int64) (int64, error) {
	last := x.Asked("Last-Event-ID")
	if last == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(last, 10, 64)
	if err != nil {
		return 0, exchange.Refuse(fleetcontract.InvalidRequest, "Last-Event-ID is %q, and not a number", engine.Shortened(last))
	}
	return n, nil
}

// stream says over and over that something happened, each time with its number. It says no
// more: whoever hears it reads again, and so sees the same as everybody.
func (a *api) stream(x *call, after int64, next func(context.Context, int64) (int64, error)) error {
	h := x.To.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	x.To.WriteHeader(http.StatusOK)
	if x.Method == http.MethodHead {
		return nil
	}
	out := http.NewResponseController(x.To)
	if _, err := fmt.Fprintf(x.To, "retry: %d\n\n", comesAgain.Milliseconds()); err != nil || out.Flush() != nil {
		return nil
	}
	ctx, cancel := walker.Within(x.Context(), streamFor)
	defer cancel()
	for ctx.Err() == nil {
		later := x.Clock().Add(2 * beatEvery) // past the times that a connection is given otherwise
		if out.SetWriteDeadline(later) != nil || out.SetReadDeadline(later) != nil {
			return nil
		}
		short, done := walker.Within(ctx, beatEvery)
		now, err := next(short, after)
		done()
		text := ": still there\n\n"
		switch {
		case err == nil:
			after = now
			text = fmt.Sprintf("id: %d\nevent: refetch\ndata: {}\n\n", now)
		case !errors.Is(err, context.DeadlineExceeded):
			return nil // whoever listens comes again
		}
		if _, err := fmt.Fprint(x.To, text); err != nil || out.Flush() != nil {
			return nil
		}
	}
	return nil
}

// streamChanges says whenever any rollout changed.
func (a *api) streamChanges(x *call) error {
	latest, err := a.latestChange(x.Context())
	if err != nil {
		return err
	}
	since, err := x.heard(latest)
	if err != nil {
		return err
	}
	since = min(since, latest) // a store that was brought back from a copy knows fewer
	return a.stream(x, since, func(ctx context.Context, since int64) (int64, error) {
		if err := a.Server.Store.Changed(ctx, "", since); err != nil {
			return since, err
		}
		return a.latestChange(ctx)
	})
}
