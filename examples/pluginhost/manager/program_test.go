package manager_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
)

// program is the host's program: what HOST_PROGRAM names, as one that looks for races, or the
// one that all tests share.
func program(t testing.TB) string {
	if path := os.Getenv("HOST_PROGRAM"); path != "" {
		return path
	}
	return hosttest.Program(t)
}

// TestConformance holds the host to the contract, by the command that people use.
func TestConformance(t *testing.T) {
	hotswap := filepath.Join(t.TempDir(), "hotswap")
	build := exec.Command("go", "build", "-o", hotswap, "./cmd/hotswap")
	build.Dir, build.Env = filepath.Join(hosttest.Source(), "..", ".."), append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range []struct {
		metrics string
		least   string // clauses that hold
	}{{"own", "127 of 136"}, {"none", "108 of 136"}} {
		t.Run(c.metrics, func(t *testing.T) {
			if c.metrics == "none" && os.Getenv("HOST_ALL") == "" {
				t.Skip("HOST_ALL is not set")
			}
			h := newHost(t, 1, "--sandbox=true", "--metrics", c.metrics)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			out, err := exec.CommandContext(ctx, hotswap, "conformance", "--endpoint", "http://"+h.address, "--token-file", h.tokenFile).CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.least) {
				t.Errorf("%v, want %s:\n%s", err, c.least, lastLines(string(out), 140))
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			t.Log(lines[len(lines)-1])
		})
	}
}

// TestWrongInput has each problem said, all at once, before anything is started.
func TestWrongInput(t *testing.T) {
	h := newHost(t, 1)
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("token\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	catalogue := h.args[6]
	manager := func(args ...string) []string {
		return append([]string{"manager", "--listen", "127.0.0.1:0", "--state", filepath.Join(dir, "state"), "--catalogue", catalogue, "--token-file", h.tokenFile, "--sandbox=false"}, args...)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"all at once": {
			[]string{"manager", "--token-file", filepath.Join(dir, "none"), "--instances", "0", "--environment", "Moon", "--router", "tarot", "--metrics", "?"},
			[]string{"--token-file: there is no", "--instances: 0 is not in 1..200", `--environment: "Moon"`, `--router: "tarot"`, `--metrics: "?"`, "--catalogue: it is missing: pluginhost build"},
		},
		"open token":  {manager("--token-file", open), []string{"can be read by others (0644): chmod 600"}},
		"version":     {manager("--version", "9.9.9"), []string{"--version: there is no version 9.9.9 of payment, only 1.5.0, 1.6.0, 1.7.0, 2.0.0: "}},
		"catalogue":   {manager("--catalogue", filepath.Join(dir, "nowhere")), []string{"--catalogue: there is no folder", "pluginhost build --out"}},
		"state":       {manager("--state", h.state), []string{"--state: another manager uses", "pluginhost stop --state"}},
		"port":        {manager("--listen", h.address), []string{"listen " + h.address + ": the port is taken; take another one with --listen"}},
		"everywhere":  {manager("--listen", "0.0.0.0:0"), []string{"--listen 0.0.0.0:0: it wants to be an address of loopback"}},
		"router port": {[]string{"router", "--listen", h.address, "--token-file", h.tokenFile, "--state", dir}, []string{"the port is taken"}},
		"router":      {[]string{"router"}, []string{"--token-file: it is missing", "--state: it is missing"}},
		"stop":        {[]string{"stop", "--state", dir}, []string{"is no state folder of a manager"}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		cmd := exec.CommandContext(ctx, program(t), c.args...)
		out, _ := cmd.CombinedOutput()
		cancel()
		if code := cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("%s: exit code %d, want 2: %s", name, code, out)
		}
		for _, want := range c.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: %q is not said:\n%s", name, want, out)
			}
		}
		if strings.Contains(string(out), h.token) {
			t.Errorf("%s: the token is told", name)
		}
	}
}

// TestEnds ends a manager by SIGTERM: with --stop-all all of it ends, without nothing does.
func TestEnds(t *testing.T) {
	h := newHost(t, 2)
	h.stopped(t, 3)
	h.start()
	h.ready()
	h.cmd.Process.Kill()
	_ = h.cmd.Wait()
	h.args = append(h.args, "--stop-all")
	h.start()
	h.ready()
	h.stopped(t, 0)
}

// stopped asks the manager to end, and looks what is left.
func (h *host) stopped(t *testing.T, want int) {
	t.Helper()
	_ = h.cmd.Process.Signal(os.Interrupt)
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("the manager: %v: %s", err, h.out)
	}
	h.wait("as many processes are left as should be", func() bool { return len(h.processes()) == want })
}
