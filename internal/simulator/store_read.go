package simulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// read reads the world of a folder, or makes a new one. next says that it was
// still waiting for its place.
func read(ctx context.Context, folder string, files *file.Journals, env engine.Environment, plugin string, cfg Config) (w *World, at position, next bool, err error) {
	if ps := env.Check(); len(ps) > 0 {
		return nil, at, false, ps
	}
	w, at, err = readFile(filepath.Join(folder, worldFile))
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		w, err = NewWorld(cfg, env, plugin)
	}
	if err != nil {
		return nil, at, false, err
	}
	if waiting, mark, err := readWaiting(ctx, folder, files); err != nil {
		return nil, at, false, err
	} else if waiting != nil {
		w, at, next = waiting, mark, true
	}
	if w.env != env || w.plugin != plugin {
		return nil, at, false, fmt.Errorf("%s holds the fleet of %s in %s", folder, w.plugin, w.env)
	}
	if err := w.Reconfigure(cfg); err != nil {
		return nil, at, false, &FolderError{Folder: folder, Err: err}
	}
	rollouts, err := files.List(ctx, env, plugin, engine.Filter{})
	if err == nil && missing && !next {
		err = untold(folder, rollouts)
	}
	w.hearOf(rollouts)
	return w, at, next, err
}

// readWaiting reads the world that waits for its place, where it holds: where its event
// is in the journal. One that cannot be read was not written to its end, and so its event
// was not even tried. nil: none holds.
func readWaiting(ctx context.Context, folder string, files *file.Journals) (*World, position, error) {
	waiting, mark, _ := readFile(filepath.Join(folder, nextFile))
	if waiting == nil {
		return nil, position{}, nil
	}
	n, err := length(ctx, files, mark.rollout)
	if err != nil || n < mark.events {
		return nil, position{}, err
	}
	return waiting, mark, nil
}

// hearOf tells the world of rollouts, the newest first: a journal that began just before
// its writer died is news to it.
func (w *World) hearOf(rollouts []engine.RolloutHead) {
	if w.Forgot > 0 { // then the world does not know all that are there
		rollouts = rollouts[:min(1, len(rollouts))]
	}
	for _, r := range slices.Backward(rollouts) {
		w.heard(r.Rollout)
	}
}

// untold is the error of a folder with a past and without a world: a new one would
// contradict its journals. A rollout without an event did nothing yet.
func untold(folder string, rollouts []engine.RolloutHead) error {
	if !slices.ContainsFunc(rollouts, func(r engine.RolloutHead) bool { return r.Events > 0 }) {
		return nil
	}
	return fmt.Errorf("%s is missing, and the journals beside it tell of rollouts: what the fleet runs is not known; "+
		"restore that file, or delete the folder for a new fleet", filepath.Join(folder, worldFile))
}

// FolderError says that a folder holds a fleet that was created with other
// settings. Err is [engine.Problems].
type FolderError struct {
	Folder string
	Err    error
}

// Error names the folder and the settings.
func (e *FolderError) Error() string {
	return fmt.Sprintf("%v\nThe fleet is in %s: give the settings back the values that it was created with, or delete the folder for a new fleet.", e.Err, e.Folder)
}

// Unwrap is the problems.
func (e *FolderError) Unwrap() error { return e.Err }

func readFile(path string) (*World, position, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, position{}, err
	}
	w, s, err := load(data)
	if err != nil {
		return nil, position{}, fmt.Errorf("the simulated fleet in %s cannot be read: %w", path, err)
	}
	return w, position{s.Rollout, s.Events}, nil
}

// length is how many events a rollout's journal has.
func length(ctx context.Context, files engine.Journals, rollout string) (int64, error) {
	j, err := files.Open(ctx, rollout)
	if errors.Is(err, engine.ErrNoJournal) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	events, err := j.Events(ctx, -1)
	return int64(len(events)), err
}
