package simulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// ErrLocked is what Open returns, without a way to wait, while another process has
// the world.
var ErrLocked = errors.New("the simulated fleet is in use by another process")

// errReadOnly refuses to write to what was only peeked at.
var errReadOnly = errors.New("the simulated fleet was opened for reading only")

// The files of a world's folder. world.next is a world that waits for its event to
// be in the journal, see Store.
const (
	worldFile   = "world.json"
	nextFile    = "world.next"
	lockFile    = "lock"
	journalsDir = "journals"
)

// Store is a world in a folder, DIR/ENVIRONMENT/PLUGIN, with its journals. It
// belongs to one process at a time.
//
// The world is saved with each event that is written to a journal: first beside
// the old one, then the event is appended, then the new world takes the place of the
// old one. A process that dies in between leaves both, and whether the journal has
// the event says which of them holds. So the world and the journal always agree,
// and what the fleet did after the last event never happened.
type Store struct {
	folder string
	lock   *filelock.File
	world  *World
	files  *file.Journals
	keep   int // rollouts whose journals stay, see Config.KeepRollouts
	mark   position
	mu     sync.Mutex // of the files, while one of the journals writes
}

// position is a place in a rollout's journal: how many events it has.
type position struct {
	rollout string
	events  int64
}

// Peek reads the world of a plugin in an environment without locking, creating or
// changing anything. Where there is none, it is a new one, in memory alone. Its
// journals can be read, not written to.
func Peek(ctx context.Context, dir string, env engine.Environment, plugin string, cfg Config) (*World, engine.Journals, error) {
	folder := folderOf(dir, env, plugin)
	files := file.Open(filepath.Join(folder, journalsDir))
	files.ReadOnly = true
	w, _, _, err := read(ctx, folder, files, env, plugin, cfg)
	if err != nil {
		return nil, nil, err
	}
	return w, readOnly{files}, nil
}

// Folder is where the world of a plugin in an environment is kept.
func Folder(dir string, env engine.Environment, plugin string) string {
	return folderOf(dir, env, plugin)
}

// Open takes the world of a plugin in an environment for this process, and creates
// it where there is none. While another process has it, it waits with sleep, until
// ctx is done; where sleep is nil it returns [ErrLocked].
func Open(ctx context.Context, dir string, env engine.Environment, plugin string, cfg Config, sleep Sleep) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if ps := env.Check(); len(ps) > 0 {
		return nil, ps
	}
	folder := folderOf(dir, env, plugin)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("the simulated fleet cannot be kept: %w", err)
	}
	lock, err := lockFolder(ctx, folder, sleep)
	if err != nil {
		return nil, err
	}
	s := &Store{folder: folder, lock: lock, keep: cmp.Or(cfg.KeepRollouts, DefaultKeepRollouts), files: file.Open(filepath.Join(folder, journalsDir))}
	s.files.Unsynced = true // a simulation need not survive the machine's death
	var next bool
	s.world, s.mark, next, err = read(ctx, folder, s.files, env, plugin, cfg)
	if err == nil && next {
		err = os.Rename(filepath.Join(folder, nextFile), filepath.Join(folder, worldFile))
	} else if err == nil {
		err = s.drop()
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// World is the world. It is the store's until Close.
func (s *Store) World() *World { return s.world }

// Journals are the journals of the world's rollouts. Each event that is appended
// saves the world.
func (s *Store) Journals() engine.Journals { return storeJournals{s} }

// Close saves the world and lets others have it.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	// Listing notes what ended in the index, for whoever comes next.
	_, listed := s.files.List(context.Background(), s.world.env, s.world.plugin, engine.Filter{Limit: 1})
	err := errors.Join(s.write(worldFile, s.mark), listed, s.lock.Close())
	s.lock = nil
	return err
}

// folderOf is where a world is kept.
func folderOf(dir string, env engine.Environment, plugin string) string {
	return filepath.Join(dir, fileName(string(env)), fileName(plugin))
}

// fileName is s as the name of a folder on any system: letters, digits, dots,
// dashes and underscores stay, all else is written as % and two hex digits.
func fileName(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' && i > 0
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// lockFolder takes the lock of a folder.
func lockFolder(ctx context.Context, folder string, sleep Sleep) (*filelock.File, error) {
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		lock, err := filelock.Try(filepath.Join(folder, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
		switch {
		case err == nil:
			return lock, nil
		case !errors.Is(err, filelock.ErrHeld):
			return nil, fmt.Errorf("the simulated fleet cannot be kept: %w", err)
		}
		if err = ctx.Err(); err == nil && sleep == nil {
			err = ErrLocked
		}
		if err == nil {
			err = sleep(ctx, wait)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
	}
}

// write saves the world to a file of the folder, in one step.
func (s *Store) write(file string, at position) error {
	data, err := s.world.save(at.rollout, at.events)
	if err != nil {
		return err
	}
	path := filepath.Join(s.folder, file)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return fmt.Errorf("the simulated fleet cannot be saved: %w", err)
	}
	return os.Rename(path+".new", path)
}

// drop removes a world that waited in vain.
func (s *Store) drop() error {
	err := os.Remove(filepath.Join(s.folder, nextFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Folder is where the store's world is kept.
func (s *Store) Folder() string { return s.folder }
