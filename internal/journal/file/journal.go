package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// journal remembers how far it has read, so that an append reads nothing again unless
// somebody else has written.
type journal struct {
	of      *Journals
	ordinal int64
	path    string
	size    int64 // of the whole lines
	next    int64 // number of the next event
}

// journal is the one in the file with a number.
func (f *Journals) journal(number int64) *journal {
	return &journal{of: f, ordinal: number, path: filepath.Join(f.dir, nameOf(number))}
}

// Ordinal implements [engine.Journal].
func (j *journal) Ordinal() int64 { return j.ordinal }

// Plan implements [engine.Journal].
func (j *journal) Plan(ctx context.Context) (*engine.Plan, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.of.mu.Lock()
	defer j.of.mu.Unlock()
	c, err := j.read()
	return c.plan, err
}

// Events implements [engine.Journal].
func (j *journal) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j.of.mu.Lock()
	defer j.of.mu.Unlock()
	if info, err := os.Stat(j.path); err == nil && j.size > 0 && info.Size() == j.size && after+1 >= j.next {
		return nil, nil
	}
	c, err := j.read()
	if err != nil {
		return nil, err
	}
	return slices.Clip(c.events[min(after+1, int64(len(c.events))):]), nil
}

// Append implements [engine.Journal]. A lock on the file makes looking and writing one
// act. The head is not written: it follows from the events.
func (j *journal) Append(ctx context.Context, e engine.Event, _ engine.RolloutHead) (err error) {
	line, err := record(e)
	if err != nil {
		return err
	}
	j.of.mu.Lock()
	defer j.of.mu.Unlock()
	file, err := filelock.Open(ctx, j.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) { // forgotten since it was found
		return fmt.Errorf("%s: %w", j.path, engine.ErrNoJournal)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if j.size == 0 || info.Size() != j.size {
		if _, err := j.read(); err != nil {
			return err
		}
	}
	if err := engine.RefuseOutOfTurn(&e, j.next); err != nil {
		return err
	}
	if err := j.put(file, line); err != nil {
		return err
	}
	if last := &j.of.last; last.path == j.path && last.size == j.size {
		last.size, last.events = j.size+int64(len(line)), append(last.events, e)
	}
	j.size, j.next = j.size+int64(len(line)), j.next+1
	return nil
}

// put writes a line behind the last whole one: a torn one makes room.
func (j *journal) put(file *filelock.File, line []byte) error {
	if err := file.Truncate(j.size); err != nil {
		return err
	}
	if _, err := file.WriteAt(line, j.size); err != nil {
		return err
	}
	if j.of.Unsynced {
		return nil
	}
	return file.Sync()
}

// read is what the file holds, as far as it can be read. The error is a
// *engine.BrokenJournalError, ErrNoJournal, or one of the system.
func (j *journal) read() (contents, error) {
	last := &j.of.last
	if info, err := os.Stat(j.path); err != nil || last.path != j.path || last.size != info.Size() {
		data, err := os.ReadFile(j.path)
		if errors.Is(err, fs.ErrNotExist) { // forgotten since it was found
			return contents{}, fmt.Errorf("%s: %w", j.path, engine.ErrNoJournal)
		}
		if err != nil {
			return contents{}, err
		}
		c, line, err := parse(data, j.of.list)
		if err != nil {
			return c, &engine.BrokenJournalError{Where: j.path, Line: line, Err: err}
		}
		*last = lastRead{j.path, c}
	}
	j.size, j.next = last.size, int64(len(last.events))
	return last.contents, nil
}
