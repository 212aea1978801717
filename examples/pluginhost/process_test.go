package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// said is what a process writes.
type said struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.String()
}

// process is an instance in a process of its own.
type process struct {
	*exec.Cmd
	t      *testing.T
	url    string
	folder string // for temporary files
	errs   said
	over   chan struct{} // closed when it is
}

// start starts an instance, and returns when it is ready.
func start(t *testing.T, versions []catalogue.Version, flags ...string) *process {
	t.Helper()
	folder := t.TempDir()
	p := &process{t: t, folder: t.TempDir(), over: make(chan struct{})}
	tokenFile, addressFile := filepath.Join(folder, "token"), filepath.Join(folder, "address")
	if err := os.WriteFile(tokenFile, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var hold []string
	for _, v := range versions {
		hold = append(hold, v.Version)
	}
	p.Cmd = exec.Command(hosttest.Program(t), append([]string{
		"instance", "--id", "instance-01", "--slot", "blue", "--environment", "Staging", "--catalogue", hosttest.Own(t, versions...), "--token-file", tokenFile,
		"--address-file", addressFile, "--default", hold[0], "--hold", strings.Join(hold, ","), "--timeout", limit.String(), "--grace", limit.String(),
	}, flags...)...)
	p.Env = append(os.Environ(), "TMPDIR="+p.folder)
	p.Stderr = &p.errs
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.Wait()
		close(p.over)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.over
	})
	p.eventually("the address", func() bool {
		text, err := os.ReadFile(addressFile)
		p.url = "http://" + strings.TrimSpace(string(text))
		return err == nil
	})
	p.eventually("ready", func() bool {
		for _, one := range p.state().Plugins {
			if one.State != wire.Ready {
				return false
			}
		}
		return true
	})
	return p
}

func (p *process) eventually(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(limit); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: not in %v\n%s", what, limit, &p.errs)
		}
	}
}

// admin asks with the token.
func (p *process) admin(method, path, body string) string {
	p.t.Helper()
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode >= http.StatusMultipleChoices {
		p.t.Fatalf("%s %s: %d %s %v", method, path, a.StatusCode, text, err)
	}
	return string(text)
}

func (p *process) state() (s wire.Holding) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(p.admin("GET", "/admin/state", "")), &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *process) pay(version string) int {
	r, _ := http.NewRequest(http.MethodPost, p.url+"/pay", strings.NewReader(`{"amount":1250}`))
	r.Header.Set(wire.Tenant, "tenant-001")
	r.Header.Set(wire.Version, version)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = a.Body.Close()
	return a.StatusCode
}

// children are the processes that it has.
func (p *process) children() []int {
	var pids []int
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	if len(all) == 0 {
		p.t.Skip("this system does not tell whose children processes are")
	}
	for _, stat := range all {
		text, _ := os.ReadFile(stat)
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(p.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// gone says that a process is not there, or is only still to be waited for by another.
func gone(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(text), ") Z ")
}
