package sql

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Untold implements [store.Outbox].
func (s *Store) Untold(ctx context.Context, most int) ([]store.Untold, error) {
	all, err := list(ctx, s.db.read(), func(row scan) (u store.Untold, err error) {
		err = row(&u.ID, &u.Rollout, &u.Seq)
		return u, err
	}, `SELECT id, rollout, seq FROM outbox ORDER BY id LIMIT ?`, most)
	return all, s.db.explain(err)
}

// Divide implements [store.Outbox].
func (s *Store) Divide(ctx context.Context, u store.Untold, to []store.Delivery) error {
	return s.write(ctx, func(h handle) error {
		n, err := h.exec(ctx, `DELETE FROM outbox WHERE id = ?`, u.ID)
		if err != nil || n == 0 {
			return err
		}
		for _, d := range to {
			_, err := h.exec(ctx, `INSERT INTO deliveries (sink, id, rollout, seq, attempts, due, failed, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				d.Sink, d.ID, d.Rollout, d.Seq, d.Attempts, nanos(d.Due), d.Failed, nanos(d.Made))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Claim implements [store.Outbox].
func (s *Store) Claim(ctx context.Context, now, until time.Time, most int) (all []store.Delivery, err error) {
	err = s.write(ctx, func(h handle) (err error) {
		all, err = list(ctx, h, takeDelivery, `UPDATE deliveries SET due = ? WHERE (sink, id) IN (
			SELECT sink, id FROM deliveries WHERE due > 0 AND due <= ? ORDER BY made, rollout, seq, id, sink LIMIT ?`+h.skipLocked()+`)
			RETURNING id, sink, rollout, seq, attempts, due, failed, made`, nanos(until), nanos(now), most)
		return err
	})
	slices.SortFunc(all, func(a, b store.Delivery) int {
		return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.Rollout, b.Rollout), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Sink, b.Sink))
	})
	return all, err
}

func takeDelivery(row scan) (store.Delivery, error) {
	var d store.Delivery
	var due, made int64
	err := row(&d.ID, &d.Sink, &d.Rollout, &d.Seq, &d.Attempts, &due, &d.Failed, &made)
	d.Due, d.Made = moment(due), moment(made)
	return d, err
}

// Settle implements [store.Outbox]. One that was given up is kept, to be counted, as long as
// its rollout is.
func (s *Store) Settle(ctx context.Context, d store.Delivery) error {
	return s.write(ctx, func(h handle) error {
		if d.Due.IsZero() && d.Failed == "" {
			_, err := h.exec(ctx, `DELETE FROM deliveries WHERE sink = ? AND id = ?`, d.Sink, d.ID)
			return err
		}
		_, err := h.exec(ctx, `UPDATE deliveries SET attempts = ?, due = ?, failed = ? WHERE sink = ? AND id = ?`,
			d.Attempts, nanos(d.Due), d.Failed, d.Sink, d.ID)
		return err
	})
}

// Pending implements [store.Outbox].
func (s *Store) Pending(ctx context.Context) (map[string]store.Backlog, error) {
	all := map[string]store.Backlog{}
	err := s.db.read().each(ctx, func(row scan) error {
		var sink string
		var b store.Backlog
		var oldest int64
		err := row(&sink, &b.Waiting, &b.GivenUp, &oldest)
		b.Oldest = moment(oldest)
		all[sink] = b
		return err
	}, `SELECT sink, SUM(CASE WHEN due <> 0 THEN 1 ELSE 0 END), SUM(CASE WHEN due = 0 THEN 1 ELSE 0 END),
		COALESCE(MIN(CASE WHEN due <> 0 THEN made END), 0) FROM deliveries GROUP BY sink`)
	return all, s.db.explain(err)
}

// Thread implements [store.Outbox]. What is kept first stays.
func (s *Store) Thread(ctx context.Context, sink, rollout, text string) (kept string, err error) {
	if text == "" {
		_, err := s.db.read().one(ctx, []any{&kept}, `SELECT text FROM threads WHERE rollout = ? AND sink = ?`, rollout, sink)
		return kept, s.db.explain(err)
	}
	err = s.write(ctx, func(h handle) error {
		found, err := h.one(ctx, []any{&kept}, `INSERT INTO threads (rollout, sink, text) VALUES (?, ?, ?)
			ON CONFLICT (rollout, sink) DO UPDATE SET text = threads.text RETURNING text`, rollout, sink, text)
		if err == nil && !found {
			err = errors.New("the thread was not kept")
		}
		return err
	})
	return kept, err
}
