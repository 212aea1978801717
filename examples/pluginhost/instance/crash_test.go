package instance

import (
	"strings"
	"syscall"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// process is the process of a version.
func (r *running) process(version string) int {
	held, _ := r.shelf.list()
	for _, h := range held {
		if h.version.Version == version {
			return h.pid()
		}
	}
	return 0
}

// TestPluginKilled kills a plugin's process: the requests that it has fail, others do not,
// and it comes back.
func TestPluginKilled(t *testing.T) {
	r := start(t, 0, nil, "1.5.0", "1.6.0")
	r.faults(wire.Fault{Version: "1.5.0", Tenant: "tenant-001", LatencyMS: 600_000})
	answers := r.inFlight("1.5.0", 20)
	killed := r.process("1.5.0")
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if a := <-answers; a.status != 502 || a.Get(wire.Reason) != wire.ReasonCrashed || a.Get(wire.Version) != "1.5.0" {
			t.Errorf("it had it: %v", a)
		}
	}
	if a := r.pay("tenant-002", "1.6.0"); a.status != 200 {
		t.Errorf("of another version: %v", a)
	}
	r.until("1.5.0", func(p wire.Plugin) bool { return p.State == wire.Ready && p.Restarts == 1 })
	if pid := r.process("1.5.0"); pid == killed || pid == 0 {
		t.Errorf("process %d after %d", pid, killed)
	}
	if a := r.pay("tenant-002", ""); a.status != 200 || a.Get(wire.Version) != "1.5.0" {
		t.Errorf("afterwards: %v", a)
	}
	var counts wire.Counts
	r.get("/admin/counts", &counts)
	if c := counts.Counts[0]; c.Tenant != "tenant-001" || c.Requests != 20 || c.Errors != 20 || c.Timeouts != 0 {
		t.Errorf("%+v", c)
	}
}

// TestPanics has a version panic at the requests of one tenant: it went away by itself, says
// why, and comes back.
func TestPanics(t *testing.T) {
	for _, version := range []string{"1.5.0", "1.6.0"} {
		t.Run(version, func(t *testing.T) {
			r := start(t, 0, nil, version)
			r.faults(wire.Fault{Version: version, Tenant: "tenant-013", PanicRate: 1})
			seen := ""
			for n := int64(1); n <= 4 || seen == ""; n++ {
				// While it is broken it has no requests, and none of them is the one that is lost.
				for a := r.pay("tenant-013", version); a.Get(wire.Reason) != wire.ReasonCrashed; a = r.pay("tenant-013", version) {
					if a.status != 503 || a.Get(wire.Reason) != wire.ReasonNoVersion || a.Get(wire.Version) != version {
						t.Fatalf("%v", a)
					}
				}
				r.until(version, func(p wire.Plugin) bool {
					if p.State == wire.Broken {
						seen = p.Error
					}
					return p.State == wire.Ready && p.Restarts >= n
				})
			}
			if want := "panic: payment of 1250 for tenant-013: ledger is nil"; !strings.Contains(seen, want) {
				t.Errorf("while it was broken it said %q, not %q", seen, want)
			}
			if a := r.pay("tenant-001", ""); a.status != 200 {
				t.Errorf("another tenant: %v", a)
			}
		})
	}
}

// TestDoesNotStart holds a version that does not: it says why, cannot be served, and takes
// nothing from the others.
func TestDoesNotStart(t *testing.T) {
	r := start(t, 0, nil, "1.5.0", "2.0.0")
	r.until("2.0.0", func(p wire.Plugin) bool {
		return p.State == wire.Broken && strings.Contains(p.Error, "payment.truncated: it ended before it was ready") && p.Restarts == 0
	})
	if status, text := r.admin("PUT", "/admin/default", `{"version":"2.0.0"}`); status != 409 || !strings.Contains(text, "version 2.0.0 is broken: start ") {
		t.Errorf("%d %s", status, text)
	}
	if s := r.state(); s.Default != "1.5.0" || !s.Ready {
		t.Errorf("%+v", s)
	}
	if a := r.pay("t", ""); a.status != 200 {
		t.Errorf("%v", a)
	}
	if a := r.pay("t", "2.0.0"); a.status != 503 || a.Get(wire.Reason) != wire.ReasonNoVersion {
		t.Errorf("%v", a)
	}
	r.must("DELETE", "/admin/plugins/2.0.0", "")
	r.until("2.0.0", func(p wire.Plugin) bool { return p.Version == "" })
}

// TestBrokenDefault is not ready, and counts what it does not serve as its errors.
func TestBrokenDefault(t *testing.T) {
	r := start(t, 0, nil, "2.0.0")
	if a := r.do("GET", "/readyz", ""); a.status != 503 || !strings.Contains(a.text, "broken") {
		t.Errorf("%v %s", a, a.text)
	}
	if a := r.pay("t", ""); a.status != 503 || a.Get(wire.Version) != "2.0.0" {
		t.Errorf("%v", a)
	}
	var counts wire.Counts
	if r.get("/admin/counts", &counts); len(counts.Counts) != 1 || counts.Counts[0].Errors != 1 {
		t.Errorf("%+v", counts)
	}
	r.must("PUT", "/admin/plugins/1.5.0", "")
	r.until("1.5.0", func(p wire.Plugin) bool { return p.State == wire.Ready })
	r.must("PUT", "/admin/default", `{"version":"1.5.0"}`)
	if a := r.do("GET", "/readyz", ""); a.status != 200 {
		t.Errorf("%v", a)
	}
	if s := r.state(); s.Probes != 2 || s.Failed != 1 {
		t.Errorf("%+v", s)
	}
}
