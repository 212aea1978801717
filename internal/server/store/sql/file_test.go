package sql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

// fill writes a rollout with so many events.
func fill(t testing.TB, s *sql.Store, plan engine.Plan, events int) engine.Journal {
	t.Helper()
	j, err := s.Start(t.Context(), plan, store.Start{Key: plan.Rollout, At: enginetest.Start})
	if err != nil {
		t.Fatal(err)
	}
	for seq := range int64(events) {
		if err := write(t.Context(), j, seq); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

// write writes event number seq.
func write(ctx context.Context, j engine.Journal, seq int64) error {
	e := engine.Event{Seq: seq, At: enginetest.Start, Kind: engine.Measured, Before: &engine.Measurement{Requests: seq}}
	return j.Append(ctx, e, engine.RolloutHead{Phase: engine.PhaseProgressing, Events: seq + 1})
}

// opens says how a file is refused.
func refused(t *testing.T, path string, words ...string) {
	t.Helper()
	s, err := sql.OpenSQLite(t.Context(), path, sql.Options{})
	if err == nil {
		t.Errorf("it was opened; closed: %v", s.Close())
		return
	}
	for _, word := range append(words, path) {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error says nothing of %q: %v", word, err)
		}
	}
}

// TestFileMode makes a file for its owner alone, and what lies beside it.
func TestFileMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openFile(t, path, sql.Options{})
	fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 1)
	for _, ending := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + ending)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path+ending, info.Mode(), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpenAtOnce makes the schema once, whoever opens a new file.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := sql.OpenSQLite(t.Context(), path, sql.Options{})
			if err == nil {
				err = errors.Join(s.Ready(t.Context()), s.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestDamagedFile opens files that are damaged: each is refused, and says so.
func TestDamagedFile(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.db")
	s := openFile(t, whole, sql.Options{})
	fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 200)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	garbage := []byte(strings.Repeat("noise ", 4096/6+1))[:4096]
	for name, damage := range map[string]func(data []byte) []byte{
		"last page":  func(data []byte) []byte { return append(data[:len(data)-4096:len(data)-4096], garbage...) },
		"truncated":  func(data []byte) []byte { return data[:len(data)-4096*3] },
		"half":       func(data []byte) []byte { return data[:len(data)/2+77] },
		"first page": func(data []byte) []byte { return append(garbage[:4096:4096], data[4096:]...) },
		"text":       func([]byte) []byte { return []byte(strings.Repeat("this is no database\n", 1000)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, damage(append([]byte(nil), data...)), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, path, "is damaged", "backup")
		})
	}
	if s, err := sql.OpenSQLite(t.Context(), whole, sql.Options{}); err != nil {
		t.Errorf("the whole one: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestNoStore opens what is none.
func TestNoStore(t *testing.T) {
	refused(t, filepath.Join(t.TempDir(), "missing", "store.db"), "no such file or directory")
	refused(t, t.TempDir(), "directory")
	path := filepath.Join(t.TempDir(), "other.db")
	s := openFile(t, path, sql.Options{})
	for _, query := range []string{`DROP TABLE hotswap_schema`, `CREATE TABLE shop (id BIGINT)`} {
		if err := s.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, path, "another program")
}

// TestFullDisk fills the file up: what could not be written was not, and what was stays.
func TestFullDisk(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "store.db"), sql.Options{Outbox: true})
	j := fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 3)
	if err := s.Limit(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	written := int64(3)
	var err error
	for ; written < 10_000 && err == nil; written++ {
		err = write(t.Context(), j, written)
	}
	written-- // that one was not
	if err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("after %d events: %v", written, err)
	}
	r, err := s.Rollout(t.Context(), "r1")
	if err != nil || r.Events != written {
		t.Errorf("there are %d events, not %d: %v", r.Events, written, err)
	}
	if events, err := j.Events(t.Context(), -1); err != nil || int64(len(events)) != written {
		t.Errorf("there are %d events, not %d: %v", len(events), written, err)
	}
	if err := s.Limit(t.Context(), 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), j, written); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// TestBackupFile copies the file of another process, and no other one.
