package provider

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// servedFleet is a fleet that `hotswap serve` serves, in a process of its own.
type servedFleet struct {
	t     testing.TB
	url   string
	token string // the file
	dir   string // of its state
	errs  bytes.Buffer
}

// usualFleet is a scenario: 1.6.0 is better than 1.5.0, and 9.9.9 fails. more goes to its end.
func usualFleet(more string) string {
	return `
installed: 1.5.0
versions:
  1.6.0: {error_rate: 0.005, conversion_rate: 0.06}
  9.9.9: {error_rate: 0.2}
deployment:
  plugin_id: stripe
  environment: Production
  version: 1.6.0
` + more
}

var servingLine = regexp.MustCompile(`^serving \S+ in \S+ at (\S+), token in (.+)\n$`)

// serveFleet serves the fleet of a scenario, whose life is 60 times as fast as real time.
func serveFleet(t testing.TB, scenario string, args ...string) *servedFleet {
	t.Helper()
	programs, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s := &servedFleet{t: t, dir: t.TempDir()}
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"serve", "--scenario", file, "--time-scale", "60", "--state", s.dir, "--log.level", "error"}, args...)
	cmd := exec.Command(filepath.Join(programs, "hotswap"), args...)
	cmd.Stderr = &s.errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	found := servingLine.FindStringSubmatch(line)
	if found == nil {
		_ = cmd.Wait()
		t.Fatalf("it said %q, %v\n%s", line, err, s.errs.String())
	}
	s.url, s.token = found[1], found[2]
	return s
}

// block is a provider block for the fleet; more goes into it.
func (s *servedFleet) block(more string) string {
	return servedBlock(fmt.Sprintf("fleet = { endpoint = %q, token_file = %q }\n  %s", s.url, filepath.ToSlash(s.token), more))
}

// servedBlock is a provider block.
func servedBlock(settings string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    hotswap = { source = "hotswap-io/hotswap" }
  }
}

provider "hotswap" {
  %s
}
`, settings)
}

// secret is the token itself.
func (s *servedFleet) secret() string {
	s.t.Helper()
	token, err := os.ReadFile(s.token)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// get asks the fleet for what lies below its plugin; false: it has no such thing.
func (s *servedFleet) get(path string, into any) bool {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/v1/environments/Production/plugins/stripe"+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.secret())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusOK && into != nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return resp.StatusCode == http.StatusOK
}

// events are those of a rollout, as the fleet keeps them.
func (s *servedFleet) events(rollout string) (events []engine.Event) {
	s.t.Helper()
	for {
		var page contract.EventPage
		if !s.get(fmt.Sprintf("/rollouts/%s/events?after=%d", rollout, len(events)-1), &page) {
			return nil
		}
		for _, e := range page.Items {
			event, err := engine.DecodeEvent([]byte(e.Event))
			if err != nil {
				s.t.Fatal(err)
			}
			events = append(events, event)
		}
		if !page.More {
			return events
		}
	}
}

// eventually waits until the first rollout, which b walks, has an event that fits.
func (s *servedFleet) eventually(b *background, what string, fits func(engine.Event) bool) engine.Event {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); pause(50 * time.Millisecond) {
		if i := slices.IndexFunc(s.events(firstRollout), fits); i >= 0 {
			return s.events(firstRollout)[i]
		}
	}
	s.t.Fatalf("%s did not happen within two minutes\n%s\n%s", what, b.out, s.errs.String())
	return engine.Event{}
}

// firstRollout is the first rollout of the plugin.
const firstRollout = "stripe-production-1"
