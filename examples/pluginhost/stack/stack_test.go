package stack

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

func options(t *testing.T) Options {
	return Options{
		Host: "pluginhost", Hotswap: "hotswap", Catalogue: "catalogue", State: filepath.Join(t.TempDir(), "state"),
		Environment: "Staging", Plugin: "payment", Version: "1.5.0", Instances: 20, Tenants: 150,
	}
}

// TestNew: folders, the token and configurations are there before anything runs, for nobody
// else to read; paths are absolute, for programs that run elsewhere.
func TestNew(t *testing.T) {
	for _, prometheus := range []string{"", "prometheus"} {
		o := options(t)
		o.Prometheus = prometheus
		t.Chdir(filepath.Dir(o.State))
		o.State = "state"
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"token", "hotswap.yaml", "prometheus.yml"} {
			i, err := os.Stat(filepath.Join("state", file))
			if err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", file, i, err)
			}
		}
		if i, err := os.Stat("state"); err != nil || i.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", i, err)
		}
		text, err := os.ReadFile(filepath.Join("state", "hotswap.yaml"))
		if err != nil || strings.Contains(string(text), s.Token) || strings.Contains(string(text), "prometheus: ") != (prometheus != "") {
			t.Errorf("%v: %s", err, text)
		}
		at := map[string]bool{s.ManagerAt: true, s.RouterAt: true, s.ServerAt: true, s.PrometheusAt: true}
		for a := range at {
			if !strings.HasPrefix(a, "127.0.0.1:") {
				t.Errorf("%s is not on loopback", a)
			}
		}
		if len(at) != 4 || !filepath.IsAbs(s.TokenFile()) {
			t.Errorf("%v, %s", at, s.TokenFile())
		}
		args := strings.Join(s.makeManager().Args, " ")
		if who := map[bool]string{true: "--metrics none", false: "--metrics own"}[prometheus != ""]; !strings.Contains(args, who) || strings.Contains(args, s.Token) || !strings.Contains(args, " --router own ") {
			t.Errorf("%s", args)
		}
		if n := len(s.Children()); n != map[bool]int{true: 3, false: 2}[prometheus != ""] || (s.Discovery() > 0) != (prometheus != "") {
			t.Errorf("%d children", n)
		}
	}
	taken := options(t)
	if err := os.WriteFile(taken.State, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(taken); err == nil || !strings.Contains(err.Error(), taken.State) {
		t.Error(err)
	}
}

// TestAsks: the manager is asked with the token, and what it refuses is said as it said it.
func TestAsks(t *testing.T) {
	s, err := New(options(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	manager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/faults":
			http.Error(w, "faults[0].errorRate: 2 is not in 0..1", http.StatusBadRequest)
		default:
			_, _ = w.Write([]byte(`{"processes": [{"name": "instance-01", "kind": "instance", "pid": 0}]}`))
		}
	}))
	defer manager.Close()
	s.ManagerAt = strings.TrimPrefix(manager.URL, "http://")
	ctx := context.Background()
	if err := s.SetFaults(ctx, []wire.Fault{{ErrorRate: 2}}); err == nil || err.Error() != "PUT /faults: 400 Bad Request: faults[0].errorRate: 2 is not in 0..1" {
		t.Error(err)
	}
	if all, err := s.Processes(ctx); err != nil || len(all) != 1 || all[0].Name != "instance-01" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := s.Kill(ctx, "plugin"); err == nil || err.Error() != "no plugin runs here" {
		t.Error(err)
	}
	if _, err := s.Kill(ctx, "server"); err == nil || err.Error() != "server is not running" {
		t.Error(err)
	}
	for _, line := range got {
		if !strings.HasSuffix(line, " Bearer "+s.Token) {
			t.Errorf("%s", line)
		}
	}
	manager.Close()
	if _, err := s.Kill(ctx, "instance"); err == nil || strings.Contains(err.Error(), s.Token) {
		t.Error(err)
	}
}

// TestClear: where no host keeps its state nothing is asked to stop; a host that cannot be stopped is said.
func TestClear(t *testing.T) {
	if err := Clear(filepath.Join(t.TempDir(), "nothing"), t.TempDir()); err != nil {
		t.Error(err)
	}
	state := t.TempDir()
	if err := os.Mkdir(hostState(state), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Clear(filepath.Join(t.TempDir(), "nothing"), state); err == nil || !strings.Contains(err.Error(), "stopping the host") {
		t.Error(err)
	}
}
