package simulator

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// storeJournals saves the world with the journals of its rollouts.
type storeJournals struct{ s *Store }

// Begin implements [engine.Journals].
func (js storeJournals) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	j, err := js.s.files.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	js.s.world.heard(p.Rollout)
	js.s.mark = position{rollout: p.Rollout}
	if err := js.s.write(worldFile, js.s.mark); err != nil {
		return nil, err
	}
	return &storeJournal{js.s, j, p.Rollout}, js.s.files.Forget(js.s.keep)
}

// Open implements [engine.Journals].
func (js storeJournals) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	j, err := js.s.files.Open(ctx, rollout)
	if err != nil {
		return nil, err
	}
	return &storeJournal{js.s, j, rollout}, nil
}

// Latest implements [engine.Journals].
func (js storeJournals) Latest(ctx context.Context, e engine.Environment, plugin string) (engine.Journal, error) {
	j, err := js.s.files.Latest(ctx, e, plugin)
	if err != nil {
		return nil, err
	}
	plan, _, err := j.Load(ctx)
	if err != nil {
		return nil, err
	}
	return &storeJournal{js.s, j, plan.Rollout}, nil
}

// List implements [engine.Journals].
func (js storeJournals) List(ctx context.Context, e engine.Environment, plugin string) ([]string, error) {
	return js.s.files.List(ctx, e, plugin)
}

type storeJournal struct {
	s       *Store
	journal engine.Journal
	rollout string
}

// Append implements [engine.Journal].
func (j *storeJournal) Append(ctx context.Context, e engine.Event) error {
	at := position{j.rollout, e.Seq + 1}
	if err := j.s.write(nextFile, at); err != nil {
		return err
	}
	if err := j.journal.Append(ctx, e); err != nil {
		return errors.Join(err, j.s.drop())
	}
	j.s.mark = at
	return os.Rename(filepath.Join(j.s.folder, nextFile), filepath.Join(j.s.folder, worldFile))
}

// Load implements [engine.Journal].
func (j *storeJournal) Load(ctx context.Context) (engine.Plan, []engine.Event, error) {
	return j.journal.Load(ctx)
}

// LastSucceeded is for [engine.Completed].
func (js storeJournals) LastSucceeded(ctx context.Context, e engine.Environment, plugin string) (string, error) {
	return js.s.files.LastSucceeded(ctx, e, plugin)
}

// readOnly are journals that cannot be written to.
type readOnly struct {
	engine.Journals
	files *engine.FileJournals
}

// LastSucceeded is for [engine.Completed].
func (r readOnly) LastSucceeded(ctx context.Context, e engine.Environment, plugin string) (string, error) {
	return r.files.LastSucceeded(ctx, e, plugin)
}

// Begin implements [engine.Journals].
func (readOnly) Begin(context.Context, engine.Plan) (engine.Journal, error) { return nil, errReadOnly }

// Open implements [engine.Journals].
func (r readOnly) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	j, err := r.Journals.Open(ctx, rollout)
	return readOnlyJournal{j}, err
}

// Latest implements [engine.Journals].
func (r readOnly) Latest(ctx context.Context, e engine.Environment, plugin string) (engine.Journal, error) {
	j, err := r.Journals.Latest(ctx, e, plugin)
	return readOnlyJournal{j}, err
}

type readOnlyJournal struct{ engine.Journal }

// Append implements [engine.Journal].
func (readOnlyJournal) Append(context.Context, engine.Event) error { return errReadOnly }
