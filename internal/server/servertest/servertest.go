// Package servertest puts a rollout server together for tests: a store in a file, simulated
// fleets that live fast, the API over real HTTP, and clients that bear tokens.
package servertest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/worlds"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Scale is how many seconds a fleet lives in each second.
const Scale = 600

// Gate knows who bears which token.
type Gate map[string]access.Actor

// Authenticate implements api.Gate.
func (g Gate) Authenticate(r *http.Request) (*access.Actor, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if a, ok := g[token]; ok {
		return &a, nil
	}
	return nil, &access.UnauthenticatedError{Reason: "the request has no bearer token that is known here"}
}

// Actors are who may what in tests, by their tokens.
func Actors() Gate {
	all := func(role access.Role, e ...engine.Environment) []access.Grant {
		return []access.Grant{{Role: role, Environments: e}}
	}
	return Gate{
		"admin":    {Name: "admin", Grants: all(access.Admin)},
		"operator": {Name: "olga", Grants: all(access.Operate)},
		"reader":   {Name: "rudi", Grants: all(access.Read)},
		"staging":  {Name: "stan", Grants: all(access.Operate, engine.Staging)},
	}
}

// Fleet is a simulated one: 10 instances with 40 tenants, version 1.0.0 installed, 1.1.0 good
// and 2.0.0 bad.
func Fleet(e engine.Environment, plugin string) simulated.Spec {
	cfg := simulator.DefaultConfig()
	cfg.Instances, cfg.Tenants, cfg.RequestsPerSecond = 10, 40, 100
	cfg.Installed = map[string]string{plugin: "1.0.0"}
	good, bad := simulator.DefaultBehaviour(), simulator.DefaultBehaviour()
	bad.ErrorRate = 0.3
	cfg.Versions = map[string]simulator.Behaviour{"1.0.0": good, "1.1.0": good, "2.0.0": bad}
	return simulated.Spec{Environment: e, Plugin: plugin, Config: cfg, Scale: Scale}
}

// Rig is a server that runs.
type Rig struct {
	Server *server.Server
	Store  *sql.Store
	Worlds *worlds.Worlds
	HTTP   *httptest.Server
	Dir    string
	Actors Gate

	t    testing.TB
	end  func() error // of walking
	stop func()
	log  *testLog
	open atomic.Int64
}

// Start runs a server on a folder, on which another one may have run before.
func Start(t testing.TB, dir string, specs ...simulated.Spec) *Rig {
	t.Helper()
	s, w := Open(t, dir, specs...)
	return StartOn(t, dir, s, w)
}

// Open opens a store and worlds on a folder.
func Open(t testing.TB, dir string, specs ...simulated.Spec) (*sql.Store, *worlds.Worlds) {
	t.Helper()
	var clock walker.Time
	s, err := sql.OpenSQLite(t.Context(), filepath.Join(dir, "hotswap.db"), sql.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[engine.Environment]*worlds.Spec{}
	var all []worlds.Spec
	for _, one := range specs {
		if byName[one.Environment] == nil {
			byName[one.Environment] = &worlds.Spec{Name: one.Environment}
		}
		byName[one.Environment].Simulated = append(byName[one.Environment].Simulated, one)
	}
	for _, one := range byName {
		all = append(all, *one)
	}
	w, err := worlds.Open(t.Context(), filepath.Join(dir, "fleets"), clock.Now, walker.Pause, all)
	if err != nil {
		t.Fatal(err)
	}
	return s, w
}

// StartOn is Start on a store and worlds that are there.
func StartOn(t testing.TB, dir string, s *sql.Store, w *worlds.Worlds) *Rig {
	t.Helper()
	r := Still(t, dir, s, w, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Server.Run(ctx) }()
	r.end = func() error {
		cancel()
		return <-done
	}
	return r
}

// Still is a server that answers and walks nothing: what is started stays where it is. change
// may change how it answers; nil: it does not.
func Still(t testing.TB, dir string, s *sql.Store, w *worlds.Worlds, change func(*api.Options)) *Rig {
	t.Helper()
	var clock walker.Time
	lines := &testLog{t: t}
	_, lines.silent = t.(*testing.F) // which must not be asked from within what is tried
	log := slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{Level: slog.LevelWarn}))
	own := server.New(server.Options{Store: s, Worlds: w, Holder: "test", Now: clock.Now, Wait: walker.Pause, Writer: rand.Text, Log: log})
	r := &Rig{Server: own, Store: s, Worlds: w, Dir: dir, Actors: Actors(), t: t, end: func() error { return nil }, log: lines}
	o := api.Options{Server: own, Gate: r.Actors, Now: clock.Now, Wait: walker.Pause, Software: "test", Log: log}
	if change != nil {
		change(&o)
	}
	handler := Recorded(api.New(o))
	r.HTTP = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.open.Add(1)
		defer r.open.Add(-1)
		handler.ServeHTTP(w, q)
	}))
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := r.end(); err != nil {
			t.Error(err)
		}
		r.HTTP.CloseClientConnections()
		r.HTTP.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(r.stop)
	return r
}

// Stop ends the server, as a signal does.
func (r *Rig) Stop() { r.stop() }

// Client is one that bears a token.
func (r *Rig) Client(token string) *client.Client {
	r.t.Helper()
	c, err := client.New(r.Settings(token))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

// Settings are those to reach the server with a token.
func (r *Rig) Settings(token string) connect.Settings {
	h := config.DefaultHTTPClientConfig
	h.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(token)}
	return connect.Settings{Path: "controller", Address: r.HTTP.URL, HTTP: h}
}

// Waiting is how many requests are under way.
func (r *Rig) Waiting() int64 { return r.open.Load() }

// Log is what was logged so far, of warnings and faults.
func (r *Rig) Log() string {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	return r.log.text.String()
}

// Faults are the lines of the log that are no warnings.
func (r *Rig) Faults() string {
	var faults strings.Builder
	for line := range strings.Lines(r.Log()) {
		if strings.Contains(line, "level=ERROR") {
			faults.WriteString(line)
		}
	}
	return faults.String()
}

// testLog writes to the log of a test, as long as it runs.
type testLog struct {
	t      testing.TB
	silent bool

	mu   sync.Mutex
	text strings.Builder
}

func (l *testLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silent {
		return len(line), nil
	}
	l.text.Write(line)
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
