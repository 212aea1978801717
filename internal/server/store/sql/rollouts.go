package sql

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// rolloutColumns are the columns of a rollout.
const rolloutColumns = headColumns + `, strategy, stages, COALESCE(idem, ''), request, deployment, started_by, walked, started_at, owner, holder, lease_until, change, changed`

// takeRollout takes them.
func takeRollout(row scan) (store.Rollout, error) {
	var r store.Rollout
	var began, wake, walked, at, until, changed int64
	var stages string
	err := row(append(headInto(&r.RolloutHead, &began, &wake),
		&r.Strategy, &stages, &r.Key, &r.Request, &r.Deployment, &r.By, &walked, &at, &r.Owner, &r.Holder, &until, &r.Change, &changed)...)
	if err == nil {
		err = json.Unmarshal([]byte(stages), &r.Stages)
	}
	r.Began, r.Wake, r.Walked, r.At, r.Until, r.Changed = moment(began), moment(wake), walked == 1, moment(at), moment(until), moment(changed)
	r.Start.Ordinal = r.RolloutHead.Ordinal
	return r, err
}

// Rollout implements [store.Rollouts].
func (s *Store) Rollout(ctx context.Context, id string) (store.Rollout, error) {
	if err := ctx.Err(); err != nil {
		return store.Rollout{}, err
	}
	r, err := rollout(ctx, s.db.read(), id)
	return r, s.db.explain(err)
}

func rollout(ctx context.Context, h handle, id string) (store.Rollout, error) {
	found, err := list(ctx, h, takeRollout, `SELECT `+rolloutColumns+` FROM rollouts WHERE id = ?`, id)
	switch {
	case err != nil:
		return store.Rollout{}, err
	case len(found) == 0:
		return store.Rollout{}, noJournal(id)
	}
	return found[0], nil
}

// Keyed implements [store.Rollouts].
func (s *Store) Keyed(ctx context.Context, key string) (id, request string, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	_, err = s.db.read().one(ctx, []any{&id, &request}, `SELECT id, request FROM rollouts WHERE idem = ?`, key)
	return id, request, s.db.explain(err)
}

// LastChange implements [store.Rollouts].
func (s *Store) LastChange(ctx context.Context) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	_, err = s.db.read().one(ctx, []any{&n}, `SELECT value FROM counters WHERE name = 'change'`)
	return n, s.db.explain(err)
}

// Walked implements [store.Rollouts].
func (s *Store) Walked(ctx context.Context) ([]store.Rollout, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all, err := list(ctx, s.db.read(), takeRollout,
		`SELECT `+rolloutColumns+` FROM rollouts WHERE unfinished = 1 AND walked = 1 ORDER BY started_at, id`)
	return all, s.db.explain(err)
}

// Own implements [store.Rollouts].
func (s *Store) Own(ctx context.Context, id, owner, previous string) error {
	return s.write(ctx, func(h handle) error {
		n, err := h.exec(ctx, `UPDATE rollouts SET owner = ? WHERE id = ? AND owner IN (?, ?)`, owner, id, previous, owner)
		if err != nil || n > 0 {
			return err
		}
		r, err := rollout(ctx, h, id)
		if err != nil {
			return err
		}
		return &store.OwnedError{Owner: r.Owner}
	})
}

// Lease implements [store.Rollouts].
func (s *Store) Lease(ctx context.Context, id, holder string, now, until time.Time) error {
	return s.write(ctx, func(h handle) error {
		n, err := h.exec(ctx, `UPDATE rollouts SET holder = ?, lease_until = ? WHERE id = ? AND (holder IN ('', ?) OR lease_until <= ?)`,
			holder, nanos(until), id, holder, nanos(now))
		if err != nil || n > 0 {
			return err
		}
		r, err := rollout(ctx, h, id)
		if err != nil {
			return err
		}
		return &store.LeasedError{Holder: r.Holder, Until: r.Until}
	})
}

// Renew implements [store.Rollouts].
func (s *Store) Renew(ctx context.Context, holder string, until time.Time) error {
	return s.write(ctx, func(h handle) error {
		_, err := h.exec(ctx, `UPDATE rollouts SET lease_until = ? WHERE unfinished = 1 AND holder = ?`, nanos(until), holder)
		return err
	})
}

// Release implements [store.Rollouts].
func (s *Store) Release(ctx context.Context, id, holder string) error {
	return s.write(ctx, func(h handle) error {
		_, err := h.exec(ctx, `UPDATE rollouts SET holder = '', lease_until = 0 WHERE id = ? AND holder = ?`, id, holder)
		return err
	})
}
