package manager_test

import (
	"bytes"
	"context"
	"encoding/json"
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

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/manager"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// limit is how long is waited for what has to come: the machine may be busy.
const limit = 60 * time.Second

// host is a manager as a process, and its fleet.
type host struct {
	t         *testing.T
	state     string
	token     string
	tokenFile string
	args      []string
	cmd       *exec.Cmd
	out       *tail
	address   string
	fleet     *client.World
	targets   engine.Targets
	seq       int64
}

// versions are those of the tests: none fails by itself, 2.0.0 does not start.
func versions() []catalogue.Version {
	good := plugin.Behaviour{LatencyMS: 2, ConversionRate: 0.1}
	return []catalogue.Version{
		{Version: "1.5.0", Kind: catalogue.Process, Behaviour: good},
		{Version: "1.6.0", Kind: catalogue.Wasm, Behaviour: good},
		{Version: "1.7.0", Kind: catalogue.Process, Behaviour: good},
		{Version: "2.0.0", Kind: catalogue.Process, File: "payment.truncated", Behaviour: good},
	}
}

// newHost starts a manager of so many instances. All that it started is stopped in the end,
// and nothing may be left.
func newHost(t *testing.T, instances int, more ...string) *host {
	t.Helper()
	dir := t.TempDir()
	h := &host{t: t, state: filepath.Join(dir, "state"), token: "the token of the test", tokenFile: filepath.Join(dir, "token")}
	h.token = strings.ReplaceAll(h.token, " ", "-")
	if err := os.WriteFile(h.tokenFile, []byte(h.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.args = append([]string{
		"manager", "--listen", "127.0.0.1:0", "--state", h.state, "--catalogue", hosttest.Own(t, versions()...), "--token-file", h.tokenFile,
		"--instances", strconv.Itoa(instances), "--tenants", "40", "--spare", "8", "--sandbox=false",
	}, more...)
	t.Cleanup(h.end)
	h.start()
	h.ready()
	return h
}

// tail keeps what a process prints.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts the manager, and waits until it serves.
func (h *host) start() {
	h.t.Helper()
	h.out = &tail{}
	h.cmd = exec.Command(program(h.t), h.args...)
	h.cmd.Stdout, h.cmd.Stderr = h.out, h.out
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.wait("the manager serves", func() bool {
		for line := range strings.Lines(h.out.String()) {
			if _, rest, ok := strings.Cut(line, " at http://"); ok && strings.HasPrefix(line, "managing") {
				h.address, _, _ = strings.Cut(rest, ",")
				return true
			}
		}
		return false
	})
	s := connect.Settings{Path: "fleet", Address: "http://" + h.address, HTTP: config.DefaultHTTPClientConfig}
	s.HTTP.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(h.token)}
	c, err := client.NewWaiting(s, client.Waits{First: 20 * time.Millisecond, Longest: 200 * time.Millisecond})
	if err != nil {
		h.t.Fatal(err)
	}
	h.fleet = c.World("Staging", "payment")
}

// kill kills the manager.
func (h *host) kill() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

// end stops everything, and looks that nothing is left.
func (h *host) end() {
	out, err := exec.Command(program(h.t), "stop", "--state", h.state).CombinedOutput()
	if err != nil {
		h.t.Errorf("stop: %v: %s", err, out)
	}
	_ = h.cmd.Process.Kill() // it has ended, unless stop failed
	_ = h.cmd.Wait()
	deadline := time.Now().Add(limit)
	for left := h.processes(); len(left) > 0; left = h.processes() {
		if time.Now().After(deadline) {
			h.t.Errorf("processes are left: %q", left)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	logs, _ := filepath.Glob(filepath.Join(h.state, "worlds", "*", "*", "logs", "*.log"))
	said := h.out.String()
	for _, path := range logs {
		text, _ := os.ReadFile(path)
		said += string(text)
	}
	if strings.Contains(said, h.token) {
		h.t.Error("the token is logged")
	}
	if at := strings.Index(said, "DATA RACE"); at >= 0 {
		h.t.Errorf("a race: %s", said[at:min(len(said), at+3000)])
	}
	if h.t.Failed() {
		h.t.Logf("the manager said:\n%s", lastLines(h.out.String(), 60))
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// processes are those whose command line names the state folder or the catalogue.
func (h *host) processes() (found []string) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if bytes.Contains(text, []byte(h.token)) {
			h.t.Errorf("the token is in a command line: %q", text)
		}
		if err == nil && bytes.Contains(text, []byte(h.state+"/")) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

// wait waits until f says yes.
func (h *host) wait(what string, f func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(limit)
	for !f() {
		if time.Now().After(deadline) {
			h.t.Fatalf("after %s not so: %s\nthe manager said:\n%s", limit, what, lastLines(h.out.String(), 40))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// ready waits until all instances are, and reads who there is.
func (h *host) ready() {
	h.t.Helper()
	h.wait("all instances are ready and routed to", func() bool {
		s, err := engine.ReadSnapshot(context.Background(), h.fleet)
		if err != nil || len(s.Instances) == 0 {
			return false
		}
		h.targets = engine.Targets{Tenants: s.Tenants}
		routed := 0
		for _, r := range h.overview().Table.Instances {
			if r.Ready {
				routed++
			}
		}
		for _, in := range s.Instances {
			h.targets.Instances = append(h.targets.Instances, engine.PlanInstance{ID: in.ID, Default: in.Default, Installed: in.Installed, Ready: in.Ready})
			if !in.Ready {
				return false
			}
		}
		return routed == len(s.Instances)
	})
}

// overview is where everything is.
func (h *host) overview() (o manager.Overview) {
	text, _ := h.admin(http.MethodGet, "/overview", "")
	_ = json.Unmarshal(text, &o) // one that is none is empty
	return o
}

func (h *host) admin(method, path, body string) (text []byte, status int) {
	req, _ := http.NewRequest(method, "http://"+h.address+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+h.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0
	}
	defer res.Body.Close()
	text, _ = io.ReadAll(res.Body)
	return text, res.StatusCode
}
