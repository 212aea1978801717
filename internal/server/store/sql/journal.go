package sql

import (
	"context"
	"fmt"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// journal is that of one rollout. Its plan never changes, and is read once.
type journal struct {
	of      *Store
	rollout string
	ordinal int64

	mu   sync.Mutex
	plan *engine.Plan
}

// Ordinal implements [engine.Journal].
func (j *journal) Ordinal() int64 { return j.ordinal }

// Plan implements [engine.Journal].
func (j *journal) Plan(ctx context.Context) (*engine.Plan, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.plan != nil {
		return j.plan, nil
	}
	var text []byte
	found, err := j.of.db.read().one(ctx, []any{&text}, `SELECT document FROM plans WHERE rollout = ?`, j.rollout)
	switch {
	case err != nil:
		return nil, j.of.db.explain(err)
	case !found:
		return nil, noJournal(j.rollout)
	}
	p, err := decodePlan(text)
	if err == nil && p.Rollout != j.rollout {
		err = fmt.Errorf("the plan is that of rollout %s", p.Rollout)
	}
	if err != nil {
		return nil, j.broken("its plan", err)
	}
	j.plan = p
	return p, nil
}

// broken says what cannot be read.
func (j *journal) broken(what string, err error) error {
	return &engine.BrokenJournalError{Where: fmt.Sprintf("%s: rollout %s: %s", j.of.db.where(), j.rollout, what), Err: err}
}

// Events implements [engine.Journal]: one look into the index where there are none.
func (j *journal) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	after = max(after, -1)
	type kept struct {
		text          []byte
		seq, checksum int64
	}
	rows, err := list(ctx, j.of.db.read(), func(row scan) (k kept, err error) {
		err = row(&k.seq, &k.text, &k.checksum)
		return k, err
	}, `SELECT seq, event, checksum FROM events WHERE rollout = ? AND seq > ? ORDER BY seq`, j.rollout, after)
	if err != nil {
		return nil, j.of.db.explain(err)
	}
	events := make([]engine.Event, len(rows))
	for i, k := range rows {
		want := after + 1 + int64(i)
		if k.seq != want {
			return nil, j.broken(fmt.Sprintf("event %d", want), fmt.Errorf("is missing, and event %d is there", k.seq))
		}
		if events[i], err = decodeEvent(k.text, k.checksum, want); err != nil {
			return nil, j.broken(fmt.Sprintf("event %d", want), err)
		}
	}
	return events, nil
}

// Append implements [engine.Journal].
func (j *journal) Append(ctx context.Context, e engine.Event, head engine.RolloutHead) error {
	text, checksum, err := encodeEvent(&e)
	if err != nil {
		return err
	}
	s := j.of
	err = s.write(ctx, func(h handle) error {
		var next int64
		found, err := h.one(ctx, []any{&next}, `SELECT events FROM rollouts WHERE id = ?`+h.forUpdate(), j.rollout)
		switch {
		case err != nil:
			return err
		case !found:
			return noJournal(j.rollout)
		}
		if err := engine.RefuseOutOfTurn(&e, next); err != nil {
			return err
		}
		if _, err := h.exec(ctx, `INSERT INTO events (rollout, seq, event, checksum) VALUES (?, ?, ?, ?)`, j.rollout, e.Seq, text, checksum); err != nil {
			return err
		}
		_, err = h.exec(ctx, `UPDATE rollouts SET phase = ?, outcome = ?, unfinished = ?, stage = ?, began = ?, wake = ?, events = ?, changed = ? WHERE id = ?`,
			string(head.Phase), string(head.Outcome), number(head.Unfinished()), head.Stage, nanos(head.Began), nanos(head.Wake), e.Seq+1, nanos(s.Now()), j.rollout)
		if err != nil {
			return err
		}
		return s.changed(ctx, h, j.rollout, e.Seq)
	})
	if err == nil {
		s.news.tell(j.rollout)
	}
	return err
}
