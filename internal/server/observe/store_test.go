package observe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// shelf is a store of journals. Its other calls do nothing.
type shelf struct {
	store.Store

	journals *engine.MemoryJournals
	asked    []string
}

func (s *shelf) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return s.journals.Begin(ctx, p)
}

func (s *shelf) Start(ctx context.Context, p engine.Plan, _ store.Start) (engine.Journal, error) {
	return s.journals.Begin(ctx, p)
}

func (s *shelf) Open(ctx context.Context, id string) (engine.Journal, error) {
	return s.journals.Open(ctx, id)
}

func (s *shelf) Rollout(context.Context, string) (store.Rollout, error) {
	return store.Rollout{Owner: "me"}, nil
}
func (s *shelf) Find(context.Context, store.Query) ([]store.Rollout, error) { return nil, nil }
func (s *shelf) Walked(context.Context) ([]store.Rollout, error)            { return nil, nil }

func (s *shelf) Lease(_ context.Context, rollout, holder string, _, _ time.Time) error {
	s.asked = append(s.asked, rollout+" "+holder)
	return nil
}
func (s *shelf) Untold(context.Context, int) ([]store.Untold, error)          { return nil, nil }
func (s *shelf) Divide(context.Context, store.Untold, []store.Delivery) error { return nil }
func (s *shelf) Settle(context.Context, store.Delivery) error                 { return nil }

func (s *shelf) Claim(context.Context, time.Time, time.Time, int) ([]store.Delivery, error) {
	return nil, nil
}

func TestStoreCalls(t *testing.T) {
	c, ctx := count(t), t.Context()
	of := &shelf{journals: engine.NewMemoryJournals()}
	s := Store(of, c.Metrics)
	other := canary
	other.Rollout, other.Spec.PluginID = "r2", "paypal"
	_, e1 := s.Begin(ctx, canary)
	_, e2 := s.Start(ctx, other, store.Start{})
	j, e3 := s.Open(ctx, "r1")
	if err := errors.Join(e1, e2, e3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(ctx, "r3"); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("got %v", err)
	}
	if p, err := j.Plan(ctx); err != nil || p.Rollout != "r1" || j.Ordinal() != 1 {
		t.Errorf("got %v, %v", p, err)
	}
	if err := j.Append(ctx, engine.Event{Kind: engine.Left}, engine.RolloutHead{}); err != nil {
		t.Error(err)
	}
	if events, err := j.Events(ctx, -1); err != nil || len(events) != 1 {
		t.Errorf("got %v, %v", events, err)
	}
	r, e1 := s.Rollout(ctx, "r1")
	_, e2 = s.Find(ctx, store.Query{})
	_, e3 = s.Walked(ctx)
	_, e4 := s.Untold(ctx, 1)
	_, e5 := s.Claim(ctx, noon, noon, 1)
	err := errors.Join(e1, e2, e3, e4, e5, s.Lease(ctx, "r1", "me", noon, noon), s.Divide(ctx, store.Untold{}, nil), s.Settle(ctx, store.Delivery{}))
	if err != nil || r.Owner != "me" || len(of.asked) != 1 || of.asked[0] != "r1 me" {
		t.Errorf("got %v, %v, %v", err, r, of.asked)
	}
	for call, n := range map[string]float64{
		"start": 2, "open": 2, "plan": 1, "append": 1, "events": 1, "rollout": 1, "find": 1, "walked": 1, "lease": 1, "untold": 1, "divide": 1, "claim": 1, "settle": 1,
	} {
		c.is(t, n, "hotswap_store_duration_seconds", "call="+call)
	}
}
