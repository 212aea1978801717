package sql

import (
	"context"
	"crypto/rand"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Audit implements [store.Audits]. It numbers the line itself.
func (s *Store) Audit(ctx context.Context, a store.Audit) error {
	return s.write(ctx, func(h handle) error {
		id, err := next(ctx, h, "audit")
		if err != nil {
			return err
		}
		_, err = h.exec(ctx, `INSERT INTO audits (id, at, actor, action, environment, plugin, rollout, reason, refused, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, nanos(a.At), a.Actor, a.Action, a.Environment, a.Plugin, a.Rollout, a.Reason, a.Refused, a.Request)
		return err
	})
}

// ListAudits implements [store.Audits].
func (s *Store) ListAudits(ctx context.Context, below int64, most int) ([]store.Audit, error) {
	var w where
	if below != 0 {
		w.and(`id < ?`, below)
	}
	all, err := list(ctx, s.db.read(), func(row scan) (store.Audit, error) {
		var a store.Audit
		var at int64
		err := row(&a.ID, &at, &a.Actor, &a.Action, &a.Environment, &a.Plugin, &a.Rollout, &a.Reason, &a.Refused, &a.Request)
		a.At = moment(at)
		return a, err
	}, `SELECT id, at, actor, action, environment, plugin, rollout, reason, refused, request FROM audits`+w.text+` ORDER BY id DESC LIMIT ?`, append(w.args, most)...)
	return all, s.db.explain(err)
}

// secretBytes are 256 bits.
const secretBytes = 32

// Secret implements [store.Store].
func (s *Store) Secret(ctx context.Context, name string) (text []byte, err error) {
	found, err := s.db.read().one(ctx, []any{&text}, `SELECT text FROM secrets WHERE name = ?`, name)
	if err != nil || found {
		return text, s.db.explain(err)
	}
	made := make([]byte, secretBytes)
	if _, err := rand.Read(made); err != nil {
		return nil, err
	}
	err = s.write(ctx, func(h handle) error { // whoever was first made it
		_, err := h.one(ctx, []any{&text}, `INSERT INTO secrets (name, text) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET text = secrets.text RETURNING text`, name, made)
		return err
	})
	return text, err
}
