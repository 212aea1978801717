package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FileJournals keep journals in a folder, one file for each rollout, numbered in
// the order in which they began.
//
// A file is a list of lines, each the CRC-32C of a JSON record in hex, a space, and
// the record: first a head with the format and the plan, then the events. A last
// line without its end was being written when the writer died: it is dropped. Any
// other line whose checksum does not match is an error. Plans of many tenants share a
// file that lists them, see [listed], and an index spares reading what has ended, see
// [entry].
//
// One FileJournals is for one caller at a time; any number of them, in any number of
// processes, may work on the same folder.
type FileJournals struct {
	dir string
	// Unsynced leaves out the fsync after each event: the journal survives the death
	// of its writer, not the machine's.
	Unsynced bool
	// ReadOnly writes nothing by itself, not even to the index.
	ReadOnly bool

	last     lastRead
	lastList struct {
		name    string
		tenants []Tenant
	}
}

// lastRead is the journal that was read last, as far as it went: an operation asks for
// the same one several times.
type lastRead struct {
	path   string
	size   int64
	list   string
	plan   Plan
	events []Event
}

// The versions of the file's form: with the plan's tenants in it, and beside it. A
// reader refuses a newer one.
const (
	journalFormat = 1
	listedFormat  = 2
)

const journalSuffix = ".journal"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// OpenFileJournals returns the journals in dir. It creates nothing: a folder that
// does not exist holds no journals, and Begin makes it.
func OpenFileJournals(dir string) *FileJournals { return &FileJournals{dir: dir} }

type journalHead struct {
	Format  int     `json:"format"`
	Plan    Plan    `json:"plan"`
	Tenants *listed `json:"tenants,omitempty"` // of the plan, where they are not in it
}

// Begin implements Journals. The file appears whole, under a name that only one
// writer can take.
func (f *FileJournals) Begin(ctx context.Context, p Plan) (Journal, error) {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return nil, err
	}
	for {
		if err := refuseUnfinished(ctx, f, p); err != nil {
			return nil, err
		}
		names, err := f.names()
		if err != nil {
			return nil, err
		}
		next := 1
		if len(names) > 0 {
			if _, err := fmt.Sscanf(names[len(names)-1], "%d", &next); err != nil {
				return nil, fmt.Errorf("%s: not the name of a journal", filepath.Join(f.dir, names[len(names)-1]))
			}
			next++
		}
		path := filepath.Join(f.dir, fmt.Sprintf("%06d%s", next, journalSuffix))
		err = f.create(path, p)
		if errors.Is(err, fs.ErrExist) {
			continue // somebody else began at the same moment: look again
		}
		if err != nil {
			return nil, err
		}
		return f.journal(filepath.Base(path)), nil
	}
}

// journal is the one in a file of that name.
func (f *FileJournals) journal(name string) *fileJournal {
	return &fileJournal{of: f, path: filepath.Join(f.dir, name)}
}

func (f *FileJournals) create(path string, p Plan) error {
	head := journalHead{Format: journalFormat, Plan: p}
	if len(p.Tenants) >= manyTenants {
		list, rest := pack(p.Tenants)
		if err := f.writeList(rest.List, list); err != nil {
			return err
		}
		head.Format, head.Plan.Tenants, head.Tenants = listedFormat, nil, &rest
	}
	tmp, err := os.CreateTemp(f.dir, ".begin-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	line := record(head)
	_, err = tmp.Write(line)
	if err == nil && !f.Unsynced {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err = os.Link(tmp.Name(), path); err == nil {
		f.last = lastRead{path: path, size: int64(len(line)), plan: p}
		if head.Tenants != nil {
			f.last.list = head.Tenants.List
		}
	}
	return err
}

// Open implements Journals.
func (f *FileJournals) Open(_ context.Context, rollout string) (Journal, error) {
	return f.newest(rollout, func(e *entry) bool { return e.Rollout == rollout })
}

// Latest implements Journals.
func (f *FileJournals) Latest(_ context.Context, e Environment, plugin string) (Journal, error) {
	return f.newest(fmt.Sprintf("%s of %s", plugin, e), func(x *entry) bool { return x.is(e, plugin) })
}

func (f *FileJournals) newest(what string, match func(*entry) bool) (Journal, error) {
	all, err := f.survey()
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(all) {
		if match(&e) {
			return f.journal(e.File), nil
		}
	}
	return nil, fmt.Errorf("%s: %w", what, ErrNoJournal)
}

// List implements Journals.
func (f *FileJournals) List(_ context.Context, e Environment, plugin string) ([]string, error) {
	all, err := f.survey()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range all {
		if x.is(e, plugin) {
			ids = append(ids, x.Rollout)
		}
	}
	return ids, nil
}

// names are the files of the journals, oldest first.
func (f *FileJournals) names() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), journalSuffix) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// fileJournal remembers how far it has read, so that an append reads nothing again
// unless somebody else has written.
type fileJournal struct {
	of   *FileJournals
	path string
	list string // of its tenants
	size int64  // of the whole lines
	next int64  // sequence number of the next event
}

// Append implements Journal. A lock on the file makes looking and writing one act.
func (j *fileJournal) Append(_ context.Context, e Event) (err error) {
	file, err := os.OpenFile(j.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := LockFile(file, true); err != nil {
		return fmt.Errorf("%s: lock: %w", j.path, err)
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if j.size == 0 || info.Size() != j.size {
		if _, _, err := j.read(); err != nil {
			return err
		}
	}
	if e.Seq != j.next {
		return fmt.Errorf("event %d where %d is the next: %w", e.Seq, j.next, ErrConflict)
	}
	if err := file.Truncate(j.size); err != nil { // a torn tail makes room
		return err
	}
	line := record(e)
	if _, err := file.WriteAt(line, j.size); err != nil {
		return err
	}
	if !j.of.Unsynced {
		if err := file.Sync(); err != nil {
			return err
		}
	}
	if last := &j.of.last; last.path == j.path && last.size == j.size {
		last.size, last.events = j.size+int64(len(line)), append(last.events, e)
	}
	j.size, j.next = j.size+int64(len(line)), j.next+1
	return nil
}

// Load implements Journal.
func (j *fileJournal) Load(context.Context) (Plan, []Event, error) { return j.read() }

func (j *fileJournal) read() (Plan, []Event, error) {
	last := &j.of.last
	if info, err := os.Stat(j.path); err != nil || last.path != j.path || last.size != info.Size() {
		data, err := os.ReadFile(j.path)
		if errors.Is(err, fs.ErrNotExist) { // forgotten since it was found
			return Plan{}, nil, fmt.Errorf("%s: %w", j.path, ErrNoJournal)
		}
		if err != nil {
			return Plan{}, nil, err
		}
		head, events, size, err := parseJournal(data, j.of.list)
		if err != nil {
			return Plan{}, nil, fmt.Errorf("%s: %w", j.path, err)
		}
		*last = lastRead{path: j.path, size: int64(size), plan: head.Plan, events: events}
		if head.Tenants != nil {
			last.list = head.Tenants.List
		}
	}
	j.list, j.size, j.next = last.list, last.size, int64(len(last.events))
	return last.plan, slices.Clone(last.events), nil
}
