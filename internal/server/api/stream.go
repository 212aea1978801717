package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

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

// stream says over and over that something happened, each time with its number. It says no
// more: whoever hears it reads again, and so sees the same as everybody.
func (a *api) stream(x *call, after int64, next func(context.Context, int64) (int64, error)) error {
	if last := x.Asked("Last-Event-ID"); last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			return exchange.Refuse(fleetcontract.InvalidRequest, "Last-Event-ID is %q, and not a number", last)
		}
		after = n
	}
	h := x.To.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	x.To.WriteHeader(http.StatusOK)
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
	since, err := a.latestChange(x.Context())
	if err != nil {
		return err
	}
	return a.stream(x, since, func(ctx context.Context, since int64) (int64, error) {
		if err := a.Server.Store.Changed(ctx, "", since); err != nil {
			return since, err
		}
		return a.latestChange(ctx)
	})
}
