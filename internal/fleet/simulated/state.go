package simulated

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// ErrInUse is what Open returns while another process has the folder.
var ErrInUse = errors.New("another process serves from this folder")

// State is a folder with fleets. It belongs to one process at a time.
type State struct {
	Dir    string
	Places []*Place // one for each spec, in their order
	lock   *filelock.File
}

// The files of a state, beside a folder for each environment with one for each plugin.
const (
	lockFile  = "lock"
	worldsDir = "worlds"
)

// Open takes a folder, and makes what is missing in it. clock is the machine's time, and
// wait waits in it. The error is ErrInUse, a *simulator.FolderError where the folder has
// fleets of other settings, engine.Problems, or one of the system.
func Open(_ context.Context, dir string, clock func() time.Time, wait simulator.Sleep, specs ...Spec) (*State, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := filelock.Try(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	if err != nil {
		return nil, err
	}
	s := &State{Dir: dir, lock: lock}
	seen := map[string]bool{}
	for _, spec := range specs {
		folder := simulator.Folder(filepath.Join(dir, worldsDir), spec.Environment, spec.Plugin)
		if seen[folder] {
			return nil, errors.Join(fmt.Errorf("%s in %s is there twice", spec.Plugin, spec.Environment), lock.Close())
		}
		seen[folder] = true
		p, err := open(folder, spec, clock, wait)
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		s.Places = append(s.Places, p)
	}
	return s, nil
}

// Close saves all fleets as they are, and lets others have the folder.
func (s *State) Close() error {
	var wrong error
	for _, p := range s.Places {
		p.do(func() { wrong = errors.Join(wrong, p.save()) })
	}
	return errors.Join(wrong, s.lock.Close())
}
