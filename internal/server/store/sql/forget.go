package sql

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// forget removes the rollouts of an environment and plugin that ended, but for the newest
// that are kept. What somebody may still go back to stays: those that succeeded last, on the
// way forward and back, what the newest ones restore, and those that are unfinished. So do
// those of which somebody is still to be told.
func (s *Store) forget(ctx context.Context, env engine.Environment, plugin string) error {
	var many bool
	_, err := s.db.read().one(ctx, []any{&many},
		`SELECT COUNT(*) > ? FROM rollouts WHERE environment = ? AND plugin = ?`, s.Keep, string(env), plugin)
	if err != nil || !many {
		return err
	}
	return s.write(ctx, func(h handle) error {
		all, err := list(ctx, h, takeHead, `SELECT `+headColumns+` FROM rollouts WHERE environment = ? AND plugin = ? ORDER BY ordinal DESC`, string(env), plugin)
		if err != nil {
			return err
		}
		for _, id := range needless(all, s.Keep) {
			if err := remove(ctx, h, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// needless are those of all rollouts of a place, newest first, that are not kept.
func needless(all []engine.RolloutHead, keep int) []string {
	var ids []string
	needed, seen := map[string]bool{}, map[bool]bool{}
	for i := range all {
		r := &all[i]
		stays := i < keep || r.Unfinished() || needed[r.Rollout]
		if back := r.Restores != ""; r.Outcome == engine.Succeeded {
			stays = stays || !seen[back]
			seen[back] = true
		}
		switch {
		case !stays:
			ids = append(ids, r.Rollout)
		case r.Restores != "":
			needed[r.Restores] = true
		}
	}
	return ids
}

// remove removes a rollout, unless somebody is still to be told of it.
func remove(ctx context.Context, h handle, id string) error {
	n, err := h.exec(ctx, `DELETE FROM rollouts WHERE id = ?
		AND NOT EXISTS (SELECT 1 FROM outbox WHERE rollout = rollouts.id)
		AND NOT EXISTS (SELECT 1 FROM deliveries WHERE rollout = rollouts.id AND due <> 0)`, id)
	if err != nil || n == 0 {
		return err
	}
	if _, err := h.exec(ctx, `DELETE FROM deliveries WHERE rollout = ?`, id); err != nil {
		return err
	}
	_, err = h.exec(ctx, `DELETE FROM threads WHERE rollout = ?`, id)
	return err
}
