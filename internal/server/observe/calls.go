package observe

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Request counts the requests of an operation of the API.
func (m *Metrics) Request(operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, said := m.now(), &statusWriter{ResponseWriter: w}
		defer func() {
			m.api.WithLabelValues(operation, strconv.Itoa(said.code())).Observe(m.now().Sub(began).Seconds())
		}()
		next.ServeHTTP(said, r)
	})
}

// statusWriter remembers the status of an answer. Where the handler wants more of the one
// below it, it gets it by http.ResponseController.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // others announce the one that counts
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// code is the status that was sent.
func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// port is who is called.
type port string

// The ports.
const (
	ofFleet port = "fleet"
	ofMeter port = "meter"
	ofStore port = "store"
)

// Caller follows calls: Metrics count them, and Traces draw them.
type Caller interface {
	// call is told of one that begins, and returns what it is told by that it ended.
	call(ctx context.Context, of port, name string) (context.Context, func(error))
}

// call implements Caller.
func (m *Metrics) call(ctx context.Context, of port, name string) (context.Context, func(error)) {
	began := m.now()
	return ctx, func(err error) {
		took := m.now().Sub(began).Seconds()
		if of == ofStore {
			m.store.WithLabelValues(name).Observe(took)
			return
		}
		m.fleet.WithLabelValues(name, resultOf(err)).Observe(took)
	}
}

// callers are those that follow the calls of a port.
type callers struct {
	of  port
	all []Caller
}

// begin tells all of them of a call.
func (c *callers) begin(ctx context.Context, name string) (context.Context, func(error)) {
	ends := make([]func(error), len(c.all))
	for i, one := range c.all {
		ctx, ends[i] = one.call(ctx, c.of, name) //nolint:fatcontext // each is inside the one before it, and there are two
	}
	return ctx, func(err error) {
		for _, end := range ends {
			end(err)
		}
	}
}

// followed follows a call that gives one thing.
func followed[T any](ctx context.Context, c *callers, name string, do func(context.Context) (T, error)) (T, error) {
	ctx, end := c.begin(ctx, name)
	v, err := do(ctx)
	end(err)
	return v, err
}

// do follows a call that gives nothing.
func (c *callers) do(ctx context.Context, name string, do func(context.Context) error) error {
	ctx, end := c.begin(ctx, name)
	err := do(ctx)
	end(err)
	return err
}

// resultOf is how a call ended, in one of four words.
func resultOf(err error) string {
	var refused *engine.Refused
	var unavailable *engine.Unavailable
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refused), errors.Is(err, engine.ErrSuperseded):
		return "refused"
	case errors.As(err, &unavailable):
		return "unavailable"
	default:
		return "error"
	}
}
