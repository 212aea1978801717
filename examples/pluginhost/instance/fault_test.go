package instance

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// TestOneTenant fails one tenant's requests only, until it is told not to any more.
func TestOneTenant(t *testing.T) {
	for _, version := range []string{"1.5.0", "1.6.0"} {
		r := start(t, 0, nil, version)
		r.faults(wire.Fault{Version: version, Tenant: "tenant-007", ErrorRate: 1})
		for range 20 {
			if a := r.pay("tenant-007", ""); a.status != 500 || a.Get(wire.Reason) != wire.ReasonPlugin || a.Get(wire.Version) != version {
				t.Fatalf("%v", a)
			}
			if a := r.pay("tenant-008", ""); a.status != 200 {
				t.Fatalf("%v", a)
			}
		}
		r.faults()
		if a := r.pay("tenant-007", ""); a.status != 200 {
			t.Errorf("%v", a)
		}
	}
}

// TestFaultOutlives a plugin's process: the next one has it from its first request on.
func TestFaultOutlives(t *testing.T) {
	r := start(t, 0, nil, "1.5.0")
	r.faults(wire.Fault{Version: "1.5.0", ErrorRate: 1}, wire.Fault{Version: "1.6.0", ErrorRate: 1})
	r.must("DELETE", "/admin/plugins/1.5.0", "")
	r.until("1.5.0", func(p wire.Plugin) bool { return p.Version == "" })
	for _, v := range []string{"1.5.0", "1.6.0"} {
		r.must("PUT", "/admin/plugins/"+v, "")
		r.until(v, func(p wire.Plugin) bool { return p.State == wire.Ready })
		if a := r.pay("t", v); a.status != 500 {
			t.Errorf("%v", a)
		}
	}
}

// TestTimeout gives up what takes too long.
func TestTimeout(t *testing.T) {
	r := start(t, 0, func(o *Options) { o.Timeout = 100e6 }, "1.5.0", "1.6.0")
	r.faults(wire.Fault{Version: "1.5.0", LatencyMS: 60_000}, wire.Fault{Version: "1.6.0", LatencyMS: 60_000})
	for _, v := range []string{"1.5.0", "1.6.0"} {
		if a := r.pay("t", v); a.status != 504 || a.Get(wire.Reason) != wire.ReasonTimeout || a.Get(wire.Version) != v {
			t.Errorf("%v", a)
		}
	}
	var counts wire.Counts
	r.get("/admin/counts", &counts)
	for _, c := range counts.Counts {
		if c.Requests != 1 || c.Errors != 1 || c.Timeouts != 1 || c.Seconds < 0.1 || c.PluginSeconds > c.Seconds || c.Within[5] != 0 {
			t.Errorf("%+v", c)
		}
	}
}

// TestLyingProbes has probes say what a fault, or a version by itself, makes of them.
func TestLyingProbes(t *testing.T) {
	r := start(t, 0, nil, "1.5.0", "2.0.0", "2.1.0")
	is := func(what string, want int) {
		t.Helper()
		for _, path := range []string{"/readyz", "/healthz"} {
			if a := r.do("GET", path, ""); a.status != want {
				t.Errorf("%s: %s says %d, want %d", what, path, a.status, want)
			}
		}
		if s := r.state(); s.Ready != (want == 200) {
			t.Errorf("%s: %+v", what, s)
		}
	}
	is("the truth", 200)
	r.faults(wire.Fault{Version: "1.5.0", Probes: "fail"})
	is("a fault", 503)
	if a := r.pay("t", ""); a.status != 200 {
		t.Errorf("it serves all the same: %v", a)
	}
	r.faults(wire.Fault{Version: "1.6.0", Probes: "fail"})
	is("of another version", 200)
	r.must("PUT", "/admin/default", `{"version":"2.1.0"}`)
	is("by itself", 503)
	r.faults(wire.Fault{Version: "2.1.0", Probes: "ok"})
	is("a fault wins", 200)
	r.must("POST", "/admin/drain", "")
	if a := r.do("GET", "/readyz", ""); a.status != 503 {
		t.Errorf("draining: %v", a)
	}
}

// TestBrokenSaysReady has a version that does not run say that all is well.
func TestBrokenSaysReady(t *testing.T) {
	r := start(t, 0, nil, "2.0.0")
	r.faults(wire.Fault{Version: "2.0.0", Probes: "ok"})
	if a := r.do("GET", "/readyz", ""); a.status != 200 || !r.state().Ready {
		t.Errorf("%v", a)
	}
	if a := r.pay("t", ""); a.status != 503 {
		t.Errorf("%v", a)
	}
}
