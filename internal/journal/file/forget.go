package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// Forget removes the journals of rollouts that ended, but for the newest keep ones. What
// somebody may still go back to stays: the rollouts of each environment and plugin that
// succeeded last, on the way forward and back, what the newest ones restore, and those
// that are stuck. So does what is broken. Nobody begins meanwhile.
func (f *Journals) Forget(ctx context.Context, keep int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	lock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f.forget(lock, keep), lock.Close())
}

func (f *Journals) forget(lock *filelock.File, keep int) error {
	all, err := f.survey()
	if err != nil {
		return err
	}
	stay := staying(all, keep)
	if len(stay) == len(all) {
		return nil
	}
	most, err := f.greatest(lock)
	if err == nil {
		err = f.remember(lock, most)
	}
	if err != nil {
		return err
	}
	return f.forgetAllBut(all, stay)
}

// staying are those of all that are not forgotten, oldest first.
func staying(all []entry, keep int) []entry {
	var stay []entry
	needed, seen := map[string]bool{}, map[string]bool{}
	for i, e := range slices.Backward(all) {
		place := fmt.Sprintf("%s/%s/", e.Environment, e.Plugin)
		stays := len(all)-i <= keep || e.Unfinished() || e.broken != nil || needed[e.Rollout]
		if e.Outcome == engine.Succeeded {
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
	slices.Reverse(stay)
	return stay
}

// forgetAllBut removes every journal that is not among stay, then writes the index
// anew, and removes the lists that nobody shares any more. It may die anywhere: what
// is left then is whole, and the next one goes on.
func (f *Journals) forgetAllBut(all, stay []entry) error {
	stays := map[string]bool{}
	for i := range stay {
		stays[stay[i].File] = true
	}
	for i := range all {
		if !stays[all[i].File] {
			if err := os.Remove(filepath.Join(f.dir, all[i].File)); err != nil {
				return err
			}
		}
	}
	if err := f.rewriteIndex(stay); err != nil {
		return err
	}
	return errors.Join(f.sweep(stay), f.syncFolder(f.dir))
}

// rewriteIndex writes the index anew, with nothing but what it has to know.
func (f *Journals) rewriteIndex(stay []entry) error {
	var lines []byte
	for _, e := range stay {
		if e.Outcome == "" || e.broken != nil {
			continue
		}
		line, err := record(e)
		if err != nil {
			return err
		}
		lines = append(lines, line...)
	}
	path := filepath.Join(f.dir, indexFile)
	if err := os.WriteFile(path+".new", lines, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// sweep removes the lists that no journal needs, and what those left who died while they
// wrote. Where a journal is broken its list may be one that looks like nobody's.
func (f *Journals) sweep(stay []entry) error {
	lists, unread := map[string]bool{}, false
	for i := range stay {
		lists[stay[i].List+listSuffix] = true
		unread = unread || stay[i].broken != nil
	}
	found, err := os.ReadDir(f.dir)
	for _, file := range found {
		name := file.Name()
		torn := strings.HasPrefix(name, ".begin-") || strings.HasPrefix(name, ".list-")
		idle := strings.HasSuffix(name, listSuffix) && !lists[name] && !unread
		if torn || idle {
			err = errors.Join(err, os.Remove(filepath.Join(f.dir, name)))
		}
	}
	return err
}
