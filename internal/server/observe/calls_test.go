package observe

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

type meterFunc func(engine.Question) (engine.Answer, error)

func (f meterFunc) Measure(_ context.Context, q engine.Question) (engine.Answer, error) { return f(q) }

// fakeFleet answers each call with an error.
type fakeFleet struct{ err error }

func (f fakeFleet) Describe(context.Context) (engine.Head, error) { return engine.Head{}, f.err }
func (f fakeFleet) Make(context.Context, engine.Order) error      { return f.err }
func (f fakeFleet) Look(context.Context, engine.Watch) (engine.Condition, error) {
	return engine.Condition{}, f.err
}

func (f fakeFleet) Instances(context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) {
		_ = yield(engine.Instance{ID: "i"}, nil) && yield(engine.Instance{}, f.err)
	}
}

func (f fakeFleet) Tenants(context.Context) iter.Seq2[engine.Tenant, error] {
	return func(yield func(engine.Tenant, error) bool) {
		_ = yield(engine.Tenant{ID: "t"}, nil) && yield(engine.Tenant{}, f.err)
	}
}

func TestFleetCalls(t *testing.T) {
	for result, err := range map[string]error{"refused": &engine.Refused{}, "unavailable": &engine.Unavailable{}, "error": io.ErrUnexpectedEOF, "ok": nil} {
		c := count(t)
		f := Fleet(fakeFleet{err}, c.Metrics)
		ctx := t.Context()
		_, e1 := f.Describe(ctx)
		e2 := f.Make(ctx, engine.Order{})
		_, e3 := f.Look(ctx, engine.Watch{})
		if !errors.Is(e1, err) || !errors.Is(e2, err) || !errors.Is(e3, err) {
			t.Errorf("%v, %v, %v", e1, e2, e3)
		}
		for _, err := range f.Instances(ctx) {
			_ = err
		}
		for range f.Tenants(ctx) {
			break // whoever reads may stop
		}
		for _, call := range []string{"describe", "make", "look", "instances"} {
			c.is(t, 1, "hotswap_fleet_request_duration_seconds", "call="+call, "result="+result)
		}
		c.is(t, 1, "hotswap_fleet_request_duration_seconds", "call=tenants", "result=ok")
	}
}

func TestRequests(t *testing.T) {
	c := count(t)
	s := httptest.NewServer(c.Request("rollouts.get", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).Flush(); r.URL.Path == "/flush" && err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusGone)
		}
	})))
	for _, path := range []string{"/", "/gone", "/flush"} {
		resp, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	s.Close() // waits for what is counted after a flush was answered
	c.is(t, 2, "hotswap_api_request_duration_seconds", "code=200", "operation=rollouts.get")
}
