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
	js.s.mu.Lock()
	defer js.s.mu.Unlock()
	j, err := js.s.files.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	js.s.world.heard(p.Rollout)
	js.s.mark = position{rollout: p.Rollout}
	if err := js.s.write(worldFile, js.s.mark); err != nil {
		return nil, err
	}
	return &storeJournal{j, js.s, p.Rollout}, js.s.files.Forget(context.WithoutCancel(ctx), js.s.keep) // it has begun
}

// Open implements [engine.Journals].
func (js storeJournals) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	j, err := js.s.files.Open(ctx, rollout)
	if err != nil {
		return nil, err
	}
	return &storeJournal{j, js.s, rollout}, nil
}

// List implements [engine.Journals].
func (js storeJournals) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	return js.s.files.List(ctx, e, plugin, f)
}

// storeJournal saves the world with each event.
type storeJournal struct {
	engine.Journal
	s       *Store
	rollout string
}

// Append implements [engine.Journal].
func (j *storeJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	at := position{j.rollout, e.Seq + 1}
	if err := j.s.write(nextFile, at); err != nil {
		return err
	}
	if err := j.Journal.Append(ctx, e, h); err != nil {
		return errors.Join(err, j.s.drop())
	}
	j.s.mark = at
	return os.Rename(filepath.Join(j.s.folder, nextFile), filepath.Join(j.s.folder, worldFile))
}

// readOnly are journals that cannot be written to.
type readOnly struct{ engine.Journals }

// Begin implements [engine.Journals].
func (readOnly) Begin(context.Context, engine.Plan) (engine.Journal, error) { return nil, errReadOnly }

// Open implements [engine.Journals].
func (r readOnly) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	j, err := r.Journals.Open(ctx, rollout)
	return readOnlyJournal{j}, err
}

type readOnlyJournal struct{ engine.Journal }

// Append implements [engine.Journal].
func (readOnlyJournal) Append(context.Context, engine.Event, engine.RolloutHead) error {
	return errReadOnly
}
