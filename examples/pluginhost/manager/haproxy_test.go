package manager_test

import (
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestHAProxy walks what a canary does with a real HAProxy as the router: no request fails,
// and its exporter counts by version.
func TestHAProxy(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no haproxy on the PATH")
		}
		t.Skip("there is no haproxy on the PATH")
	}
	h := newHost(t, 3, "--router", "haproxy")
	l := h.load(150)
	h.make(engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: first(3)})
	c := h.make(engine.Change{Kind: engine.Pin, Version: "1.6.0", Tenants: first(10)})
	if c.Exposed.Tenants != 10 {
		t.Errorf("with 10 tenants pinned the candidate reaches %+v", c.Exposed)
	}
	h.wait("pinned tenants are served by it, and no others", func() bool {
		for _, tenant := range h.targets.Tenants {
			if version := h.served(t, tenant.ID); (version == "1.6.0") != (tenant.ID <= "tenant-010") {
				t.Logf("%s is served by %q", tenant.ID, version)
				return false
			}
		}
		return true
	})
	h.wait("its exporter counts them", func() bool { return h.exported(t, "version1") > 50 })
	h.make(engine.Change{Kind: engine.Replace, Version: "1.7.0", Instances: first(1)}) // an instance out, and in again
	h.make(engine.Change{Kind: engine.Pin, Version: "1.7.0", Tenants: first(5)})
	h.make(engine.Change{Kind: engine.Unpin, Tenants: first(10)})
	h.counted(t, map[string]string{"version1": "1.6.0", "version2": "1.7.0", "slot1": "blue"})
	h.make(engine.Change{Kind: engine.Replace, Version: "1.5.0", Instances: first(1)})
	h.make(engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.7.0"})
	before := map[string]bool{}
	for _, percent := range []float64{10, 30, 50, 100} {
		h.make(engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 100 - percent}, {Slot: "green", Percent: percent}}})
		green := 0
		for n := range 400 {
			tenant := "anybody-" + strconv.Itoa(n)
			on := h.served(t, tenant) == "1.7.0"
			if before[tenant] && !on {
				t.Errorf("%s left green when that got %g %%", tenant, percent)
			}
			if before[tenant] = on; on {
				green++
			}
		}
		if got := float64(green) / 4; got < percent-10 || got > percent+10 {
			t.Errorf("%g %% of the tenants are on green, and %g %% were asked for", got, percent)
		}
	}
	h.make(engine.Change{Kind: engine.Retire, Slot: "blue"})
	h.make(engine.Change{Kind: engine.Provision, Slot: "blue", Count: 2, Version: "1.6.0"})
	r := l.end(t)
	if r.Failed > 0 || r.Requests < 300 {
		t.Errorf("%+v", r)
	}
	t.Logf("a canary by HAProxy under %.0f requests/s: %d requests, %d failed, p99 %.1f ms", r.Rate, r.Requests, r.Failed, r.P99)
	h.killedProxy(t)
}

// counted looks whether /overview says whose counters backends have.
func (h *host) counted(t *testing.T, want map[string]string) {
	t.Helper()
	if got := h.overview().Backends; !maps.Equal(got, want) {
		t.Errorf("/overview says that backends are of %v, and they are of %v", got, want)
	}
}

// killedProxy kills HAProxy, and the manager and HAProxy: they are back as they were.
func (h *host) killedProxy(t *testing.T) {
	h.make(engine.Change{Kind: engine.Install, Version: "1.6.0", Slot: "green"})
	h.make(engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 50}, {Slot: "green", Percent: 50}}})
	where := map[string]string{}
	for _, tenant := range h.targets.Tenants {
		where[tenant.ID] = h.served(t, tenant.ID)
	}
	for _, manager := range []bool{false, true} {
		pid := h.proxyPID()
		if manager {
			h.kill()
		}
		signal(t, pid, syscall.SIGKILL)
		if manager {
			h.start()
		}
		h.wait("HAProxy is back, and routes as before", func() bool {
			if now := h.proxyPID(); now == 0 || now == pid {
				return false
			}
			for tenant, version := range where {
				if h.served(t, tenant) != version {
					return false
				}
			}
			return true
		})
	}
}

// served is the version that serves a tenant now; "": none does.
func (h *host) served(t *testing.T, tenant string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.world(), "router.address"))
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPost, "http://"+strings.TrimSpace(string(text))+"/pay", strings.NewReader(`{"amount":100}`))
	req.Header.Set("X-Tenant", tenant)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.Header.Get("X-Plugin-Version")
}

func (h *host) world() string { return filepath.Join(h.state, "worlds", "Staging", "payment") }

// exported is how many requests HAProxy says a backend answered well.
func (h *host) exported(t *testing.T, backend string) (n int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.world(), "router.metrics"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + strings.TrimSpace(string(text)) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, _ := io.ReadAll(res.Body)
	for _, m := range regexp.MustCompile(`(?m)^haproxy_backend_http_responses_total\{proxy="`+backend+`",code="2xx"\} (\d+)`).FindAllSubmatch(all, -1) {
		n, _ = strconv.Atoi(string(m[1]))
	}
	return n
}

// proxyPID is HAProxy's process; 0: there is none.
func (h *host) proxyPID() int {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if strings.HasPrefix(string(text), "haproxy\x00") && strings.Contains(string(text), h.state+"/") {
			pid, _ := strconv.Atoi(e.Name())
			return pid
		}
	}
	return 0
}
