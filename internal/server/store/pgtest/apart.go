package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Apart copies the programs of this machine's PostgreSQL to a folder of the test, with an
// extension folder of its own: PostgreSQL looks for its files where it stands. A test can put
// extensions there, other ones for each server, without touching those of the machine.
func Apart(t testing.TB) (programs, extensions string) {
	t.Helper()
	bin := Programs(t)
	version := filepath.Base(filepath.Dir(bin))
	if bin != filepath.Join("/usr/lib/postgresql", version, "bin") {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: the programs of PostgreSQL are in %s, and not where Debian has them", bin)
	}
	root, err := os.MkdirTemp("", "pgapart") //nolint:usetesting // PostgreSQL has to come in as another user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	share := filepath.Join("usr/share/postgresql", version)
	programs, extensions = filepath.Join(root, bin), filepath.Join(root, share, "extension")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(root, 0o755)) //nolint:gosec // there is nothing secret in it
	must(os.MkdirAll(programs, 0o755))
	must(os.MkdirAll(extensions, 0o755))
	for _, name := range []string{"postgres", "initdb", "pg_ctl"} {
		data, err := os.ReadFile(filepath.Join(bin, name))
		must(err)
		must(os.WriteFile(filepath.Join(programs, name), data, 0o755)) //nolint:gosec // it is a program
	}
	must(os.Symlink(filepath.Join(filepath.Dir(bin), "lib"), filepath.Join(filepath.Dir(programs), "lib")))
	for _, folder := range []string{"", "extension"} {
		all, err := os.ReadDir(filepath.Join("/", share, folder))
		must(err)
		for _, of := range all {
			if of.Name() != "extension" {
				must(os.Symlink(filepath.Join("/", share, folder, of.Name()), filepath.Join(root, share, folder, of.Name())))
			}
		}
	}
	return programs, extensions
}

// URL is how a database of the cluster is reached by a role.
func (c *Cluster) URL(role, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%s/%s?sslmode=disable", role, c.port, database)
}

// Shoot ends the server with SIGKILL, all of its processes, and gives them no time for anything.
func (c *Cluster) Shoot() {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		c.t.Fatal(err)
	}
	all := append(children(pid), pid)
	for _, one := range all {
		_ = syscall.Kill(one, syscall.SIGKILL) // it may have ended by itself
	}
	for _, one := range all {
		for alive(one) { // it is a matter of microseconds, and as long the memory that they share is in use
			runtime.Gosched()
		}
	}
}

// children are the processes that a process started.
func children(of int) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // of a pattern that is right
	for _, file := range all {
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			if _, parent := statOf(pid); parent == of {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// alive says whether a process runs; one that nobody waits for does not.
func alive(pid int) bool {
	state, _ := statOf(pid)
	return state != "" && state != "Z"
}

// statOf is a process's state and parent; "": there is none.
func statOf(pid int) (state string, parent int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // it may be gone
	_, rest, _ := strings.Cut(string(text), ") ")
	_, _ = fmt.Sscan(rest, &state, &parent)
	return state, parent
}
