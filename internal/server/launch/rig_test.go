package launch_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
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

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	fleetserver "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	serverconfig "github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// fleetsVariable has this test's program serve so many fleets instead of running tests.
const fleetsVariable = "HOTSWAP_TEST_FLEETS"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(fleetsVariable)); err == nil {
		serveFleets(n)
		return
	}
	if path := os.Getenv("HOTSWAP_TEST_SERVER"); path != "" {
		beServer(path)
	}
	os.Exit(m.Run())
}

// livePlace is a fleet without chance that lives in real time.
type livePlace struct {
	mu    sync.Mutex
	fleet *enginetest.Fleet
	clock *walker.Time
	began time.Time
}

func newLivePlace(plugin string, tenants int) *livePlace {
	p := &livePlace{fleet: enginetest.NewFleet(engine.Production, plugin, 10, tenants, "1.0.0", 20_000), clock: new(walker.Time)}
	p.began = p.clock.Now()
	p.fleet.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.3, Latency: 40}
	return p
}

// Now is the fleet's time: the machine's.
func (p *livePlace) Now() time.Time { return p.clock.Now() }

// do lets the fleet live up to now.
func (p *livePlace) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fleet.Advance(p.clock.Now())
	f()
}

// serveFleets serves fleets until the input ends, which it does with the test.
func serveFleets(n int) {
	var worlds []fleetserver.World
	var clock walker.Time
	for i := range n {
		plugin := fmt.Sprintf("p%04d", i)
		p := newLivePlace(plugin, 150)
		p.fleet.Advance(clock.Now())
		worlds = append(worlds, fleetserver.World{Environment: engine.Production, Plugin: plugin, Fleet: p.fleet, Meter: p.fleet, Journals: engine.NewMemoryJournals(), Now: p.Now, Do: p.do})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // the process ends it
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	s := &http.Server{Handler: fleetserver.New(fleetserver.Options{Now: clock.Now, AtOnce: 1000}, worlds...), ReadHeaderTimeout: time.Minute}
	panic(s.Serve(l))
}

// startFleets starts a process with so many fleets, and returns where it answers.
func startFleets(t testing.TB, n int) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fleetsVariable+"="+strconv.Itoa(n))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	var b [64]byte
	read, err := out.Read(b[:])
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b[:read]))
}

// rig is a server as its configuration says, with its API at an address.
type rig struct {
	t      testing.TB
	client *client.Client
	server *launch.Launched
	stop   func()
}

// start launches a server on a folder, which keeps the journals itself.
func start(t testing.TB, dir, endpoint, more string) *rig {
	t.Helper()
	return startKeeping(t, dir, endpoint, "store", more)
}

// startKeeping is start where keeper keeps the journals.
func startKeeping(t testing.TB, dir, endpoint, keeper, more string) *rig {
	t.Helper()
	text := fmt.Sprintf("state: %s\nenvironments:\n  Production:\n    fleet: {endpoint: %q, max_concurrency: 32}\n    journal: %s\naccess: {limits: {requests_per_second: 100000}}\n%s", dir, endpoint, keeper, more)
	c, err := serverconfig.Read(filepath.Join(dir, "hotswap.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var clock walker.Time
	l, err := launch.New(t.Context(), c, launch.Options{
		Version: "test", Getenv: func(string) string { return "" }, Now: clock.Now, Wait: walker.Pause, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // the server ends it
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: l.Handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(at) }()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	if err != nil {
		t.Fatal(err)
	}
	h := config.DefaultHTTPClientConfig
	h.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(strings.TrimSpace(string(token)))}
	own, err := client.New(connect.Settings{Path: "controller", Address: "http://" + at.Addr().String(), HTTP: h, MaxConcurrency: 64})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, client: own, server: l}
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			err := <-done
			_ = s.Close()
			own.Close()
			if err := errors.Join(err, l.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(r.stop)
	return r
}

// startRollouts starts a canary on each of n fleets.
func (r *rig) startRollouts(n int, evaluation string) {
	r.t.Helper()
	var all sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		all.Go(func() {
			plugin := fmt.Sprintf("p%04d", i)
			spec := fmt.Sprintf(`{"pluginId": %q, "environment": "Production", "version": "1.1.0", "strategy": "Canary",
				"canaryConfig": {"stages": [10, 100], "evaluationPeriod": %q}, "analysis": {"minRequests": 10, "minTenants": 1}}`, plugin, evaluation)
			_, err := r.client.Start(context.Background(), engine.Production, plugin, rand.Text(), contract.Ask{Deployment: json.RawMessage(spec)})
			errs <- err
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			r.t.Fatal(err)
		}
	}
}
