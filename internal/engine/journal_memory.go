package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// MemoryJournals keep journals in memory, for one process.
type MemoryJournals struct {
	mu  sync.Mutex
	all []*memoryJournal // oldest first
}

// NewMemoryJournals returns an empty one.
func NewMemoryJournals() *MemoryJournals { return &MemoryJournals{} }

// Begin implements Journals.
func (m *MemoryJournals) Begin(ctx context.Context, p Plan) (Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.all {
		if j.plan.Rollout == p.Rollout {
			return nil, &RolloutTakenError{p.Rollout}
		}
	}
	for _, j := range slices.Backward(m.all) {
		if !j.is(p.Spec.Environment, p.Spec.PluginID) {
			continue
		}
		head := j.told()
		if err := RefuseUnfinished(&head); err != nil {
			return nil, err
		}
		break
	}
	j := &memoryJournal{of: m, plan: p, ordinal: int64(len(m.all)) + 1}
	m.all = append(m.all, j)
	return j, nil
}

// Open implements Journals.
func (m *MemoryJournals) Open(ctx context.Context, rollout string) (Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.all {
		if j.plan.Rollout == rollout {
			return j, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", rollout, ErrNoJournal)
}

// List implements Journals.
func (m *MemoryJournals) List(ctx context.Context, e Environment, plugin string, f Filter) ([]RolloutHead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var heads []RolloutHead
	for _, j := range slices.Backward(m.all) {
		if f.Full(len(heads)) {
			break
		}
		if !j.is(e, plugin) {
			continue
		}
		if head := j.told(); f.Takes(&head) {
			heads = append(heads, head)
		}
	}
	return heads, nil
}

type memoryJournal struct {
	of      *MemoryJournals
	ordinal int64
	plan    Plan
	head    RolloutHead // of the last event
	events  []Event
}

// is says whether j is of an environment and a plugin.
func (j *memoryJournal) is(e Environment, plugin string) bool {
	return j.plan.Spec.Environment == e && j.plan.Spec.PluginID == plugin
}

// told is the head: what the last writer said, or that of a rollout that did nothing yet.
func (j *memoryJournal) told() RolloutHead {
	if len(j.events) > 0 {
		return j.head
	}
	s := NewState()
	return HeadOf(&j.plan, &s, j.ordinal, time.Time{})
}

// Ordinal implements Journal.
func (j *memoryJournal) Ordinal() int64 { return j.ordinal }

// Plan implements Journal.
func (j *memoryJournal) Plan(ctx context.Context) (*Plan, error) { return &j.plan, ctx.Err() }

// Events implements Journal.
func (j *memoryJournal) Events(ctx context.Context, after int64) ([]Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.of.mu.Lock()
	defer j.of.mu.Unlock()
	return slices.Clip(j.events[min(after+1, int64(len(j.events))):]), nil
}

// Append implements Journal.
func (j *memoryJournal) Append(ctx context.Context, e Event, h RolloutHead) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.of.mu.Lock()
	defer j.of.mu.Unlock()
	if err := RefuseOutOfTurn(&e, int64(len(j.events))); err != nil {
		return err
	}
	if j.events == nil {
		j.events = make([]Event, 0, usualEvents)
	}
	j.events, j.head = append(j.events, e), h
	return nil
}
