//go:build unix

package launch_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	crand "crypto/rand"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	serverconfig "github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// serverVariable has this test's program be a server of a configuration, killsVariable has the
// soak kill one so often.
const (
	serverVariable = "HOTSWAP_TEST_SERVER"
	killsVariable  = "HOTSWAP_TEST_KILLS"
)

// beServer serves as a configuration says until the process is killed.
func beServer(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	c, err := serverconfig.Read(path, text)
	if err != nil {
		panic(err)
	}
	var clock walker.Time
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	l, err := launch.New(context.Background(), c, launch.Options{Version: "test", Getenv: os.Getenv, Now: clock.Now, Wait: walker.Pause, Log: log})
	if err != nil {
		panic(err)
	}
	at, err := new(net.ListenConfig).Listen(context.Background(), "tcp", c.Listener().Address)
	if err != nil {
		panic(err)
	}
	go func() { panic(l.Run(context.Background())) }()
	panic((&http.Server{Handler: l.Handler, ReadHeaderTimeout: time.Minute}).Serve(at))
}

// killed is a server in a process of its own, that is killed and started again.
type killed struct {
	t       *testing.T
	config  string
	address string
	cmd     *exec.Cmd
	errs    io.Writer
}

// folder is that of its configuration.
func (k *killed) folder() string { return filepath.Dir(k.config) }

func (k *killed) start() {
	k.t.Helper()
	k.cmd = exec.Command(os.Args[0])
	k.cmd.Env = append(os.Environ(), serverVariable+"="+k.config)
	k.cmd.Stderr = k.errs
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
}

func (k *killed) kill() {
	_ = k.cmd.Process.Signal(syscall.SIGKILL)
	_ = k.cmd.Wait()
}

// freePort is one that nobody has, a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestKills kills a server at random moments, under load, and starts it again. Every rollout
// that was asked for begins exactly once, and ends as it should. HOTSWAP_TEST_KILLS=200 is the
// campaign.
func TestKills(t *testing.T) {
	kills := 4
	if n := os.Getenv(killsVariable); n != "" {
		kills = atoi(t, n)
	}
	t.Run("journals in the fleet", func(t *testing.T) { soak(t, "fleet", kills) })
	// A fleet that keeps no journals keeps 64 lists of targets of a plugin at most, so the
	// campaign is the other one.
	t.Run("journals in the store", func(t *testing.T) { soak(t, "store", min(kills, 20)) })
}

// soak kills a server so often. keeper keeps the journals.
func soak(t *testing.T, keeper string, kills int) {
	t.Helper()
	const plugins = 8
	dir, endpoint, address := t.TempDir(), startFleets(t, plugins), freePort(t)
	path := filepath.Join(dir, "hotswap.yaml")
	text := fmt.Sprintf("listen: %s\nstate: %s\nenvironments:\n  Production:\n    fleet: {endpoint: %q}\n    journal: %s\naccess: {limits: {requests_per_second: 100000}}\n", address, dir, endpoint, keeper)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &killed{t: t, config: path, address: address, errs: os.Stderr}
	k.start()
	c := untilThere(t, dir, address)
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	asked := make([][]*attempt, plugins)
	for i := range plugins {
		load.Go(func() { asked[i] = keepAsking(ctx, t, c, fmt.Sprintf("p%04d", i)) })
	}
	for n := range kills {
		_ = walker.Pause(t.Context(), time.Duration(chance(t, 1500))*time.Millisecond)
		k.kill()
		if n%5 == 4 {
			_ = walker.Pause(t.Context(), 2*time.Second) // it is away for a while
		}
		k.start()
	}
	stop()
	load.Wait()
	t.Cleanup(k.kill)
	total := 0
	for _, mine := range asked {
		for _, a := range mine {
			total++
			checkAttempt(t, c, a)
		}
	}
	if total < kills/2 {
		t.Errorf("only %d rollouts were asked for: nothing was tried", total)
	}
	t.Logf("%d kills, %d rollouts", kills, total)
}

// chance is a number below n that nobody knows beforehand.
func chance(t *testing.T, n int64) int64 {
	t.Helper()
	drawn, err := crand.Int(crand.Reader, big.NewInt(n))
	if err != nil {
		t.Fatal(err)
	}
	return drawn.Int64()
}

// untilThere is a client of a server that comes up.
func untilThere(t *testing.T, dir, address string) *client.Client {
	t.Helper()
	var token []byte
	for n := 0; len(token) == 0; n++ {
		var err error
		if token, err = os.ReadFile(filepath.Join(dir, "admin-token")); err != nil && n > 1000 {
			t.Fatal(err)
		}
		_ = walker.Pause(t.Context(), 10*time.Millisecond)
	}
	h := config.DefaultHTTPClientConfig
	h.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(strings.TrimSpace(string(token)))}
	c, err := client.New(connect.Settings{Path: "controller", Address: "http://" + address, HTTP: h, MaxConcurrency: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for n := 0; ; n++ {
		if _, err = c.Self(t.Context()); err == nil {
			return c
		}
		if n > 300 {
			t.Fatal(err)
		}
		_ = walker.Pause(t.Context(), 50*time.Millisecond)
	}
}
