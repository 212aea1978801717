package sql

import "context"

// changed gives a change its number, and puts it where others hear of it. The number is taken
// last: it locks what counts them until the transaction is over, so that of two changes the
// one that is written later has the greater one.
func (s *Store) changed(ctx context.Context, h handle, rollout string, seq int64) error {
	if h.postgres {
		return s.changedAtOnce(ctx, h, rollout, seq)
	}
	change, err := next(ctx, h, "change")
	if err != nil {
		return err
	}
	if _, err := h.exec(ctx, `UPDATE rollouts SET change = ? WHERE id = ?`, change, rollout); err != nil {
		return err
	}
	if s.Outbox {
		_, err = h.exec(ctx, `INSERT INTO outbox (id, rollout, seq) VALUES (?, ?, ?)`, change, rollout, seq)
	}
	return err
}

// changedAtOnce does that in one query: everybody else waits meanwhile.
func (s *Store) changedAtOnce(ctx context.Context, h handle, rollout string, seq int64) error {
	query, args := `WITH c AS (UPDATE counters SET value = value + 1 WHERE name = 'change' RETURNING value),
		r AS (UPDATE rollouts SET change = (SELECT value FROM c) WHERE id = ?)`, []any{rollout}
	if s.Outbox {
		query += `, o AS (INSERT INTO outbox (id, rollout, seq) SELECT value, ?::text, ?::bigint FROM c)`
		args = append(args, rollout, seq)
	}
	_, err := h.exec(ctx, query+` SELECT pg_notify('`+channel+`', '') FROM c`, args...)
	return err
}

// next counts.
func next(ctx context.Context, h handle, counter string) (n int64, err error) {
	_, err = h.one(ctx, []any{&n}, `UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value`, counter)
	return n, err
}
