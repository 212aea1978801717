package server

import (
	"context"
	"errors"
	"log/slog"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// mirrored are the journals that a fleet keeps, with a copy in the store. The fleet's are the
// truth: it refuses a second rollout whoever begins it. The copy is what lists, pages and
// notifications are made of; where it is behind it is brought up.
type mirrored struct {
	fleet engine.Journals
	store store.Store
	log   *slog.Logger
}

// Begin implements engine.Journals.
func (m *mirrored) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return m.start(ctx, p, store.Start{})
}

// start begins a rollout at the fleet, and its copy.
func (m *mirrored) start(ctx context.Context, p engine.Plan, s store.Start) (engine.Journal, error) {
	j, err := m.fleet.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	s.Ordinal = j.Ordinal()
	own, err := m.store.Start(ctx, p, s)
	if err != nil {
		return nil, err
	}
	return &mirroredJournal{Journal: j, copy: own, log: m.log}, nil
}

// Open implements engine.Journals. The copy is brought up to what the fleet has.
func (m *mirrored) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	j, err := m.fleet.Open(ctx, rollout)
	if err != nil {
		return nil, err
	}
	own, err := m.store.Open(ctx, rollout)
	if errors.Is(err, engine.ErrNoJournal) { // one that somebody else began
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	both := &mirroredJournal{Journal: j, copy: own, log: m.log}
	return both, both.catchUp(ctx)
}

// List implements engine.Journals.
func (m *mirrored) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	return m.fleet.List(ctx, e, plugin, f)
}

// mirroredJournal is a journal with a copy.
type mirroredJournal struct {
	engine.Journal
	copy engine.Journal
	log  *slog.Logger
}

// Append implements engine.Journal. What the fleet has is written: a copy that cannot follow
// now does later.
func (j *mirroredJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := j.Journal.Append(ctx, e, h); err != nil {
		return err
	}
	err := j.copy.Append(ctx, e, h)
	if errors.Is(err, engine.ErrConflict) {
		err = j.catchUp(ctx)
	}
	if err != nil {
		j.log.Warn("the copy of a journal is behind the fleet's", "rollout", h.Rollout, "event", e.Seq, "error", err)
	}
	return nil
}

// catchUp copies the events that the copy does not have.
func (j *mirroredJournal) catchUp(ctx context.Context) error {
	plan, events, state, err := engine.LoadState(ctx, j.copy)
	if err != nil {
		return err
	}
	news, err := j.Journal.Events(ctx, int64(len(events))-1)
	if err != nil {
		return err
	}
	for i := range news {
		if state, err = state.Apply(plan, news[i]); err != nil {
			return err
		}
		head := engine.HeadOf(plan, &state, j.Ordinal(), news[i].At)
		if err := j.copy.Append(ctx, news[i], head); err != nil && !errors.Is(err, engine.ErrConflict) {
			return err
		}
	}
	return nil
}
