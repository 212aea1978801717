//go:build unix

package launch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// onPostgres writes the configuration of a server on a database, in a folder of its own. All
// of them take the same token.
func onPostgres(t *testing.T, dir, name, dsn, endpoint string) (path, address string) {
	t.Helper()
	own := filepath.Join(dir, name)
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	address = freePort(t)
	for file, text := range map[string]string{
		"dsn": dsn, "admin-token": "a-token-that-all-of-them-take",
		"hotswap.yaml": fmt.Sprintf(`listen: %s
state: state
store: {postgresql: {dsn_file: dsn}}
server: {name: %s}
environments:
  Production:
    fleet: {endpoint: %q}
    journal: store
access:
  limits: {requests_per_second: 100000}
  tokens: [{name: test, file: admin-token, grants: [{role: admin}]}]
`, address, name, endpoint),
	} {
		if err := os.WriteFile(filepath.Join(own, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(own, "hotswap.yaml"), address
}

// TestTwoServersOnPostgres has two servers on one database, of which one is killed and started
// again over and over, and the database once: every rollout that was asked for begins exactly
// once, and ends as it should.
func TestTwoServersOnPostgres(t *testing.T) {
	kills := 3
	if n := os.Getenv(killsVariable); n != "" {
		kills = atoi(t, n)
	}
	const plugins = 4
	cluster := pgtest.Start(t)
	dir, endpoint, dsn := t.TempDir(), startFleets(t, plugins), cluster.Database()
	var servers []*killed
	var clients []*client.Client
	for _, name := range []string{"one", "two"} {
		path, address := onPostgres(t, dir, name, dsn, endpoint)
		k := &killed{t: t, config: path, address: address, errs: os.Stderr}
		k.start()
		t.Cleanup(k.kill)
		servers = append(servers, k)
		clients = append(clients, untilThere(t, k.folder(), address))
	}
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	asked := make([][]*attempt, plugins)
	for i := range plugins {
		load.Go(func() { asked[i] = keepAsking(ctx, t, clients[i%2], fmt.Sprintf("p%04d", i)) })
	}
	for n := range kills {
		_ = walker.Pause(t.Context(), time.Duration(500+chance(t, 1500))*time.Millisecond)
		victim := servers[n%2]
		victim.kill()
		_ = walker.Pause(t.Context(), time.Duration(chance(t, 2000))*time.Millisecond)
		victim.start()
		if n == kills/2 {
			untilThere(t, victim.folder(), victim.address)
			cluster.Kill()
			_ = walker.Pause(t.Context(), 2*time.Second)
			cluster.Restart()
		}
	}
	stop()
	load.Wait()
	total := 0
	for _, mine := range asked {
		for _, a := range mine {
			total++
			checkAttempt(t, clients[0], a)
		}
	}
	t.Logf("%d kills of servers, one of the database, %d rollouts", kills, total)
}
