package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The index remembers of each rollout that ended what is asked most, so that nobody
// reads its journal for it: however many there are, an operation reads the newest.
//
// It is a file of lines like those of a journal, appended to. It only remembers, and
// is never asked alone: a line counts for a journal that is there and has the size
// that it names, and whoever finds a journal without such a line reads it. So it may
// be torn, broken, old or gone.
const indexFile = "index"

// entry is what is known of one journal.
type entry struct {
	File        string      `json:"file"`
	Size        int64       `json:"size"` // of its whole lines
	Rollout     string      `json:"rollout"`
	Environment Environment `json:"environment"`
	Plugin      string      `json:"plugin"`
	Restores    string      `json:"restores,omitempty"`
	Outcome     Outcome     `json:"outcome,omitempty"` // "": it has not ended, and is in no index
	List        string      `json:"list,omitempty"`    // of its tenants
}

// is says whether e is of an environment and a plugin.
func (e *entry) is(env Environment, plugin string) bool {
	return e.Environment == env && e.Plugin == plugin
}

// survey lists what is known of all journals, oldest first. It reads those that the
// index does not know, and notes those that have ended.
func (f *FileJournals) survey() ([]entry, error) {
	files, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all, news []entry
	var known map[string]entry
	for _, file := range files { // sorted by name
		if !strings.HasSuffix(file.Name(), journalSuffix) {
			continue
		}
		if known == nil {
			known = f.index()
		}
		info, err := file.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // forgotten meanwhile
		}
		if err != nil {
			return nil, err
		}
		if e, ok := known[file.Name()]; ok && e.Size == info.Size() {
			all = append(all, e)
			continue
		}
		e, err := f.examine(file.Name())
		if errors.Is(err, ErrNoJournal) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if e.Outcome != "" && e.Size == info.Size() {
			news = append(news, e)
		}
	}
	if f.ReadOnly || len(news) == 0 {
		return all, nil
	}
	return all, f.note(news)
}

// examine reads a journal for what the index has of it.
func (f *FileJournals) examine(name string) (entry, error) {
	j := f.journal(name)
	plan, events, err := j.read()
	if err != nil {
		return entry{}, err
	}
	e := entry{
		File: name, Size: j.size, Rollout: plan.Rollout, Environment: plan.Spec.Environment, Plugin: plan.Spec.PluginID,
		Restores: plan.Restores, List: j.list,
	}
	// A journal that cannot be folded has not ended, and says why when it is used.
	if state, err := Fold(&plan, events); err == nil && !state.InFlight() {
		e.Outcome = state.Outcome
	}
	return e, nil
}

// index reads the index, by file. Later lines count; lines that are broken do not.
func (f *FileJournals) index() map[string]entry {
	known := map[string]entry{}
	data, err := os.ReadFile(filepath.Join(f.dir, indexFile))
	if err != nil {
		return known
	}
	for line := range strings.Lines(string(data)) {
		body, ok := checked([]byte(strings.TrimSuffix(line, "\n")))
		var e entry
		if ok && strings.HasSuffix(line, "\n") && json.Unmarshal(body, &e) == nil {
			known[e.File] = e
		}
	}
	return known
}

// note appends to the index. It begins on a new line, so that a torn one before it
// harms nothing but itself.
func (f *FileJournals) note(news []entry) (err error) {
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
		lines = append(lines, record(e)...)
	}
	_, err = file.Write(lines)
	return err
}

// LastSucceeded is the rollout of an environment and plugin that succeeded last, or
// ErrNoJournal. [Completed] asks it where journals can tell.
func (f *FileJournals) LastSucceeded(_ context.Context, e Environment, plugin string) (rollout string, err error) {
	all, err := f.survey()
	if err != nil {
		return "", err
	}
	for _, x := range slices.Backward(all) {
		if x.is(e, plugin) && x.Outcome == Succeeded {
			return x.Rollout, nil
		}
	}
	return "", ErrNoJournal
}

// Forget removes the journals of rollouts that ended, but for the newest keep ones. What
// somebody may still go back to stays: the rollouts of each environment and plugin that
// succeeded last, on the way forward and back, what the newest ones restore, and those
// that are stuck. Whoever calls it is alone with the journals.
func (f *FileJournals) Forget(keep int) error {
	all, err := f.survey()
	if err != nil {
		return err
	}
	var stay []entry
	needed, seen := map[string]bool{}, map[string]bool{}
	for i, e := range slices.Backward(all) {
		place := fmt.Sprintf("%s/%s/", e.Environment, e.Plugin)
		stays := len(all)-i <= keep || e.Outcome == "" || e.Outcome == Stuck || needed[e.Rollout]
		if e.Outcome == Succeeded {
			kind := place + fmt.Sprint(e.Restores != "")
			stays = stays || !seen[kind]
			seen[kind] = true
		}
		if stays {
			if e.Restores != "" {
				needed[e.Restores] = true
			}
			stay = append(stay, e)
		}
	}
	if len(stay) == len(all) {
		return nil
	}
	slices.Reverse(stay)
	return f.forgetAllBut(stay)
}

// forgetAllBut removes every journal that is not among stay, then writes the index
// anew, and removes the lists that nobody shares any more. It may die anywhere: what
// is left then is whole, and the next one goes on.
func (f *FileJournals) forgetAllBut(stay []entry) error {
	files, lists := map[string]bool{}, map[string]bool{}
	var lines []byte
	for _, e := range stay {
		files[e.File], lists[e.List+listSuffix] = true, true
		if e.Outcome != "" {
			lines = append(lines, record(e)...)
		}
	}
	found, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, file := range found {
		name := file.Name()
		old := strings.HasSuffix(name, journalSuffix) && !files[name]
		if old {
			err = errors.Join(err, os.Remove(filepath.Join(f.dir, name)))
		}
	}
	tmp := filepath.Join(f.dir, indexFile+".new")
	if err == nil {
		err = os.WriteFile(tmp, lines, 0o644)
	}
	if err == nil {
		err = os.Rename(tmp, filepath.Join(f.dir, indexFile))
	}
	for _, file := range found {
		name := file.Name()
		left := strings.HasPrefix(name, ".begin-") || strings.HasPrefix(name, ".list-") // by who died while writing
		if left || strings.HasSuffix(name, listSuffix) && !lists[name] {
			err = errors.Join(err, os.Remove(filepath.Join(f.dir, name)))
		}
	}
	return err
}
