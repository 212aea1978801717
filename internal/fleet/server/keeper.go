package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// Keeper keeps texts by their names, which are at most 100 lower-case letters, digits and
// dashes: the lists of targets, the newest order, and what of a rollout is in no journal.
// Any number of callers may use it at a time.
type Keeper interface {
	// Get reads a text. One that is not there is fs.ErrNotExist.
	Get(name string) ([]byte, error)
	// Put writes a text, in place of the one that was there, in one step. When it returns,
	// the text outlives the process, as far as the keeper does.
	Put(name string, text []byte) error
	// Delete removes a text. One that is not there is no error.
	Delete(name string) error
	// Names lists what there is.
	Names() ([]string, error)
}

// Memory is a Keeper that forgets all with its process.
type Memory struct {
	mu    sync.Mutex
	texts map[string][]byte
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{texts: map[string][]byte{}} }

// Get implements Keeper.
func (m *Memory) Get(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.texts[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return text, nil
}

// Put implements Keeper.
func (m *Memory) Put(name string, text []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts[name] = text
	return nil
}

// Delete implements Keeper.
func (m *Memory) Delete(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.texts, name)
	return nil
}

// Names implements Keeper.
func (m *Memory) Names() (names []string, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Folder is a Keeper that has a file for each text. What it has written outlives the
// machine.
type Folder struct {
	dir string
	mu  sync.Mutex // of writing
}

// NewFolder keeps texts in dir, which is there, and nobody else's.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// ending is that of the files of a Folder: what has another one was not written to its end.
const ending = ".kept"

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name+ending) }

// Get implements Keeper.
func (f *Folder) Get(name string) ([]byte, error) { return os.ReadFile(f.path(name)) }

// Put implements Keeper.
func (f *Folder) Put(name string, text []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return durable.Write(f.path(name), text, 0o644)
}

// Delete implements Keeper.
func (f *Folder) Delete(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Names implements Keeper.
func (f *Folder) Names() ([]string, error) {
	files, err := os.ReadDir(f.dir)
	var names []string
	for _, file := range files {
		if name, ok := strings.CutSuffix(file.Name(), ending); ok {
			names = append(names, name)
		}
	}
	return names, err
}
