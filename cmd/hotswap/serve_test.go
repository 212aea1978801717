package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// TestServeKilled kills a server between an order and the next one: the next server goes on.
func TestServeKilled(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--scenario", guideCanary, "--time-scale", "60", "--state", dir}
	plan, begins, list := planOf(t, guideCanary)
	s := start(t, args...)
	s.begin(begins, list)
	if got := s.write(plan, 0); got != 201 {
		t.Fatal(got)
	}
	install := order(engine.Install, list)
	s.want(202, "PUT", fleetPath+"/rollouts/r1/orders/5", install, nil)
	s.want(200, "PUT", fleetPath+"/rollouts/r1/owner", `{"owner": "anna"}`, nil)
	if code := s.end(syscall.SIGKILL); code != -1 {
		t.Fatalf("it was killed, and exited with %d", code)
	}

	again := start(t, args...)
	if again.token != s.token {
		t.Error("the token is another one")
	}
	again.want(202, "PUT", fleetPath+"/rollouts/r1/orders/5", install, nil)
	again.want(409, "PUT", fleetPath+"/rollouts/r1/orders/4", install, nil)
	again.want(409, "PUT", fleetPath+"/rollouts/r1/orders/5", order(engine.Remove, list), nil)
	again.want(200, "PUT", fleetPath+"/rollouts/r1", begins, nil, "If-None-Match: *")
	var r contract.Rollout
	again.want(200, "GET", fleetPath+"/rollouts/r1", "", &r)
	if r.Head.Events != 1 || r.Owner != "anna" || r.Digest != plan.Digest {
		t.Errorf("%+v", r)
	}
	watch := fmt.Sprintf(`{"candidate": "1.6.0", "targets": %q, "instances": {"from": 0, "to": 10}}`, contract.DigestOf([]byte(list)))
	settled := func() contract.Condition {
		var c contract.Condition
		for c.Pending = 1; c.Pending > 0; {
			again.want(200, "POST", fleetPath+"/rollouts/r1/condition", watch, &c)
		}
		return c
	}
	if c := settled(); c.Exposed.Instances != 10 || c.Ready != 10 {
		t.Errorf("the order is not in effect: %+v", c)
	}
	again.want(202, "PUT", fleetPath+"/rollouts/r1/orders/6", order(engine.Activate, list), nil)
	settled()
	var f contract.Fleet
	again.want(200, "GET", fleetPath, "", &f)
	if head := f.Head(); !head.RunsOnly("1.6.0") {
		t.Errorf("it runs %+v", f.Versions)
	}
	if code := again.end(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM: exit %d\n%s", code, again.errs.String())
	}
	if strings.Contains(again.errs.String(), s.token) {
		t.Error("the log has the token")
	}
}

// TestServeKilledWhileWriting kills servers while a client writes events as fast as it
// can: every event that was answered is there.
func TestServeKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--scenario", guideCanary, "--state", dir}
	plan, begins, list := planOf(t, guideCanary)
	n := 0
	for round := range 5 {
		s := start(t, args...)
		if round == 0 {
			s.begin(begins, list)
		}
		var page contract.EventPage
		s.want(200, "GET", fleetPath+"/rollouts/r1/events", "", &page)
		if len(page.Items) != n && len(page.Items) != n+1 { // the last one may have been written, and not answered
			t.Fatalf("round %d: %d events are there, and %d were answered", round, len(page.Items), n)
		}
		n = len(page.Items)
		until, killed := n+10+7*round, make(chan struct{})
		var once sync.Once
		for status := 201; status == 201; {
			if status = s.write(plan, n); status == 201 {
				n++
			}
			if n >= until {
				once.Do(func() {
					go func() {
						defer close(killed)
						_ = s.cmd.Process.Kill()
					}()
				})
			}
		}
		<-killed
		_ = s.cmd.Wait()
	}
}

// TestServeEnds has a request under way while the server is told to end.
func TestServeEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slow.yaml")
	text, err := os.ReadFile(guideCanary)
	if err == nil {
		err = os.WriteFile(file, append(text, "\nfaults:\n  - kind: slow_call\n    magnitude: 1\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := start(t, "--scenario", file, "--state", dir, "--log.level", "debug", "--log.format", "json")
	_, begins, list := planOf(t, guideCanary)
	s.begin(begins, list)
	status := make(chan int)
	go func() { status <- s.call("PUT", fleetPath+"/rollouts/r1/orders/1", order(engine.Install, list), nil) }()
	for deadline := time.Now().Add(10 * time.Second); ; { // until the order has been taken, which the file of the world tells
		world, err := os.ReadFile(filepath.Join(dir, "worlds", "Production", "payment-processor-stripe", "world.json"))
		if err == nil && bytes.Contains(world, []byte(`"calls":1`)) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the order is not taken")
		}
	}
	if code := s.end(os.Interrupt); code != 0 {
		t.Errorf("exit %d\n%s", code, s.errs.String())
	}
	if got := <-status; got != 202 {
		t.Errorf("the order under way: %d", got)
	}
	for line := range strings.Lines(s.errs.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "token")); err != nil {
		t.Error(err)
	}
}
