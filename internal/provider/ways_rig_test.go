//go:build unix

package provider

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// The three ways in which the rollouts of a provider go on.
const (
	waySimulated  = "simulated"
	wayFleet      = "fleet"
	wayController = "controller"
)

// place is a fleet of a test's own, reached in one of the ways.
type place struct {
	t      *testing.T
	way    string
	scale  int           // of a simulated fleet
	served *servedFleet  // nil: it is simulated
	server *servedServer // nil: no controller walks
	folder string        // of a simulated fleet
}

// newPlace is a fleet as [usualFleet] has it. A simulated one lives 60 times as fast, as a
// served one does.
func newPlace(t *testing.T, way string) *place {
	t.Helper()
	p := &place{t: t, way: way, scale: 60}
	if way == waySimulated {
		p.folder = t.TempDir()
		return p
	}
	p.served = serveFleet(t, usualFleet(""))
	if way == wayController {
		p.server = serveRollouts(t, p.served)
	}
	return p
}

// block is a provider block; more goes into it.
func (p *place) block(more string) string {
	switch p.way {
	case wayFleet:
		return p.served.block(more)
	case wayController:
		return servedBlock(p.server.controller() + "\n  " + more)
	default:
		return servedBlock(fmt.Sprintf(`simulated = {
    installed  = { stripe = "1.5.0" }
    state_path = %q
    time_scale = %d
    versions = {
      "1.6.0" = { error_rate = 0.005, conversion_rate = 0.06 }
      "9.9.9" = { error_rate = 0.2 }
    }
  }
  `, filepath.ToSlash(p.folder), p.scale) + more)
	}
}

// set writes a configuration of the deployment that the tests call stripe.
func (p *place) set(tf *terraform, version string, settings ...string) {
	tf.t.Helper()
	tf.write("main.tf", p.block("")+resourceBlock(version, strings.Join(settings, "\n  ")))
}

// span is a length of the fleet's time that takes so many seconds of ours; as many minutes of a
// simulated fleet.
func (p *place) span(seconds int) string {
	if p.way == waySimulated {
		return fmt.Sprintf("%dm", seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}

// canary are the settings of one that bakes for so many seconds at 10 %.
func (p *place) canary(seconds int, more string) string {
	return fmt.Sprintf("strategy = \"Canary\"\n  canary = { stages = [10, 100], evaluation_period = %q%s }", p.span(seconds), more)
}

// quick are the settings of a rollout that is done at once.
func (p *place) quick() string {
	return fmt.Sprintf("strategy = \"Direct\"\n  direct = { validation_period = %q }", p.span(1))
}

// peek is a simulated fleet, to look at.
func (p *place) peek() (*simulator.World, engine.Journals) {
	p.t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"stripe": "1.5.0"}
	w, js, err := simulator.Peek(context.Background(), p.folder, engine.Production, "stripe", cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	return w, js
}

// runs checks that the fleet runs a version and no other.
func (p *place) runs(version string) {
	p.t.Helper()
	var head engine.Head
	if p.served == nil {
		w, _ := p.peek()
		head = w.Snapshot().Head
	} else {
		var fleet contract.Fleet
		if !p.served.get("", &fleet) {
			p.t.Fatal("there is no fleet")
		}
		head = fleet.Head()
	}
	if !head.RunsOnly(version) {
		p.t.Errorf("the fleet runs %+v, want %s", head.Versions, version)
	}
}

// events are those of a rollout, as its journal has them.
func (p *place) events(rollout string) []engine.Event {
	p.t.Helper()
	if p.served != nil {
		return p.served.events(rollout)
	}
	_, js := p.peek()
	ro, err := rolloutNamed(context.Background(), js, rollout)
	if err != nil {
		p.t.Fatal(err)
	}
	if ro == nil {
		return nil
	}
	return ro.Events
}

// count is how many events of a kind at a stage a rollout has.
func (p *place) count(rollout string, kind engine.EventKind, stage int) (n int) {
	p.t.Helper()
	for _, e := range p.events(rollout) {
		if e.Kind == kind && e.Stage == stage {
			n++
		}
	}
	return n
}

// until waits until a rollout has an event of a kind at a stage; b may be nil.
func (p *place) until(b *background, rollout string, kind engine.EventKind, stage int) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); pause(50 * time.Millisecond) {
		if p.count(rollout, kind, stage) > 0 {
			return
		}
	}
	said := ""
	if b != nil {
		said = b.out.String()
	}
	p.t.Fatalf("%s has no event %s at stage %d within a minute\n%s", rollout, kind, stage, said)
}

