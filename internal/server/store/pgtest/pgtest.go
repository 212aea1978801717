// Package pgtest starts a real PostgreSQL for a test: a cluster of its own, on a port of its
// own of this machine, in a folder that goes with the test.
package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"testing"
)

// Cluster is one that runs, until its test ends.
type Cluster struct {
	t         testing.TB
	bin       string // the folder of its programs
	data      string
	port      string
	args      string
	databases int
}

// Programs is the folder of the newest PostgreSQL of this machine. Where there is none the
// test is skipped, but not where CI is set in the environment: there it fails.
func Programs(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl") // Debian's, which are on no PATH
	if program, missing := exec.LookPath("pg_ctl"); missing == nil && len(found) == 0 {
		found = []string{program}
	}
	switch {
	case err != nil:
		t.Fatal(err)
	case len(found) > 0:
		return filepath.Dir(found[len(found)-1])
	case os.Getenv("CI") != "":
		t.Fatal("there is no PostgreSQL: apt-get install --no-install-recommends postgresql")
	default:
		t.Skip("SKIPPED, NOTHING WAS TESTED: there is no PostgreSQL (apt-get install --no-install-recommends postgresql)")
	}
	return ""
}

// Start starts one, with settings as in "fsync=off", which is one that it always has unless
// it is given otherwise.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	return StartFrom(t, Programs(t), settings...)
}

// StartFrom is Start with the programs of a folder.
func StartFrom(t testing.TB, programs string, settings ...string) *Cluster {
	t.Helper()
	c := &Cluster{t: t, bin: programs}
	folder, err := os.MkdirTemp("", "pg") //nolint:usetesting // PostgreSQL has to come in as another user, and its socket to have a short name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	c.data = filepath.Join(folder, "data")
	if os.Geteuid() == 0 { // as whom PostgreSQL does not run
		c.give(folder)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now; nobody else asks for it so soon
	if err != nil {
		t.Fatal(err)
	}
	_, c.port, err = net.SplitHostPort(l.Addr().String())
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.args = fmt.Sprintf("-p %s -k %s -c listen_addresses=127.0.0.1 -c fsync=off", c.port, folder)
	for _, setting := range settings {
		c.args += " -c " + setting
	}
	c.run("initdb", "-D", c.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
	t.Cleanup(c.Kill)
	c.Restart()
	return c
}

// give makes a folder that of the user that Debian makes for PostgreSQL.
func (c *Cluster) give(folder string) {
	c.t.Helper()
	who, err := user.Lookup("postgres")
	if err != nil {
		c.t.Fatal(err)
	}
	var uid, gid int
	if _, err := fmt.Sscan(who.Uid+" "+who.Gid, &uid, &gid); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Chown(folder, uid, gid); err != nil {
		c.t.Fatal(err)
	}
}

// run runs one of the programs.
func (c *Cluster) run(name string, args ...string) {
	c.t.Helper()
	if err := c.try(name, args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *Cluster) try(name string, args ...string) error {
	command := append([]string{filepath.Join(c.bin, name)}, args...)
	if os.Geteuid() == 0 {
		command = slices.Concat([]string{"runuser", "-u", "postgres", "--"}, command)
	}
	log, err := os.CreateTemp(c.t.TempDir(), name)
	if err != nil {
		return err
	}
	process := exec.Command(command[0], command[1:]...)
	process.Dir = filepath.Dir(c.data)
	process.Stdout, process.Stderr = log, log // a pipe would be waited for as long as the server runs
	err = process.Run()
	_ = log.Close()
	if err != nil {
		said, _ := os.ReadFile(log.Name()) // whatever there is
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

// Restart starts it, again, with the data that it has, and waits until it is ready.
func (c *Cluster) Restart() {
	c.t.Helper()
	const tries = 20 // where it was shot, its memory may be in use for a moment
	for try := 1; ; try++ {
		err := c.try("pg_ctl", "-D", c.data, "-w", "-t", "60", "-l", filepath.Join(filepath.Dir(c.data), "log"), "-o", c.args, "start")
		if err == nil {
			return
		}
		if try == tries {
			log, _ := os.ReadFile(filepath.Join(filepath.Dir(c.data), "log")) // whatever there is
			c.t.Fatalf("%v\n%s", err, log)
		}
	}
}

// Kill ends it at once, as if it crashed.
func (c *Cluster) Kill() {
	_ = c.try("pg_ctl", "-D", c.data, "-w", "-m", "immediate", "stop") // it may be gone already
}

// Database makes an empty database, and says how it is reached.
func (c *Cluster) Database() string {
	c.t.Helper()
	c.databases++
	name := fmt.Sprintf("test%d", c.databases)
	c.run("createdb", "-h", "127.0.0.1", "-p", c.port, "-U", "postgres", name)
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", c.port, name)
}
