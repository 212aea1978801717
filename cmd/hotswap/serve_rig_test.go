package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

const guideCanary = "../../examples/scenarios/guide-canary.yaml"

// asCommand has the test's own program be the command.
const asCommand = "HOTSWAP_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// served is a server in a process of its own.
type served struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	token string
	errs  bytes.Buffer
	http  *http.Client
}

var servingLine = regexp.MustCompile(`^serving (\S+) in (\S+) at (\S+), token in (.+)\n$`)

// start starts a server, and waits for its line.
func start(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{t: t, cmd: exec.Command(os.Args[0], append([]string{"serve"}, args...)...), http: http.DefaultClient}
	s.cmd.Env = append(os.Environ(), asCommand+"=1")
	s.cmd.Stderr = &s.errs
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // one that ended is not harmed
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	found := servingLine.FindStringSubmatch(line)
	if found == nil {
		_ = s.cmd.Wait()
		t.Fatalf("%q, %v\n%s", line, err, s.errs.String())
	}
	token, err := os.ReadFile(found[4])
	if err != nil {
		t.Fatal(err)
	}
	s.url, s.token = found[3], strings.TrimSpace(string(token))
	return s
}

// call asks for a path below /v1; into is what the answer is read as.
func (s *served) call(method, path, body string, into any, headers ...string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if body != "" {
		req.Header.Set("Content-Type", contract.JSON)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	answer, err := s.http.Do(req)
	if err != nil {
		return 0 // it was killed
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, data)
	}
	return answer.StatusCode
}

// want is call, and fails where the answer has another status.
func (s *served) want(status int, method, path, body string, into any, headers ...string) {
	s.t.Helper()
	if got := s.call(method, path, body, into, headers...); got != status {
		s.t.Fatalf("%s %s: %d, want %d; %v\n%s", method, path, got, status, into, s.errs.String())
	}
}

// end sends a signal, and gives the exit code.
func (s *served) end(signal os.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

const fleetPath = "/v1/environments/Production/plugins/payment-processor-stripe"

// planOf is a plan for the fleet of a scenario, and what it begins with.
func planOf(t *testing.T, file string) (*engine.Plan, string, string) {
	t.Helper()
	s, err := scenario.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := simulator.NewWorld(s.Config(s.Seed), s.Deployment.Environment, s.Deployment.PluginID)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", s.Deployment, w.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	list := contract.EncodeTargets(engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants})
	state := engine.NewState()
	start, err := json.Marshal(contract.Start{
		Plan: string(engine.EncodePlan(&plan)), Digest: plan.Digest, Targets: contract.DigestOf(list), Head: engine.HeadOf(&plan, &state, 0, time.Time{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &plan, string(start), string(list)
}

// begin begins a rollout.
func (s *served) begin(start, list string) {
	s.t.Helper()
	s.want(201, "PUT", fleetPath+"/targets/"+contract.DigestOf([]byte(list)), list, nil, "Content-Type: "+contract.NDJSON)
	s.want(201, "PUT", fleetPath+"/rollouts/r1", start, nil, "If-None-Match: *")
}

func order(kind engine.ChangeKind, list string) string {
	return fmt.Sprintf(`{"ordinal": 1, "candidate": "1.6.0", "targets": %q, "change": {"kind": %q, "version": "1.6.0", "instances": {"from": 0, "to": 10}}}`, contract.DigestOf([]byte(list)), kind)
}

// write appends event n, and gives the status.
func (s *served) write(plan *engine.Plan, n int) int {
	s.t.Helper()
	kind := engine.Paused
	if n%2 == 1 {
		kind = engine.Resumed
	}
	event, err := json.Marshal(engine.Event{Seq: int64(n), At: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC), Kind: kind, By: "anna"})
	if err != nil {
		s.t.Fatal(err)
	}
	state := engine.NewState()
	body, err := json.Marshal(contract.Append{Event: string(event), Head: engine.HeadOf(plan, &state, 1, time.Time{})})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.call("POST", fleetPath+"/rollouts/r1/events", string(body), nil, fmt.Sprintf(`If-Match: "%d"`, n))
}
