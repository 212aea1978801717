// Package file keeps the journals of rollouts in a folder.
//
// There is one file for each rollout, numbered in the order in which they began, and
// nothing but a file whose name is such a number is taken for one. It is a list of lines,
// each the CRC-32C of a JSON record in hex, a space, and the record: first a head with the
// plan, then the events. A last line that is broken was being written when the writer
// died: it is dropped. Any other line that is broken is an error, of that journal alone.
// Plans of many tenants share a file that lists them, see [listed], and an index spares
// reading what has ended, see [entry].
//
// Each kind of document has a format, a number, and is refused as newer where that is
// greater than those that are known here, before anything else is said about it.
package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// Journals are the journals in a folder. Any number of them, in any number of processes,
// may work on the same folder.
type Journals struct {
	dir string
	// Unsynced leaves out all fsyncs: the journals survive the death of their writer, not
	// the machine's.
	Unsynced bool
	// ReadOnly writes nothing by itself, not even to the index.
	ReadOnly bool

	mu       sync.Mutex // of all that follows
	last     lastRead
	lastList struct {
		name    string
		tenants []engine.Tenant
	}
}

// lastRead is the journal that was read last, as far as it went: an operation asks for
// the same one several times.
type lastRead struct {
	path string
	contents
}

// lockFile is locked by whoever begins, or forgets. In it is the greatest number that a
// journal ever had, so that none has it again.
const lockFile = "lock"

// Open returns the journals in dir. It creates nothing: a folder that does not exist
// holds no journals, and Begin makes it.
func Open(dir string) *Journals { return &Journals{dir: dir} }

// Begin implements [engine.Journals]. A lock on the folder makes looking and beginning one
// act; the file appears whole.
func (f *Journals) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.makeFolder(); err != nil {
		return nil, err
	}
	lock, err := f.lock(ctx)
	if err != nil {
		return nil, err
	}
	j, err := f.begin(lock, &p)
	return j, errors.Join(err, lock.Close())
}

func (f *Journals) begin(lock *filelock.File, p *engine.Plan) (engine.Journal, error) {
	all, err := f.survey()
	if err == nil {
		err = refuse(all, p)
	}
	if err != nil {
		return nil, err
	}
	next, err := f.greatest(lock)
	if err != nil {
		return nil, err
	}
	next++
	if err := f.create(nameOf(next), p); err != nil {
		return nil, err
	}
	return f.journal(next), f.remember(lock, next)
}

// refuse holds the rules of [engine.Journals] against a plan. When the journal that began
// last began, all before it had ended, whatever can be read of them.
func refuse(all []entry, p *engine.Plan) error {
	for i := range all {
		if all[i].Rollout == p.Rollout {
			return &engine.RolloutTakenError{Rollout: p.Rollout}
		}
	}
	for i := range slices.Backward(all) {
		switch e := &all[i]; {
		case e.Rollout == "":
			return fmt.Errorf("%w; so it is not known which rollout it is of, and whether that is unfinished: move the file out of its folder to begin another", e.broken)
		case !e.is(p.Spec.Environment, p.Spec.PluginID):
		case e.broken != nil:
			return e.broken
		default:
			return engine.RefuseUnfinished(&e.RolloutHead)
		}
	}
	return nil
}

// makeFolder makes the folder, and those above it, where they are missing.
func (f *Journals) makeFolder() error {
	var missing []string
	for path := f.dir; ; path = filepath.Dir(path) {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, path)
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return err
	}
	for _, path := range missing {
		if err := f.syncFolder(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}

// lock takes the folder until the file is closed.
func (f *Journals) lock(ctx context.Context) (*filelock.File, error) {
	return filelock.Open(ctx, filepath.Join(f.dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
}

// mostOrdinal is more than there ever are.
const mostOrdinal = 1 << 53

// greatest is the greatest number that a journal has or had.
func (f *Journals) greatest(lock *filelock.File) (int64, error) {
	text, err := io.ReadAll(io.NewSectionReader(lock, 0, 64))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	most, err := strconv.ParseInt(line, 10, 64)
	if err != nil || most > mostOrdinal {
		most = 0 // what is no number says nothing
	}
	found, err := os.ReadDir(f.dir)
	for _, e := range found {
		most = max(most, numberOf(e.Name()))
	}
	return most, err
}

// remember writes the greatest number down.
func (f *Journals) remember(lock *filelock.File, most int64) error {
	_, err := lock.WriteAt(fmt.Appendf(nil, "%d\n", most), 0)
	if err == nil && !f.Unsynced {
		err = lock.Sync()
	}
	return err
}

// Open implements [engine.Journals].
func (f *Journals) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.survey()
	if err != nil {
		return nil, err
	}
	for i := range slices.Backward(all) {
		if e := &all[i]; e.Rollout == rollout && rollout != "" {
			if e.broken != nil {
				return nil, e.broken
			}
			return f.journal(e.Ordinal), nil
		}
	}
	return nil, fmt.Errorf("%s: %w", rollout, engine.ErrNoJournal)
}

// List implements [engine.Journals]. A journal that is broken is listed as far as it can
// be read; where its outcome is asked for, that is an error.
func (f *Journals) List(ctx context.Context, e engine.Environment, plugin string, filter engine.Filter) ([]engine.RolloutHead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.survey()
	if err != nil {
		return nil, err
	}
	var heads []engine.RolloutHead
	for i := range slices.Backward(all) {
		x := &all[i]
		if filter.Full(len(heads)) {
			break
		}
		if !x.is(e, plugin) {
			continue
		}
		asked := filter.Takes(&x.RolloutHead)
		if x.broken != nil && !asked && (engine.Filter{Below: filter.Below}).Takes(&x.RolloutHead) {
			return nil, x.broken // it may have the outcome that is asked for, or not
		}
		if asked {
			heads = append(heads, x.RolloutHead)
		}
	}
	return heads, nil
}

const journalSuffix = ".journal"

// nameOf is the name of the file with a number.
func nameOf(number int64) string { return fmt.Sprintf("%06d%s", number, journalSuffix) }

// numberOf is the number of a journal by its name; 0: it is not the name of one, as those
// of copies that somebody laid beside it are not.
func numberOf(name string) int64 {
	digits, ok := strings.CutSuffix(name, journalSuffix)
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 1 || name != nameOf(n) {
		return 0
	}
	return n
}

// sized is a journal's file.
type sized struct{ number, size int64 }

// found are the journals that are there, oldest first.
func (f *Journals) found() ([]sized, error) {
	files, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []sized
	for _, file := range files {
		n := numberOf(file.Name())
		if n == 0 {
			continue
		}
		info, err := os.Stat(filepath.Join(f.dir, file.Name()))
		switch {
		case errors.Is(err, fs.ErrNotExist): // forgotten meanwhile
		case err != nil:
			return nil, err
		case !info.IsDir():
			all = append(all, sized{n, info.Size()})
		}
	}
	slices.SortFunc(all, func(a, b sized) int { return cmp.Compare(a.number, b.number) })
	return all, nil
}
