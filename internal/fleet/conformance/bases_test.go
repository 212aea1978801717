package conformance_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

const token = "a-token-that-is-a-secret"

// base is a fleet that conforms, in front of which servers are made wrong.
type base struct {
	name  string
	only  func(id string) bool // clauses that are tried on it; nil: all
	start func(t *testing.T) (h http.Handler, pause func(context.Context, time.Duration) error)
}

// simulated is the reference server over a simulated fleet that lacks something. Its time
// passes only while it is waited for, and a little with each request.
func simulated(name string, lacks ...engine.Capability) base {
	return base{name: name, start: func(t *testing.T) (http.Handler, func(context.Context, time.Duration) error) {
		cfg := simulator.DefaultConfig()
		cfg.Instances, cfg.Tenants, cfg.RequestsPerSecond = 3, 24, 30
		cfg.DrainSeconds, cfg.InstallSeconds, cfg.ProvisionSeconds, cfg.SmokeSeconds, cfg.ProbeIntervalSeconds = 0.1, 0.3, 0.3, 0.5, 1
		behaviour := simulator.DefaultBehaviour()
		behaviour.StartupSeconds = 0.2
		cfg.Versions = map[string]simulator.Behaviour{"1.0.0": behaviour, "1.1.0": behaviour}
		cfg.Installed = map[string]string{"sandbox": "1.0.0"}
		cfg.Can = map[engine.Capability]bool{}
		for _, what := range lacks {
			cfg.Can[what] = false
		}
		w, err := simulator.NewWorld(cfg, engine.QA, "sandbox")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		pass := func(d time.Duration) { w.RunUntil(w.Now().Add(d)) }
		do := func(f func()) {
			mu.Lock()
			defer mu.Unlock()
			pass(time.Millisecond)
			f()
		}
		pass(5 * time.Minute) // so that there is some traffic to look at
		now := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return w.Now()
		}
		world := server.World{Environment: engine.QA, Plugin: "sandbox", Fleet: w, Meter: w, Now: now, Do: do, Ledger: server.NewLedger(server.NewMemory())}
		if slices.Contains(lacks, engine.CanJournal) {
			world.Ledger = nil
		}
		if slices.Contains(lacks, engine.CanTraffic) {
			world.Meter = nil
		}
		h := server.New(server.Options{
			Token: func() (string, error) { return token, nil }, Now: now, Software: "simulated",
			Limits:  contract.Limits{Body: 1 << 19, Page: 10},
			Sandbox: &contract.Sandbox{Environment: "QA", Plugin: "sandbox", Versions: []string{"1.0.0", "1.1.0"}, Settle: engine.Duration(5 * time.Second)},
		}, world)
		return h, func(ctx context.Context, d time.Duration) error {
			do(func() { pass(d) })
			return ctx.Err()
		}
	}}
}

// example is the fleet of examples/fleet-http, as a process. Its journal is what is tried
// on it.
var example = base{name: "example", only: func(id string) bool {
	group, _, _ := strings.Cut(id, ".")
	return slices.Contains([]string{"rollouts", "events", "leases"}, group)
}, start: func(t *testing.T) (http.Handler, func(context.Context, time.Duration) error) {
	u, err := url.Parse(startExample(t))
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}, nil
}}

// built is the example's program, made once.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(exampleFolder, "fleet-http")
	out, err := exec.Command("go", "build", "-o", path, "../../../examples/fleet-http").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

// startExample starts the example, and gives its address.
func startExample(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(path, err)
	}
	cmd := exec.Command(path, "-listen", "127.0.0.1:0", "-takes", "50ms")
	cmd.Env = append(cmd.Environ(), "FLEET_TOKEN="+token)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // which it has no answer to
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(says).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "answering on ")
	if err != nil || !ok {
		t.Fatalf("it said %q, %v", line, err)
	}
	return address
}

// run holds a base with a fault to the contract.
func (b base) run(t *testing.T, wrong func(http.Handler) http.Handler, only func(string) bool) *conformance.Report {
	t.Helper()
	h, pause := b.start(t)
	if wrong != nil {
		h = wrong(h)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return hold(t, s.URL, pause, func(id string) bool { return (b.only == nil || b.only(id)) && (only == nil || only(id)) })
}

func hold(t *testing.T, address string, pause func(context.Context, time.Duration) error, only func(string) bool) *conformance.Report {
	t.Helper()
	own := config.DefaultHTTPClientConfig
	own.Authorization = &config.Authorization{Type: "Bearer", Credentials: token}
	r, err := conformance.Run(t.Context(), conformance.Settings{
		Connection: connect.Settings{Path: "fleet", Address: address, HTTP: own, Timeout: 10 * time.Second}, Secret: token, Pause: pause, Only: only,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
