package simulated

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// machine is a clock that tests move.
type machine struct{ at time.Time }

func (m *machine) now() time.Time { return m.at }

// sleep passes the time.
func (m *machine) sleep(_ context.Context, d time.Duration) error {
	m.at = m.at.Add(d)
	return nil
}

func gateway(scale int) Spec {
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"gateway": "1.5.0"}
	return Spec{Environment: engine.Production, Plugin: "gateway", Config: cfg, Scale: scale}
}

func (m *machine) open(t *testing.T, dir string, s Spec) (*State, *Place) {
	t.Helper()
	state, err := Open(t.Context(), dir, m.now, m.sleep, s)
	if err != nil {
		t.Fatal(err)
	}
	return state, state.Places[0]
}

// die lets go of a state as a process does that is killed.
func die(t *testing.T, s *State) {
	t.Helper()
	if err := s.lock.Close(); err != nil {
		t.Fatal(err)
	}
}

// asked is a fleet whose calls are serialised, as a server does it.
type asked struct {
	p *Place
	f fleet
}

func (a asked) Describe(ctx context.Context) (h engine.Head, err error) {
	a.p.do(func() { h, err = a.f.Describe(ctx) })
	return h, err
}

func (a asked) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return a.f.Instances(ctx)
}

func (a asked) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] { return a.f.Tenants(ctx) }

func (a asked) Make(ctx context.Context, o engine.Order) (err error) {
	a.p.do(func() { err = a.f.Make(ctx, o) })
	return err
}

func (a asked) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	a.p.do(func() { c, err = a.f.Look(ctx, w) })
	return c, err
}

func (a asked) Measure(ctx context.Context, q engine.Question) (r engine.Answer, err error) {
	a.p.do(func() { r, err = a.f.Measure(ctx, q) })
	return r, err
}

func (p *Place) asked() asked { return asked{p, fleet{p}} }
