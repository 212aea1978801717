package sql

import (
	"context"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// usualLimit is how many rollouts are found where nobody says so.
const usualLimit = 100

// Find implements [store.Rollouts].
func (s *Store) Find(ctx context.Context, q store.Query) ([]store.Rollout, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var w where
	oneOf(&w, "environment", q.Environments)
	oneOf(&w, "phase", q.Phases)
	oneOf(&w, "outcome", q.Outcomes)
	if q.Plugin != "" {
		w.and(`plugin = ?`, q.Plugin)
	}
	if q.InFlight || unfinished(q.Phases) { // few are, and an index knows them
		w.and(`unfinished = 1`)
	}
	if q.Text != "" {
		w.and(`search LIKE ? ESCAPE '\'`, "%"+escapeLike.Replace(strings.ToLower(q.Text))+"%")
	}
	if q.Since != 0 {
		w.and(`change > ?`, q.Since)
	}
	if q.Below != (store.Cursor{}) {
		w.and(`(started_at, id) < (?, ?)`, nanos(q.Below.At), q.Below.ID)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = usualLimit
	}
	all, err := list(ctx, s.db.read(), takeRollout,
		`SELECT `+rolloutColumns+` FROM rollouts`+w.text+` ORDER BY started_at DESC, id DESC LIMIT ?`, append(w.args, limit)...)
	return all, s.db.explain(err)
}

// unfinished says whether no rollout that is over has one of the phases.
func unfinished(phases []engine.Phase) bool {
	return len(phases) > 0 && !slices.ContainsFunc(phases, func(p engine.Phase) bool {
		return p == engine.PhaseSucceeded || p == engine.PhaseRolledBack || p == engine.PhaseRetained
	})
}

// escapeLike writes what means itself in a pattern.
var escapeLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// where is what is asked of rows.
type where struct {
	text string
	args []any
}

// and asks for one thing more.
func (w *where) and(text string, args ...any) {
	if w.text == "" {
		w.text = ` WHERE `
	} else {
		w.text += ` AND `
	}
	w.text += text
	w.args = append(w.args, args...)
}

// oneOf asks for one of some values; of none: for any.
func oneOf[T ~string](w *where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	w.and(column+` IN `+places(len(values)), args...)
}
