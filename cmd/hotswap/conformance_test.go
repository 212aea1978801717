package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// conforming is a fleet that conforms, whose time stands.
func conforming(t *testing.T, token string) http.Handler {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"sandbox": "1.0.0"}
	cfg.Can = map[engine.Capability]bool{engine.CanJournal: false}
	w, err := simulator.NewWorld(cfg, engine.QA, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	o := server.Options{
		Token: func() (string, error) { return token, nil }, Now: simulator.Epoch, Software: "a fleet",
		Sandbox: &contract.Sandbox{Environment: "QA", Plugin: "sandbox", Versions: []string{"1.0.0", "1.1.0"}},
	}
	return server.New(o, server.World{Environment: engine.QA, Plugin: "sandbox", Fleet: w, Meter: w, Now: simulator.Epoch, Do: func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}})
}

// TestConformance holds a fleet to some clauses, and one that is wrong.
func TestConformance(t *testing.T) {
	const token = "a-token-that-is-a-secret"
	good := httptest.NewServer(conforming(t, token))
	defer good.Close()
	h := conforming(t, token)
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "no-such-path") {
			http.Error(w, "what is "+r.Header.Get("Authorization")+"?", http.StatusNotFound)
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer bad.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		args []string
		code int
		want []string
	}{
		{"what holds", []string{"--endpoint", good.URL, "--token-file", file, "--run", "fleet.*", "--run", "requests.path"}, exitFine, []string{"holds     fleet.routes", "6 of 6 clauses hold", "a fleet"}},
		{"what does not", []string{"--endpoint", bad.URL, "--token-file", file, "--run", "requests.path"}, exitUnexpected, []string{"FAILS     requests.path", "> GET /v1/conformance-no-such-path", "< 404", "<secret>"}},
		{"another plugin", []string{"--endpoint", good.URL, "--token-file", file, "--environment", "Production", "--plugin", "stripe"}, exitInput, []string{"is not the fleet's sandbox"}},
		{"no token", []string{"--endpoint", good.URL}, exitInput, []string{"401 unauthenticated"}},
		{"no fleet", []string{"--endpoint", "http://127.0.0.1:1"}, exitInput, []string{"127.0.0.1:1"}},
		{"no endpoint", nil, exitInput, []string{"fleet.endpoint: is missing"}},
		{"no such clause", []string{"--endpoint", good.URL, "--run", "flet.*"}, exitInput, []string{`no clause is called "flet.*"`}},
		{"the list", []string{"--list", "--run", "orders.*"}, exitFine, []string{"orders.ordinal", "409 `superseded`"}},
	} {
		t.Setenv("HOTSWAP_ENDPOINT", "")
		t.Setenv("HOTSWAP_TOKEN", "")
		var out bytes.Buffer
		if code := run(t.Context(), append([]string{"conformance"}, c.args...), &out, &out); code != c.code {
			t.Errorf("%s: exit code %d\n%s", c.what, code, out.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in\n%s", c.what, want, out.String())
			}
		}
		if strings.Contains(out.String(), token) {
			t.Errorf("%s: the token is shown\n%s", c.what, out.String())
		}
	}
}

// TestConformanceFiles writes what came of clauses as JSON and for a CI server.
func TestConformanceFiles(t *testing.T) {
	s := httptest.NewServer(conforming(t, "x"))
	defer s.Close()
	t.Setenv("HOTSWAP_TOKEN", "x")
	dir := t.TempDir()
	figures, junit := filepath.Join(dir, "c.json"), filepath.Join(dir, "c.xml")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"conformance", "--endpoint", s.URL, "--run", "rollouts.*", "--run", "fleet.names", "--json", figures, "--junit", junit}, &out, &out); code != exitFine {
		t.Fatalf("exit code %d\n%s", code, out.String())
	}
	var all conformity
	data, err := os.ReadFile(figures)
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil || all.Kind != "conformance" || !all.Holds || all.Plugin != "sandbox" || all.Clauses[0].ID != "fleet.names" || all.Clauses[0].Verdict != "holds" {
		t.Errorf("%v, %+v", err, all)
	}
	var suites junitSuites
	data, err = os.ReadFile(junit)
	if err == nil {
		err = xml.Unmarshal(data, &suites)
	}
	if err != nil || suites.Failures != 0 || len(suites.Suites) != 1 || suites.Suites[0].Skipped == 0 || suites.Suites[0].Skipped >= suites.Tests {
		t.Errorf("%v, %+v", err, suites)
	}
}

// TestServedFleetConforms holds hotswap serve, in a process of its own, to the contract.
func TestServedFleetConforms(t *testing.T) {
	t.Parallel() // it waits for most of a minute
	s := start(t, "--scenario", guideCanary, "--listen", "127.0.0.1:0", "--state", t.TempDir())
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(s.token), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code := run(t.Context(), []string{"conformance", "--endpoint", s.url, "--token-file", file}, &out, &out)
	if text := out.String(); code != 0 || !strings.Contains(text, "126 of 136 clauses hold, 10 are left out by the capabilities") {
		t.Errorf("exit %d\n%s", code, text)
	}
}
