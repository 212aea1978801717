package sql

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Begin implements [engine.Journals].
func (s *Store) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return s.Start(ctx, p, store.Start{At: s.Now()})
}

// Start implements [store.Rollouts]. Then it forgets what is too much. What cannot be
// forgotten now is tried again when the next one starts.
func (s *Store) Start(ctx context.Context, p engine.Plan, st store.Start) (engine.Journal, error) {
	document, err := encodePlan(&p)
	if err != nil {
		return nil, err
	}
	state := engine.NewState()
	var head engine.RolloutHead
	err = s.write(ctx, func(h handle) error {
		ordinal, err := admit(ctx, h, &p, &st)
		if err != nil {
			return err
		}
		head = engine.HeadOf(&p, &state, ordinal, time.Time{})
		return s.enter(ctx, h, &p, &head, &st, document)
	})
	if err != nil {
		return nil, err
	}
	s.news.tell(p.Rollout)
	_ = s.forget(ctx, head.Environment, head.Plugin)
	return &journal{of: s, rollout: p.Rollout, ordinal: head.Ordinal, plan: &p}, nil
}

// admit holds the rules of [engine.Journals], and those of the port, against a rollout. It
// gives it its ordinal. A place is locked from then on.
func admit(ctx context.Context, h handle, p *engine.Plan, st *store.Start) (ordinal int64, err error) {
	env, plugin := string(p.Spec.Environment), p.Spec.PluginID
	_, err = h.one(ctx, []any{&ordinal}, `INSERT INTO places (environment, plugin, ordinal) VALUES (?, ?, 0)
		ON CONFLICT (environment, plugin) DO UPDATE SET ordinal = places.ordinal RETURNING ordinal`, env, plugin)
	if err == nil {
		err = refuseKey(ctx, h, st)
	}
	if err != nil {
		return 0, err
	}
	var id string
	found, err := h.one(ctx, []any{&id}, `SELECT id FROM rollouts WHERE id = ?`, p.Rollout)
	if err != nil {
		return 0, err
	}
	if found {
		return 0, &engine.RolloutTakenError{Rollout: p.Rollout}
	}
	if st.Ordinal != 0 {
		found, err = h.one(ctx, []any{&id}, `SELECT id FROM rollouts WHERE environment = ? AND plugin = ? AND ordinal = ?`, env, plugin, st.Ordinal)
		if found {
			err = fmt.Errorf("rollout %s of %s in %s has the ordinal %d already", id, plugin, env, st.Ordinal)
		}
		return st.Ordinal, err
	}
	last, err := list(ctx, h, takeHead, `SELECT `+headColumns+` FROM rollouts
		WHERE environment = ? AND plugin = ? AND unfinished = 1 ORDER BY ordinal DESC LIMIT 1`, env, plugin)
	if err == nil && len(last) > 0 {
		err = engine.RefuseUnfinished(&last[0])
	}
	return ordinal + 1, err
}

// refuseKey refuses a key that was used.
func refuseKey(ctx context.Context, h handle, st *store.Start) error {
	if st.Key == "" {
		return nil
	}
	var id, request string
	found, err := h.one(ctx, []any{&id, &request}, `SELECT id, request FROM rollouts WHERE idem = ?`, st.Key)
	if found && err == nil {
		err = &store.StartedError{Rollout: id, Differs: request != st.Request}
	}
	return err
}

// enter writes a rollout.
func (s *Store) enter(ctx context.Context, h handle, p *engine.Plan, head *engine.RolloutHead, st *store.Start, document []byte) error {
	_, err := h.exec(ctx, `UPDATE places SET ordinal = ? WHERE environment = ? AND plugin = ? AND ordinal < ?`,
		head.Ordinal, string(head.Environment), head.Plugin, head.Ordinal)
	if err != nil {
		return err
	}
	var key any
	if st.Key != "" {
		key = st.Key
	}
	search := strings.ToLower(strings.Join([]string{head.Rollout, head.Plugin, head.Baseline, head.Candidate}, "\n"))
	_, err = h.exec(ctx, `INSERT INTO rollouts (id, environment, plugin, ordinal, baseline, candidate, restores,
		phase, outcome, unfinished, stage, strategy, stages, began, wake, events, search,
		idem, request, deployment, started_by, walked, started_at, owner, holder, lease_until, change, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 1, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, '', '', 0, 0, ?)`,
		head.Rollout, string(head.Environment), head.Plugin, head.Ordinal, head.Baseline, head.Candidate, head.Restores,
		string(head.Phase), head.Stage, string(p.Spec.Strategy), namesOf(p), search,
		key, st.Request, st.Deployment, st.By, number(st.Walked), nanos(st.At), nanos(s.Now()))
	if err != nil {
		return err
	}
	if _, err := h.exec(ctx, `INSERT INTO plans (rollout, document) VALUES (?, ?)`, head.Rollout, document); err != nil {
		return err
	}
	return s.changed(ctx, h, head.Rollout, -1)
}

// namesOf are the names of a plan's stages, in JSON.
func namesOf(p *engine.Plan) string {
	names := make([]string, len(p.Stages))
	for i := range p.Stages {
		names[i] = p.Stages[i].Name
	}
	text, err := json.Marshal(names)
	if err != nil {
		return "[]" // texts can be written
	}
	return string(text)
}

// Open implements [engine.Journals].
func (s *Store) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j := &journal{of: s, rollout: rollout}
	found, err := s.db.read().one(ctx, []any{&j.ordinal}, `SELECT ordinal FROM rollouts WHERE id = ?`, rollout)
	switch {
	case err != nil:
		return nil, s.db.explain(err)
	case !found:
		return nil, noJournal(rollout)
	}
	return j, nil
}

func noJournal(rollout string) error { return fmt.Errorf("%s: %w", rollout, engine.ErrNoJournal) }

// List implements [engine.Journals].
func (s *Store) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	query, args := `SELECT `+headColumns+` FROM rollouts WHERE environment = ? AND plugin = ?`, []any{string(e), plugin}
	if f.Outcome != "" {
		query, args = query+` AND outcome = ?`, append(args, string(f.Outcome))
	}
	if f.Below != 0 {
		query, args = query+` AND ordinal < ?`, append(args, f.Below)
	}
	query += ` ORDER BY ordinal DESC`
	if f.Limit > 0 {
		query, args = query+` LIMIT ?`, append(args, f.Limit)
	}
	heads, err := list(ctx, s.db.read(), takeHead, query, args...)
	return heads, s.db.explain(err)
}

// headColumns are the columns of a head.
const headColumns = `ordinal, id, environment, plugin, baseline, candidate, restores, phase, outcome, stage, began, wake, events`

// takeHead takes them.
func takeHead(row scan) (engine.RolloutHead, error) {
	var h engine.RolloutHead
	var began, wake int64
	err := row(headInto(&h, &began, &wake)...)
	h.Began, h.Wake = moment(began), moment(wake)
	return h, err
}

func headInto(h *engine.RolloutHead, began, wake *int64) []any {
	return []any{&h.Ordinal, &h.Rollout, &h.Environment, &h.Plugin, &h.Baseline, &h.Candidate, &h.Restores, &h.Phase, &h.Outcome, &h.Stage, began, wake, &h.Events}
}
