package observe

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

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

// Stored notes how long a call of the store took.
func (m *Metrics) Stored(call string, took time.Duration) {
	m.store.WithLabelValues(call).Observe(took.Seconds())
}

// Fleet counts the calls of a fleet.
func (m *Metrics) Fleet(f engine.Fleet) engine.Fleet { return &countedFleet{f, m} }

type countedFleet struct {
	of engine.Fleet
	m  *Metrics
}

// took notes a call that began at a time.
func (m *Metrics) took(call string, began time.Time, err error) {
	m.fleet.WithLabelValues(call, resultOf(err)).Observe(m.now().Sub(began).Seconds())
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

// Describe implements engine.Fleet.
func (f *countedFleet) Describe(ctx context.Context) (engine.Head, error) {
	began := f.m.now()
	h, err := f.of.Describe(ctx)
	f.m.took("describe", began, err)
	return h, err
}

// Instances implements engine.Fleet.
func (f *countedFleet) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return counted(f.m, "instances", f.of.Instances(ctx))
}

// Tenants implements engine.Fleet.
func (f *countedFleet) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return counted(f.m, "tenants", f.of.Tenants(ctx))
}

// counted counts a list that is read, until its end or its error.
func counted[T any](m *Metrics, call string, list iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		began := m.now()
		var failed error
		defer func() { m.took(call, began, failed) }()
		for v, err := range list {
			failed = err
			if !yield(v, err) {
				return
			}
		}
	}
}

// Make implements engine.Fleet.
func (f *countedFleet) Make(ctx context.Context, o engine.Order) error {
	began := f.m.now()
	err := f.of.Make(ctx, o)
	f.m.took("make", began, err)
	return err
}

// Look implements engine.Fleet.
func (f *countedFleet) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	began := f.m.now()
	c, err := f.of.Look(ctx, w)
	f.m.took("look", began, err)
	return c, err
}
