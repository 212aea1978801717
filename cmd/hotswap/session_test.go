package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// reader is somebody who follows a guide in an empty folder beside the examples.
type reader struct {
	t     *testing.T
	guide string
	dir   string
	env   []string
}

// newReader has somebody open a page, by its path in the repository. The program hotswap is the test's own.
func newReader(t *testing.T, page string) *reader {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	text, err := os.ReadFile(filepath.Join("../..", page))
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, guide: string(text), dir: t.TempDir()}
	own, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec %s \"$@\"\n", asCommand, own)
	if err := os.WriteFile(filepath.Join(programs, "hotswap"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(r.dir, "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "HOTSWAP_") {
			r.env = append(r.env, v)
		}
	}
	r.env = append(r.env, "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"), "HOTSWAP_CONFIG="+filepath.Join(programs, "contexts.yaml"), "NO_COLOR=1")
	return r
}

// fenced are the blocks of the guide in a language.
func (r *reader) fenced(language string) (all []string) {
	for _, found := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(r.guide, -1) {
		all = append(all, found[1])
	}
	return all
}

// exitOf says with which code a command of a guide ends, where it is not 0.
var exitOf = regexp.MustCompile(`# exits with (\d+)`)

// serves starts the server of the guide at a port that is free, which stands for 8700 from then
// on, and waits until it serves. Its configuration is there by then.
func (r *reader) serves(config string) (stop func()) {
	r.t.Helper()
	command := "hotswap serve --config " + config
	if blocks := r.fenced("sh"); len(blocks) == 0 || strings.TrimSpace(blocks[0]) != command {
		r.t.Fatalf("the guide does not start a server with %s", command)
	}
	path := filepath.Join(r.dir, config)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(text), "127.0.0.1:8700", "127.0.0.1:0", 1)), 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	said, err := os.Create(filepath.Join(r.dir, "said"))
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], strings.Fields(command)[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, append(r.env, asCommand+"=1"), said, said
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = said.Close()
	})
	r.t.Cleanup(stop)
	var at []string
	for n := 0; at == nil || !strings.Contains(at[0], "there was no way in"); n++ {
		_ = walker.Pause(r.t.Context(), 20*time.Millisecond)
		text, err := os.ReadFile(said.Name())
		if err != nil || n > 500 {
			r.t.Fatalf("%v\n%s", err, text)
		}
		at = regexp.MustCompile(`(?s)serving rollouts at (\S+)\n.*there was no way in`).FindStringSubmatch(string(text))
	}
	r.guide = strings.ReplaceAll(r.guide, "http://127.0.0.1:8700", at[1])
	return stop
}

// does runs the commands of a block, each as it is written, and returns what they print.
func (r *reader) does(block string) (out string) {
	r.t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(block, "\\\n", "")), "\n") {
		want := 0
		if found := exitOf.FindStringSubmatch(line); found != nil {
			_, _ = fmt.Sscan(found[1], &want)
		}
		cmd := exec.CommandContext(r.t.Context(), "bash", "-c", line)
		cmd.Dir, cmd.Env = r.dir, r.env
		printed, _ := cmd.CombinedOutput() // its code says it
		if code := cmd.ProcessState.ExitCode(); code != want {
			r.t.Fatalf("%s: exit %d\n%s", line, code, printed)
		}
		out += string(printed)
	}
	return out
}
