package notify

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// mostRead is how many rollouts are kept that were read: those that others are told of now.
const mostRead = 8

// library reads rollouts, and keeps the last ones. It may be used by several at once.
type library struct {
	store store.Rollouts
	mu    sync.Mutex
	kept  []*book // the one that was read last is the last
}

// book is a rollout that was read, as far as it had come. None of it changes.
type book struct {
	id      string
	ordinal int64
	start   store.Start
	plan    *engine.Plan
	events  []engine.Event
}

// read is a rollout with all events up to a number; -1: its start.
func (l *library) read(ctx context.Context, id string, seq int64) (*book, error) {
	if b := l.take(id); b != nil && int64(len(b.events)) > seq {
		return b, nil
	}
	b, err := l.open(ctx, id)
	if err != nil {
		return nil, err
	}
	if int64(len(b.events)) <= seq {
		return nil, fmt.Errorf("rollout %s has %d events, and event %d is to be told", id, len(b.events), seq)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(slices.DeleteFunc(l.kept, func(k *book) bool { return k.id == id }), b)
	if len(l.kept) > mostRead {
		l.kept = slices.Delete(l.kept, 0, 1)
	}
	return b, nil
}

// take finds a rollout among those that are kept.
func (l *library) take(id string) *book {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.kept, func(b *book) bool { return b.id == id })
	if i < 0 {
		return nil
	}
	return l.kept[i]
}

func (l *library) open(ctx context.Context, id string) (*book, error) {
	j, err := l.store.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	r, err := l.store.Rollout(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, events, _, err := engine.LoadState(ctx, j)
	if err != nil {
		return nil, fmt.Errorf("journal of %s: %w", id, err)
	}
	return &book{id: id, ordinal: j.Ordinal(), start: r.Start, plan: plan, events: events}, nil
}

// states are those before and after an event, of which the number is not -1.
func (b *book) states(seq int64) (was, is engine.State, err error) {
	if was, err = engine.Fold(b.plan, b.events[:seq]); err != nil {
		return was, is, err
	}
	is, err = was.Apply(b.plan, b.events[seq])
	return was, is, err
}

// what is what others are told of an event; "": nothing.
func (b *book) what(seq int64) (What, error) {
	if seq < 0 {
		return Started, nil
	}
	was, is, err := b.states(seq)
	if err != nil {
		return "", err
	}
	return of(&was, &is, &b.events[seq]), nil
}
