package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

const (
	token = "the-token-of-tests"
	limit = 90 * time.Second // for anything, on a busy machine
)

var good = plugin.Behaviour{LatencyMS: 20}

func both() []catalogue.Version {
	return []catalogue.Version{{Version: "1.5.0", Kind: catalogue.Process, Behaviour: good}, {Version: "1.6.0", Kind: catalogue.Process, Behaviour: good}, {Version: "1.7.0", Kind: catalogue.Wasm, Behaviour: good}}
}

// TestKilledLeavesNothing kills an instance: its plugins end, and their sockets go.
func TestKilledLeavesNothing(t *testing.T) {
	p := start(t, both())
	pids := p.children()
	if len(pids) != 2 {
		t.Fatalf("%v", pids)
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.over
	for _, pid := range pids {
		p.eventually(fmt.Sprintf("the end of process %d", pid), func() bool { return gone(pid) })
	}
	p.eventually("nothing left", func() bool {
		left, _ := os.ReadDir(p.folder)
		return len(left) == 0
	})
}

// TestStopsUnderLoad stops an instance while requests come. Each that had begun is answered,
// others are told to go elsewhere, or find nobody.
func TestStopsUnderLoad(t *testing.T) {
	p := start(t, both())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	answered, other, sent := 0, map[string]int{}, 0
	done := make(chan error, 1)
	go func() {
		done <- load.Run(ctx, load.Options{To: p.url + "/pay", Tenants: 150, Spread: 1, Rate: 400, Most: 10_000, Timeout: limit, Seed: 1}, func(o load.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			sent++
			switch {
			case o.Status == 200:
				answered++
			case o.Status == 503 && o.Reason == wire.ReasonDraining:
				other["draining"]++
			case errors.Is(o.Err, syscall.ECONNREFUSED):
				other["refused"]++
			case o.Err != nil: // it came to a connection that was closed, which the count below tells from one that had begun
				other["closed"]++
			default:
				other[fmt.Sprintf("%d %s", o.Status, o.Reason)]++
			}
		})
	}()
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return sent
	}
	p.eventually("load", func() bool { return count() > 400 })
	pids := p.children()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.over
	before := count()
	p.eventually("requests that find nobody", func() bool { return count() > before+20 })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	t.Logf("answered %d, and %v", answered, other)
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ends with %d\n%s", code, &p.errs)
	}
	for what, n := range other {
		if what != "draining" && what != "refused" && what != "closed" {
			t.Errorf("%d requests: %s", n, what)
		}
	}
	served := regexp.MustCompile(`msg=stopped answered=(\d+)`).FindStringSubmatch(p.errs.String())
	if served == nil || served[1] != strconv.Itoa(answered) {
		t.Errorf("clients had %d answers, it gave %v\n%s", answered, served, &p.errs)
	}
	for _, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d is left", pid)
		}
	}
}

// TestLeak leaks memory for real: the system tells of it, of the version that does.
func TestLeak(t *testing.T) {
	for version, other := range map[string]string{"1.5.0": "1.6.0", "1.7.0": ""} {
		t.Run(version, func(t *testing.T) {
			p := start(t, both(), "--memory-limit", "512Mi")
			p.eventually("a use of memory", func() bool { return p.state().Memory > 0 })
			before := p.state().Memory
			p.admin("PUT", "/admin/faults", `{"faults":[{"version":"`+version+`","leakBytes":1048576}]}`)
			for range 100 { // 100 of 512 MiB
				if status := p.pay(version); status != 200 {
					t.Fatalf("%d\n%s", status, &p.errs)
				}
			}
			p.eventually("100 of 512 MiB", func() bool { return p.state().Memory > before+0.15 })
			of := func(v string) float64 {
				m := regexp.MustCompile(`hotswap_plugin_memory_usage_ratio\{.*version="` + regexp.QuoteMeta(v) + `"\} (\S+)`).FindStringSubmatch(p.admin("GET", "/metrics", ""))
				if m == nil {
					t.Fatalf("version %s: no use of memory", v)
				}
				x, _ := strconv.ParseFloat(m[1], 64)
				return x
			}
			if of(version) < 0.15 || (other != "" && of(other) > of(version)-0.1) {
				t.Errorf("it uses %v, another version %v", of(version), of("1.6.0"))
			}
			if version == "1.5.0" { // whose memory is a process'
				p.admin("DELETE", "/admin/plugins/1.5.0", "")
				p.eventually("memory given back", func() bool { return p.state().Memory < before+0.1 })
			}
		})
	}
}

// TestBadInput says all that is wrong, in words, and exits with 2.
func TestBadInput(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("one secret too many"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, says string }{
		{"", "usage: pluginhost COMMAND"},
		{"dance", `there is no command "dance"`},
		{"build", "--out is missing"},
		{"build --out x --versions nowhere.json", "nowhere.json"},
		{"instance --nothing", "-nothing"},
		{"instance more", `"more" is no flag`},
		{"instance --id ! --environment Prod --listen 10.0.0.1:80 --memory-limit much --timeout 0s --hold 1.5.0", "--token-file: it is missing|--memory-limit|--catalogue is missing|--id|--environment|--listen|--timeout|version 1.5.0"},
		{"instance --id a --catalogue x --token-file " + secret, "one word"},
		{"instance --id a --catalogue x --token-file /nowhere/token", "/nowhere/token"},
		{"wait --within 0s --tenant=", "--to|--tenant|--within"},
		{"load", "--to"},
		{"load --to http://x --rate 0 --tenants 0", "--rate 0|--tenants 0"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), strings.Fields(c.args), &out, &errs)
		for s := range strings.SplitSeq(c.says, "|") {
			if code != 2 || !strings.Contains(errs.String(), s) || strings.Contains(errs.String(), "secret too") {
				t.Errorf("%s: exits with %d and does not say %q:\n%s", c.args, code, s, &errs)
			}
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"load", "--help"}, &out, &errs); code != 0 || !strings.Contains(errs.String(), "-rate") {
		t.Errorf("help: %d %s", code, &errs)
	}
}

// TestPortTaken says so in one line, with what to do.
func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(tokenFile, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"instance", "--id", "a", "--catalogue", hosttest.Catalogue(t), "--token-file", tokenFile, "--listen", l.Addr().String()}, &out, &errs)
	if want := fmt.Sprintf("pluginhost instance: listen %s: the port is taken; take another one with --listen\n", l.Addr()); code != 1 || errs.String() != want {
		t.Errorf("%d: %s want %s", code, &errs, want)
	}
}

// TestLoadCommand sends requests to an instance, and reports them.
func TestLoadCommand(t *testing.T) {
	p := start(t, both())
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"load", "--to", p.url + "/pay", "--rate", "300", "--for", "1s", "--json"}, &out, &errs); code != 0 {
		t.Fatalf("%d %s", code, &errs)
	}
	var r load.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Requests < 200 || r.Requests != r.Versions["1.5.0"] || r.Failed != 0 || r.P50 < 5 {
		t.Errorf("%v %s", err, &out)
	}
	out.Reset()
	if code := run(t.Context(), []string{"load", "--to", p.url + "/pay", "--rate", "300", "--for", "100ms"}, &out, &errs); code != 0 || !strings.Contains(out.String(), "served by 1.5.0") {
		t.Errorf("%d %s %s", code, &out, &errs)
	}
}