// walking starts an apply, and returns in the middle of its first bake.
func (p *place) walking(tf *terraform) *background {
	p.t.Helper()
	b := tf.start("apply", "-auto-approve", "-no-color")
	p.until(b, firstRollout, engine.Settled, 1)
	return b
}

// hotswap runs a command about rollouts there, without Terraform.
func (p *place) hotswap(args ...string) (out string, code int) {
	p.t.Helper()
	programs, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	flags := []string{"--state", p.folder}
	switch p.way {
	case wayFleet:
		flags = []string{"--endpoint", p.served.url, "--token-file", p.served.token, "--environment", "Production", "--plugin", "stripe"}
	case wayController:
		flags = []string{"--controller", p.server.url, "--token-file", p.server.token}
	}
	cmd := exec.Command(filepath.Join(programs, "hotswap"), append(append([]string{"rollout"}, args...), flags...)...)
	said, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return string(said), cmd.ProcessState.ExitCode()
}

// servedServer is a rollout server in a process of its own, which can be killed.
type servedServer struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string // that it runs in; "": the test's own
	config string
	url    string
	token  string // the file
	errs   *bytes.Buffer
}

var rolloutsLine = regexp.MustCompile(`^serving rollouts at (\S+)\n$`)

// serveRollouts serves the rollouts of a fleet.
func serveRollouts(t *testing.T, fleet *servedFleet) *servedServer {
	t.Helper()
	dir := t.TempDir()
	return startServer(t, dir, fmt.Sprintf("fleet: {endpoint: %q, token_file: %q}", fleet.url, fleet.token))
}

// startServer serves the rollouts of one environment, which is called Production.
func startServer(t *testing.T, dir, environment string) *servedServer {
	t.Helper()
	s := &servedServer{t: t, config: filepath.Join(dir, "hotswap.yaml"), token: filepath.Join(dir, "token"), errs: &bytes.Buffer{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("listen: %s\nstate: %q\nlog: {level: error}\nenvironments:\n  Production:\n    %s\naccess:\n  tokens:\n"+
		"    - {name: ci, file: %q, expires: 2099-01-01, grants: [{role: operate}]}\n", address, filepath.Join(dir, "state"), environment, s.token)
	for name, text := range map[string]string{s.config: text, s.token: "a-token-of-tests-that-is-long-enough\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	t.Cleanup(s.kill)
	return s
}

// start starts the process, and waits until it serves.
func (s *servedServer) start() {
	s.t.Helper()
	programs, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(filepath.Join(programs, "hotswap"), "serve", "--config", s.config)
	s.cmd.Dir, s.cmd.Stderr = s.dir, s.errs
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() { _, _ = io.Copy(io.Discard, out) }() // what else it says
	found := rolloutsLine.FindStringSubmatch(line)
	if found == nil {
		_ = s.cmd.Wait()
		s.t.Fatalf("it said %q, %v\n%s", line, err, s.errs)
	}
	s.url = found[1]
}

// kill kills the process.
func (s *servedServer) kill() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = s.cmd.Wait()
}

// controller are the settings of a provider that reaches it.
func (s *servedServer) controller() string {
	return fmt.Sprintf("controller = { endpoint = %q, token_file = %q }", s.url, filepath.ToSlash(s.token))
}
