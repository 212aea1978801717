package file

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The index remembers of each rollout that ended what is asked most, so that nobody
// reads its journal for it: however many there are, an operation reads the newest.
//
// It is a file of lines like those of a journal, appended to. It only remembers, and
// is never asked alone: a line counts for a journal that is there and has the size
// that it names, and whoever finds a journal without such a line reads it. So it may
// be torn, broken, old, of another format or gone.
const indexFile = "index"

// indexFormat is the version of the lines of the index: those of any other say nothing.
const indexFormat = 2

// entry is what is known of one journal.
type entry struct {
	Format int    `json:"format"`
	File   string `json:"file"`
	Size   int64  `json:"size"`           // of its whole lines
	List   string `json:"list,omitempty"` // of its tenants
	// RolloutHead has an outcome, or is in no index. Its Rollout is "" where not even that
	// can be read.
	engine.RolloutHead
	broken error // why it cannot be read
}

// is says whether e is of an environment and a plugin.
func (e *entry) is(env engine.Environment, plugin string) bool {
	return e.Rollout != "" && e.Environment == env && e.Plugin == plugin
}

// survey lists what is known of all journals, oldest first. It reads those that the
// index does not know, and notes those that have ended.
func (f *Journals) survey() ([]entry, error) {
	found, err := f.found()
	if err != nil || len(found) == 0 {
		return nil, err
	}
	known := f.index()
	all := make([]entry, 0, len(found))
	var news []entry
	for _, file := range found {
		if e, ok := known[nameOf(file.number)]; ok && e.Size == file.size {
			all = append(all, e)
			continue
		}
		e, err := f.examine(file.number)
		if errors.Is(err, engine.ErrNoJournal) {
			continue // forgotten meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if e.Outcome != "" && e.Size == file.size {
			news = append(news, e)
		}
	}
	if f.ReadOnly || len(news) == 0 {
		return all, nil
	}
	return all, f.note(news)
}

// examine reads a journal for what the index has of it.
func (f *Journals) examine(number int64) (entry, error) {
	j := f.journal(number)
	c, err := j.read()
	var broken *engine.BrokenJournalError
	if err != nil && !errors.As(err, &broken) {
		return entry{}, err
	}
	e := entry{Format: indexFormat, File: nameOf(number), Size: c.size, List: c.list, broken: err}
	if c.plan == nil {
		e.RolloutHead = engine.RolloutHead{
			Ordinal: number, Rollout: c.who.Rollout, Environment: c.who.Spec.Environment, Plugin: c.who.Spec.PluginID,
			Candidate: c.who.Candidate, Phase: engine.PhaseProgressing,
		}
		return e, nil
	}
	state, unfit := engine.Fold(c.plan, c.events)
	if unfit != nil && err == nil {
		e.broken = &engine.BrokenJournalError{Where: j.path, Line: int(state.Seq) + 2, Err: unfit}
	}
	var at time.Time
	if n := len(c.events); n > 0 {
		at = c.events[n-1].At
	}
	e.RolloutHead = engine.HeadOf(c.plan, &state, number, at)
	return e, nil
}

// index reads the index, by file. Later lines count; lines that are broken do not.
func (f *Journals) index() map[string]entry {
	known := map[string]entry{}
	data, err := os.ReadFile(filepath.Join(f.dir, indexFile))
	if err != nil {
		return known
	}
	for line := range strings.Lines(string(data)) {
		body, ok := checked([]byte(strings.TrimSuffix(line, "\n")))
		var e entry
		if ok && strings.HasSuffix(line, "\n") && json.Unmarshal(body, &e) == nil && e.Format == indexFormat {
			known[e.File] = e
		}
	}
	return known
}

// note appends to the index. It begins on a new line, so that a torn one before it
// harms nothing but itself.
func (f *Journals) note(news []entry) (err error) {
	file, err := os.OpenFile(filepath.Join(f.dir, indexFile), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var lines []byte
	if info, err := file.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, info.Size()-1); err != nil || last[0] != '\n' {
			lines = append(lines, '\n')
		}
	}
	for _, e := range news {
		line, err := record(e)
		if err != nil {
			return err
		}
		lines = append(lines, line...)
	}
	_, err = file.Write(lines)
	return err
}