func TestBackupFile(t *testing.T) {
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "store.db"), filepath.Join(dir, "copy.db")
	if err := sql.BackupFile(t.Context(), file, copied); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	fill(t, openFile(t, file, sql.Options{}), enginetest.Plan(t, "r1", engine.QA, "gateway"), 20)
	if err := sql.BackupFile(t.Context(), file, copied); err != nil {
		t.Fatal(err)
	}
	if r, err := openFile(t, copied, sql.Options{}).Rollout(t.Context(), "r1"); err != nil || r.Events != 20 {
		t.Errorf("%d events, %v", r.Events, err)
	}
	for name, text := range map[string]string{"empty": "", "other": "no database, but longer than the header of one, which has a hundred bytes in it, as can be read elsewhere"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sql.BackupFile(t.Context(), path, filepath.Join(dir, "no.db")); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadFile(path); err != nil || string(left) != text {
			t.Errorf("%s became %q, %v", name, left, err)
		}
	}
}

// TestBackup copies a file that is written to.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := openFile(t, filepath.Join(dir, "store.db"), sql.Options{})
	j := fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 20)
	copied := filepath.Join(dir, "copy.db")
	var all sync.WaitGroup
	all.Go(func() {
		for seq := range int64(50) {
			if err := write(t.Context(), j, 20+seq); err != nil {
				t.Errorf("Append beside a backup: %v", err)
				return
			}
		}
	})
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := s.Backup(t.Context(), copied); err == nil || !strings.Contains(err.Error(), copied) {
		t.Errorf("Backup to a file that is there: %v", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "missing", "copy.db")); err == nil {
		t.Error("Backup to a folder that is missing")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".backup*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	b := openFile(t, copied, sql.Options{})
	r, err := b.Rollout(t.Context(), "r1")
	if err != nil || r.Events < 20 {
		t.Errorf("the copy has %d events: %v", r.Events, err)
	}
	bj, err := b.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if events, err := bj.Events(t.Context(), -1); err != nil || int64(len(events)) != r.Events {
		t.Errorf("the copy has %d events, and says %d: %v", len(events), r.Events, err)
	}
	if err := write(t.Context(), bj, r.Events); err != nil {
		t.Errorf("the copy cannot be written on: %v", err)
	}
}

// TestBrokenJournal changes what was written: that journal cannot be read, others can.
func TestBrokenJournal(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "store.db")
	s := openFile(t, path, sql.Options{})
	for i, c := range []struct{ damage, says string }{
		{`UPDATE events SET checksum = checksum + 1 WHERE seq = 1 AND rollout = ?`, "event 1: is broken: its checksum does not match"},
		{`UPDATE events SET event = CAST(REPLACE(event, '"requests":1', '"requests":7') AS BLOB) WHERE seq = 1 AND rollout = ?`, "event 1: is broken"},
		{`DELETE FROM events WHERE seq = 1 AND rollout = ?`, "event 1: is missing"},
		{`UPDATE events SET seq = 7 WHERE seq = 2 AND rollout = ?`, "event 2: is missing"},
		{`UPDATE plans SET document = CAST('noise' AS BLOB) WHERE rollout = ?`, "its plan: the plan is not one"},
		{`UPDATE plans SET document = (SELECT document FROM plans WHERE rollout = 'r0') WHERE rollout = ?`, "its plan: the plan is that of rollout r0"},
	} {
		id := fmt.Sprintf("r%d", i)
		fill(t, s, enginetest.Plan(t, id, engine.QA, id), 3)
		if err := s.Exec(ctx, c.damage, id); err != nil {
			t.Fatal(err)
		}
		j, err := s.Open(ctx, id)
		if err == nil {
			_, _, _, err = engine.LoadState(ctx, j)
		}
		var broken *engine.BrokenJournalError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", c.damage, err)
		}
		var unfinished *engine.UnfinishedError
		if _, err := s.Begin(ctx, enginetest.Plan(t, "next", engine.QA, id)); !errors.As(err, &unfinished) {
			t.Errorf("Begin beside it: %v", err)
		}
	}
	fill(t, s, enginetest.Plan(t, "other", engine.QA, "other"), 3)
}
