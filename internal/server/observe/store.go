package observe

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Store counts the calls of a store that rollouts, lists and notifications wait for.
func (m *Metrics) Store(s store.Store) store.Store { return &countedStore{Store: s, m: m} }

type countedStore struct {
	store.Store

	m *Metrics
}

// timed notes what a call took that gives one thing.
func timed[T any](m *Metrics, call string, do func() (T, error)) (T, error) {
	began := m.now()
	defer func() { m.Stored(call, m.now().Sub(began)) }()
	return do()
}

// done notes what a call took that gives nothing.
func (m *Metrics) done(call string, do func() error) error {
	began := m.now()
	defer func() { m.Stored(call, m.now().Sub(began)) }()
	return do()
}

// journal counts the calls of a journal.
func (m *Metrics) journal(j engine.Journal, err error) (engine.Journal, error) {
	if err != nil {
		return nil, err
	}
	return &countedJournal{j, m}, nil
}

// Begin implements engine.Journals.
func (s *countedStore) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return s.m.journal(timed(s.m, "start", func() (engine.Journal, error) { return s.Store.Begin(ctx, p) }))
}

// Start implements store.Rollouts.
func (s *countedStore) Start(ctx context.Context, p engine.Plan, beside store.Start) (engine.Journal, error) {
	return s.m.journal(timed(s.m, "start", func() (engine.Journal, error) { return s.Store.Start(ctx, p, beside) }))
}

// Open implements engine.Journals.
func (s *countedStore) Open(ctx context.Context, id string) (engine.Journal, error) {
	return s.m.journal(timed(s.m, "open", func() (engine.Journal, error) { return s.Store.Open(ctx, id) }))
}

// Rollout implements store.Rollouts.
func (s *countedStore) Rollout(ctx context.Context, id string) (store.Rollout, error) {
	return timed(s.m, "rollout", func() (store.Rollout, error) { return s.Store.Rollout(ctx, id) })
}

// Find implements store.Rollouts.
func (s *countedStore) Find(ctx context.Context, q store.Query) ([]store.Rollout, error) {
	return timed(s.m, "find", func() ([]store.Rollout, error) { return s.Store.Find(ctx, q) })
}

// Walked implements store.Rollouts.
func (s *countedStore) Walked(ctx context.Context) ([]store.Rollout, error) {
	return timed(s.m, "walked", func() ([]store.Rollout, error) { return s.Store.Walked(ctx) })
}

// Lease implements store.Rollouts.
func (s *countedStore) Lease(ctx context.Context, rollout, holder string, now, until time.Time) error {
	return s.m.done("lease", func() error { return s.Store.Lease(ctx, rollout, holder, now, until) })
}

// Untold implements store.Outbox.
func (s *countedStore) Untold(ctx context.Context, most int) ([]store.Untold, error) {
	return timed(s.m, "untold", func() ([]store.Untold, error) { return s.Store.Untold(ctx, most) })
}

// Divide implements store.Outbox.
func (s *countedStore) Divide(ctx context.Context, u store.Untold, to []store.Delivery) error {
	return s.m.done("divide", func() error { return s.Store.Divide(ctx, u, to) })
}

// Claim implements store.Outbox.
func (s *countedStore) Claim(ctx context.Context, now, until time.Time, most int) ([]store.Delivery, error) {
	return timed(s.m, "claim", func() ([]store.Delivery, error) { return s.Store.Claim(ctx, now, until, most) })
}

// Settle implements store.Outbox.
func (s *countedStore) Settle(ctx context.Context, d store.Delivery) error {
	return s.m.done("settle", func() error { return s.Store.Settle(ctx, d) })
}

type countedJournal struct {
	of engine.Journal
	m  *Metrics
}

// Ordinal implements engine.Journal.
func (j *countedJournal) Ordinal() int64 { return j.of.Ordinal() }

// Plan implements engine.Journal.
func (j *countedJournal) Plan(ctx context.Context) (*engine.Plan, error) {
	return timed(j.m, "plan", func() (*engine.Plan, error) { return j.of.Plan(ctx) })
}

// Events implements engine.Journal.
func (j *countedJournal) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	return timed(j.m, "events", func() ([]engine.Event, error) { return j.of.Events(ctx, after) })
}

// Append implements engine.Journal.
func (j *countedJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	return j.m.done("append", func() error { return j.of.Append(ctx, e, h) })
}
