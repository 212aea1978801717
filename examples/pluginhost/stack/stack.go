// Package stack puts the plugin host on one machine with everything that a rollout needs: the
// manager with its router and instances, a Prometheus that scrapes them where there is one, and
// a rollout server. All of it are real processes, on loopback, with a folder for what they write.
package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
)

// Options say what runs.
type Options struct {
	Host        string // the program pluginhost
	Hotswap     string // the program hotswap
	Prometheus  string // the program; "": the manager counts
	Catalogue   string // folder of the versions, see package catalogue
	State       string // folder for everything that is written
	Environment string
	Plugin      string
	Version     string // that is installed at the start
	Instances   int
	Tenants     int
	Router      string // own or haproxy; "": own
}

// Stack is everything that runs.
type Stack struct {
	o          Options
	Manager    *Child
	Prometheus *Child // nil: the manager counts
	Server     *Child
	Client     *client.Client // of the server; nil before it was started
	// ManagerAt, RouterAt, ServerAt and PrometheusAt are where they listen, as host:port.
	ManagerAt, RouterAt, ServerAt, PrometheusAt string
	Token                                       string // of the host
}

// New makes folders, secrets and addresses. Nothing runs yet.
func New(o Options) (*Stack, error) {
	for _, path := range []*string{&o.State, &o.Catalogue} { // which programs and configurations name from elsewhere
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	s := &Stack{o: o, Token: Secret()}
	for _, dir := range []string{o.State, hostState(o.State), filepath.Join(o.State, "server")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(s.TokenFile(), []byte(s.Token+"\n"), 0o600); err != nil {
		return nil, err
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, err
	}
	s.ManagerAt, s.RouterAt, s.ServerAt, s.PrometheusAt = ports[0], ports[1], ports[2], ports[3]
	child := func(name string, make func() *exec.Cmd, ready string, pause time.Duration) *Child {
		return &Child{Name: name, make: make, ready: answers("http://" + ready), log: filepath.Join(o.State, name+".log"), Pause: pause}
	}
	s.Manager = child("manager", s.makeManager, s.ManagerAt+"/readyz", 2*time.Second)
	s.Server = child("server", s.makeServer, s.ServerAt+"/readyz", 3*time.Second)
	if o.Prometheus != "" {
		s.Prometheus = child("prometheus", s.makePrometheus, s.PrometheusAt+"/-/ready", 3*time.Second)
	}
	return s, s.write()
}

// TokenFile has the token of the host.
func (s *Stack) TokenFile() string { return filepath.Join(s.o.State, "token") }

// AdminToken is the file in which the server has its first token.
func (s *Stack) AdminToken() string { return filepath.Join(s.o.State, "server", "admin-token") }

// hostState is where the host keeps what it knows of its processes.
func hostState(state string) string { return filepath.Join(state, "host") }

// Secret is a new token.
func Secret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// freePorts are addresses on loopback that nobody listens on now.
func freePorts(n int) ([]string, error) {
	var at []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // all at the end, so that they differ
		at = append(at, l.Addr().String())
	}
	return at, nil
}

// answers asks an address until it says 200.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, resp.Status)
		}
		return nil
	}
}

// StartHost starts the host and, where there is one, the Prometheus.
func (s *Stack) StartHost(ctx context.Context) error {
	if err := s.Manager.Start(ctx); err != nil {
		return err
	}
	if s.Prometheus == nil {
		return nil
	}
	return s.Prometheus.Start(ctx)
}

// StartServer starts the rollout server.
func (s *Stack) StartServer(ctx context.Context) error {
	if err := s.Server.Start(ctx); err != nil {
		return err
	}
	settings := connect.Settings{Path: "server", Address: "http://" + s.ServerAt, HTTP: config.DefaultHTTPClientConfig, Timeout: 5 * time.Second}
	settings.HTTP.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: s.AdminToken()}
	c, err := client.New(settings)
	s.Client = c
	return err
}

// Stop ends all of it, those that outlive the manager too.
func (s *Stack) Stop() error {
	if s.Client != nil {
		s.Client.Close()
	}
	for _, c := range s.Children() {
		c.stop()
	}
	return Clear(s.o.Host, s.o.State)
}

// Clear ends the instances and the router of a host that keeps its state there, also one that
// was killed. Where there is none it does nothing.
func Clear(host, state string) error {
	if _, err := os.Stat(hostState(state)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	out, err := exec.Command(host, "stop", "--state", hostState(state)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("stopping the host: %w: %s", err, out)
	}
	return nil
}

// Children are the processes that are supervised here: those of the host are the manager's.
func (s *Stack) Children() []*Child {
	all := []*Child{s.Server}
	if s.Prometheus != nil {
		all = append(all, s.Prometheus)
	}
	return append(all, s.Manager)
}
