package browser_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/page"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// people are who may come, each with a token.
var people = []string{"ada", "olga", "rudi"}

const plugin = "payment-processor-stripe"

// rig is a server that runs, as its command runs it.
type rig struct {
	*httptest.Server
	t      testing.TB
	tokens map[string]string
}

// start runs a server of five simulated fleets.
func start(t testing.TB) *rig {
	t.Helper()
	r, dir, now := &rig{t: t, tokens: map[string]string{}}, t.TempDir(), new(walker.Time).Now
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r.write(filepath.Join(dir, filepath.Base(f)), bytes.ReplaceAll(text, []byte("STATE"), []byte(filepath.Join(dir, "state"))))
	}
	for _, name := range people {
		r.tokens[name] = rand.Text() + rand.Text()
		r.write(filepath.Join(dir, name+".token"), []byte(r.tokens[name]))
	}
	text, err := os.ReadFile(filepath.Join(dir, "hotswap.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Read(filepath.Join(dir, "hotswap.yaml"), text)
	if err != nil {
		t.Fatal(err)
	}
	launched, err := launch.New(t.Context(), cfg, launch.Options{
		Version: "test", Getenv: func(string) string { return "" }, Now: now, Wait: walker.Pause, Log: slog.New(slog.DiscardHandler),
		Page: func(login http.Handler, _ []string) http.Handler {
			return page.New(page.Options{Login: login, Issuers: []string{"github"}, Now: now})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(launched.Handler)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- launched.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		r.CloseClientConnections()
		r.Close()
		if err := launched.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) write(path string, text []byte) {
	if err := os.WriteFile(path, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// ask asks the API as one of the people.
func (r *rig) ask(as, method, path, body string, into any) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.tokens[as])
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		r.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(b.Bytes(), into); err != nil || resp.StatusCode >= 300 {
			r.t.Fatalf("%s %s: %s: %v", method, path, b.String(), err)
		}
	}
	return resp.StatusCode
}

// deploy starts a rollout, and gives its id.
func (r *rig) deploy(environment, name, version, strategy, more string) string {
	r.t.Helper()
	kind := ""
	if environment == "Europe" {
		kind = `"environmentKind": "Production", `
	}
	var started contract.Started
	r.ask("ada", http.MethodPost, "/v1/environments/"+environment+"/plugins/"+name+"/rollouts", fmt.Sprintf(
		`{"deployment": {"pluginId": %q, "environment": %q, %s"version": %q, "strategy": %q%s}}`, name, environment, kind, version, strategy, more), &started)
	return started.ID
}

// canary is a canary whose stages are watched for so long.
func canary(stages, bake, more string) string {
	return fmt.Sprintf(`, "canaryConfig": {"stages": [%s], "evaluationPeriod": %q%s}, "analysis": {"minRequests": 400, "minTenants": 5}`, stages, bake, more)
}

// signal says something to a rollout.
func (r *rig) signal(as, id, signal, reason string) {
	r.t.Helper()
	text, _ := json.Marshal(contract.Signal{Signal: signal, Reason: reason})
	r.ask(as, http.MethodPost, "/v1/rollouts/"+id+"/signals", string(text), new(contract.Started))
}

// until waits until a rollout is in one of the phases.
func (r *rig) until(id string, phases ...string) *contract.Detail {
	r.t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(100 * time.Millisecond) {
		var d contract.Detail
		r.ask("ada", http.MethodGet, "/v1/rollouts/"+id, "", &d)
		for _, p := range phases {
			if d.Phase == p {
				return &d
			}
		}
	}
	r.t.Fatalf("%s is never %v", id, phases)
	return nil
}
