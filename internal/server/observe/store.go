package observe

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Store has the calls of a store followed that rollouts, lists and notifications wait for.
func Store(s store.Store, by ...Caller) store.Store {
	return &followedStore{Store: s, by: callers{ofStore, by}}
}

type followedStore struct {
	store.Store

	by callers
}

// journal has the calls of a journal followed.
func (s *followedStore) journal(j engine.Journal, err error) (engine.Journal, error) {
	if err != nil {
		return nil, err
	}
	return &followedJournal{j, &s.by}, nil
}

// Begin implements engine.Journals.
func (s *followedStore) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return s.journal(followed(ctx, &s.by, "start", func(ctx context.Context) (engine.Journal, error) { return s.Store.Begin(ctx, p) }))
}

// Start implements store.Rollouts.
func (s *followedStore) Start(ctx context.Context, p engine.Plan, beside store.Start) (engine.Journal, error) {
	return s.journal(followed(ctx, &s.by, "start", func(ctx context.Context) (engine.Journal, error) { return s.Store.Start(ctx, p, beside) }))
}

// Open implements engine.Journals.
func (s *followedStore) Open(ctx context.Context, id string) (engine.Journal, error) {
	return s.journal(followed(ctx, &s.by, "open", func(ctx context.Context) (engine.Journal, error) { return s.Store.Open(ctx, id) }))
}

// Rollout implements store.Rollouts.
func (s *followedStore) Rollout(ctx context.Context, id string) (store.Rollout, error) {
	return followed(ctx, &s.by, "rollout", func(ctx context.Context) (store.Rollout, error) { return s.Store.Rollout(ctx, id) })
}

// Find implements store.Rollouts.
func (s *followedStore) Find(ctx context.Context, q store.Query) ([]store.Rollout, error) {
	return followed(ctx, &s.by, "find", func(ctx context.Context) ([]store.Rollout, error) { return s.Store.Find(ctx, q) })
}

// Walked implements store.Rollouts.
func (s *followedStore) Walked(ctx context.Context) ([]store.Rollout, error) {
	return followed(ctx, &s.by, "walked", func(ctx context.Context) ([]store.Rollout, error) { return s.Store.Walked(ctx) })
}

// Lease implements store.Rollouts.
func (s *followedStore) Lease(ctx context.Context, rollout, holder string, now, until time.Time) error {
	return s.by.do(ctx, "lease", func(ctx context.Context) error { return s.Store.Lease(ctx, rollout, holder, now, until) })
}

// Untold implements store.Outbox.
func (s *followedStore) Untold(ctx context.Context, most int) ([]store.Untold, error) {
	return followed(ctx, &s.by, "untold", func(ctx context.Context) ([]store.Untold, error) { return s.Store.Untold(ctx, most) })
}

// Divide implements store.Outbox.
func (s *followedStore) Divide(ctx context.Context, u store.Untold, to []store.Delivery) error {
	return s.by.do(ctx, "divide", func(ctx context.Context) error { return s.Store.Divide(ctx, u, to) })
}

// Claim implements store.Outbox.
func (s *followedStore) Claim(ctx context.Context, now, until time.Time, most int) ([]store.Delivery, error) {
	return followed(ctx, &s.by, "claim", func(ctx context.Context) ([]store.Delivery, error) { return s.Store.Claim(ctx, now, until, most) })
}

// Settle implements store.Outbox.
func (s *followedStore) Settle(ctx context.Context, d store.Delivery) error {
	return s.by.do(ctx, "settle", func(ctx context.Context) error { return s.Store.Settle(ctx, d) })
}

type followedJournal struct {
	of engine.Journal
	by *callers
}

// Ordinal implements engine.Journal.
func (j *followedJournal) Ordinal() int64 { return j.of.Ordinal() }

// Plan implements engine.Journal.
func (j *followedJournal) Plan(ctx context.Context) (*engine.Plan, error) {
	return followed(ctx, j.by, "plan", func(ctx context.Context) (*engine.Plan, error) { return j.of.Plan(ctx) })
}

// Events implements engine.Journal.
func (j *followedJournal) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	return followed(ctx, j.by, "events", func(ctx context.Context) ([]engine.Event, error) { return j.of.Events(ctx, after) })
}

// Append implements engine.Journal.
func (j *followedJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	return j.by.do(ctx, "append", func(ctx context.Context) error { return j.of.Append(ctx, e, h) })
}
