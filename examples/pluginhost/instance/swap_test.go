package instance

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// most is how many requests are out at once: a machine that is busy does not have to keep up
// with what is due, as this asks for losses and not for latencies.
const most = 400

// TestSwapsLoseNothing loads a version, has it served, and takes the old one away, from a
// process to a module and back, while requests come over HTTP. None may fail. The whole is
// HOST_SWAPS=1000,1000000 go test -run TestSwapsLoseNothing -v ./instance
func TestSwapsLoseNothing(t *testing.T) {
	swaps, requests, rate := 20, int64(20_000), 1000.0
	if text := os.Getenv("HOST_SWAPS"); text != "" {
		if n, err := fmt.Sscanf(text, "%d,%d", &swaps, &requests); n != 2 || swaps < 1 || requests < int64(swaps) {
			t.Fatalf("HOST_SWAPS=%q wants to be SWAPS,REQUESTS: %v", text, err)
		}
		rate = 4000
	}
	r := start(t, 1, nil, "1.5.0")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var sent atomic.Int64
	summary, done := load.NewSummary(), make(chan error, 1)
	go func() {
		done <- load.Run(ctx, load.Options{To: r.url + "/pay", Tenants: 150, Spread: 1, Rate: rate, Most: most, Timeout: limit, Seed: 1}, func(o load.Outcome) {
			if summary.Add(o); !o.NotSent() {
				sent.Add(1)
			}
		})
	}()
	begun, both := time.Now(), [2]string{"1.5.0", "1.6.0"}
	for n := range swaps {
		from, to := both[n%2], both[(n+1)%2]
		r.must(http.MethodPut, "/admin/plugins/"+to, "")
		r.until(to, func(p wire.Plugin) bool { return p.State == wire.Ready })
		r.must(http.MethodPut, "/admin/default", `{"version":"`+to+`"}`)
		r.must(http.MethodDelete, "/admin/plugins/"+from, "")
		until := requests * int64(n+1) / int64(swaps)
		deadline := time.Now().Add(limit + time.Duration(20*float64(requests)/float64(swaps)/rate*float64(time.Second)))
		for sent.Load() < until {
			if time.Sleep(time.Millisecond); time.Now().After(deadline) {
				t.Fatalf("%d requests of %d after %d swaps", sent.Load(), until, n+1)
			}
		}
		r.until(from, func(p wire.Plugin) bool { return p.Version == "" })
	}
	took := time.Since(begun)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	report := summary.Report()
	t.Logf("%d swaps and %d requests in %v: %d failed, %d not sent; p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms", swaps, report.Requests, took.Round(time.Millisecond), report.Failed, report.NotSent, report.P50, report.P99, report.P999)
	if report.Failed != 0 || len(report.Versions) != 2 || report.Requests < requests {
		t.Errorf("%+v", report)
	}
	var counts wire.Counts
	r.get("/admin/counts", &counts)
	var counted, wrong int64
	for _, c := range counts.Counts {
		counted, wrong = counted+c.Requests, wrong+c.Errors
	}
	if counted != report.Requests || wrong != 0 {
		t.Errorf("the instance counted %d requests and %d errors, the clients sent %d", counted, wrong, report.Requests)
	}
	for v, n := range report.Versions {
		if n < report.Requests/10 {
			t.Errorf("version %s served %d of %d", v, n, report.Requests)
		}
	}
}

// TestDropsWhenOver has a version that goes end the requests that it has, take no others,
// and stay where that is asked for meanwhile.
func TestDropsWhenOver(t *testing.T) {
	for _, version := range []string{"1.5.0", "1.6.0"} {
		t.Run(version, func(t *testing.T) {
			r := start(t, 0, nil, version)
			slow := wire.Fault{Version: version, LatencyMS: 6000}
			r.faults(slow)
			answers := r.inFlight(version, 3)
			r.must(http.MethodDelete, "/admin/plugins/"+version, "")
			r.must(http.MethodDelete, "/admin/plugins/"+version, "")
			if s := r.state(); s.Default != "" || s.Ready || s.Plugins[0].State != wire.Draining || s.Plugins[0].InFlight != 3 {
				t.Errorf("%+v", s)
			}
			if a := r.pay("t", version); a.status != 503 || a.Get(wire.Reason) != wire.ReasonNoVersion {
				t.Errorf("while it goes: %v", a)
			}
			r.must(http.MethodPut, "/admin/plugins/"+version, "") // after all
			if p := r.plugin(version); p.State != wire.Ready || p.Restarts != 0 || p.InFlight != 3 {
				t.Errorf("held again: %+v", p)
			}
			r.must(http.MethodDelete, "/admin/plugins/"+version, "")
			for range 3 {
				if a := <-answers; a.status != 200 || a.Get(wire.Version) != version {
					t.Errorf("%v", a)
				}
			}
			r.until(version, func(p wire.Plugin) bool { return p.Version == "" })
			r.must(http.MethodDelete, "/admin/plugins/"+version, "")
			if a := r.pay("t", ""); a.status != 503 || a.Get(wire.Reason) != wire.ReasonNoVersion || a.Get(wire.Version) != "" {
				t.Errorf("without any: %v", a)
			}
			var counts wire.Counts
			if r.get("/admin/counts", &counts); len(counts.Counts) != 1 || counts.Counts[0].Requests != 3 || counts.Counts[0].Errors != 0 {
				t.Errorf("%+v", counts)
			}
		})
	}
}
