package sql

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

const tokenColumns = `id, name, hash, grants, made, made_by, expires, used`

func takeToken(row scan) (store.Token, error) {
	var t store.Token
	var hash []byte
	var made, expires, used int64
	err := row(&t.ID, &t.Name, &hash, &t.Grants, &made, &t.MadeBy, &expires, &used)
	if err == nil && copy(t.Hash[:], hash) != len(t.Hash) {
		err = fmt.Errorf("the hash of token %s has %d bytes, not %d", t.ID, len(hash), len(t.Hash))
	}
	t.Made, t.Expires, t.Used = moment(made), moment(expires), moment(used)
	return t, err
}

// AddToken implements [store.Tokens].
func (s *Store) AddToken(ctx context.Context, t store.Token) error {
	return s.write(ctx, func(h handle) error {
		n, err := h.exec(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			t.ID, t.Name, t.Hash[:], t.Grants, nanos(t.Made), t.MadeBy, nanos(t.Expires), nanos(t.Used))
		if err == nil && n == 0 {
			err = fmt.Errorf("there is a token %s, or one that is the same, already", t.ID)
		}
		return err
	})
}

// Token implements [store.Tokens].
func (s *Store) Token(ctx context.Context, hash [32]byte) (store.Token, error) {
	found, err := list(ctx, s.db.read(), takeToken, `SELECT `+tokenColumns+` FROM tokens WHERE hash = ?`, hash[:])
	switch {
	case err != nil:
		return store.Token{}, s.db.explain(err)
	case len(found) == 0:
		return store.Token{}, store.ErrNoToken
	}
	return found[0], nil
}

// ListTokens implements [store.Tokens], those that were made first first.
func (s *Store) ListTokens(ctx context.Context) ([]store.Token, error) {
	all, err := list(ctx, s.db.read(), takeToken, `SELECT `+tokenColumns+` FROM tokens ORDER BY made, id`)
	return all, s.db.explain(err)
}

// UsedToken implements [store.Tokens].
func (s *Store) UsedToken(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, func(h handle) error {
		_, err := h.exec(ctx, `UPDATE tokens SET used = ? WHERE id = ? AND used < ?`, nanos(at), id, nanos(at))
		return err
	})
}

// RemoveToken implements [store.Tokens].
func (s *Store) RemoveToken(ctx context.Context, id string) error {
	return s.write(ctx, func(h handle) error {
		n, err := h.exec(ctx, `DELETE FROM tokens WHERE id = ?`, id)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s: %w", id, store.ErrNoToken)
		}
		return err
	})
}
