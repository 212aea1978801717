//go:build unix

package sql_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

// nobody is the number of the user who may do nothing.
const nobody = 65534

// opened says how the file is opened by one who is not root, whom nothing is forbidden.
func opened(t *testing.T, path string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return openOnce(t.Context(), path)
	}
	dir := filepath.Dir(t.TempDir())
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program") // a copy where everybody may come
	copyProgram(t, program)
	child := exec.Command(program)
	child.Env = append(os.Environ(), onlooker+"="+path)
	child.Dir = dir
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err == nil {
		_, err = io.Copy(file, from)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadOnly opens a file that cannot be written to, and one beside which nothing can be
// made.
func TestReadOnly(t *testing.T) {
	for _, c := range []struct {
		name         string
		file, folder os.FileMode
		says         string
	}{
		{"file", 0o444, 0o777, "permission denied"},
		{"folder", 0o666, 0o555, "writable"},
		{"neither", 0o666, 0o777, "it was opened"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "store.db")
			s := openFile(t, path, sql.Options{})
			fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 1)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.file); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.folder); err != nil {
				t.Fatal(err)
			}
			if said := opened(t, path); !strings.Contains(said, c.says) || !strings.Contains(said, path) {
				t.Errorf("it says: %s", said)
			}
			if err := os.Chmod(dir, 0o755); err != nil { // so that it can be removed
				t.Fatal(err)
			}
		})
	}
}

// TestFullDevice fills a real disk up. It takes root to make one.
func TestFullDevice(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: no disk can be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := openFile(t, filepath.Join(dir, "store.db"), sql.Options{})
	j := fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 0)
	var written int64
	var err error
	for ; written < 100_000 && err == nil; written++ {
		err = write(t.Context(), j, written)
	}
	written--
	if err == nil || !strings.Contains(err.Error(), "disk") || !strings.Contains(err.Error(), dir) {
		t.Fatalf("after %d events: %v", written, err)
	}
	t.Logf("after %d events: %v", written, err)
	if events, err := j.Events(t.Context(), -1); err != nil || int64(len(events)) != written {
		t.Errorf("there are %d events, not %d: %v", len(events), written, err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=8m", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := write(t.Context(), j, written); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}
