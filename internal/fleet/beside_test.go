package fleet_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// TestAskedTooEarly: a Prometheus that has no sample of a fleet yet is asked again, and what it
// counts then is believed.
func TestAskedTooEarly(t *testing.T) {
	p := promtest.Start(t)
	set := prom.Settings{}
	set.Settings = connect.Settings{Path: "prometheus", Address: p.Address, HTTP: config.DefaultHTTPClientConfig}
	f, err := fleet.Open(fleet.Settings{API: connect.Settings{Path: "fleet", Address: "http://127.0.0.1:1", HTTP: config.DefaultHTTPClientConfig}, Prometheus: &set})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := f.World(engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	counted := func() bool {
		t.Helper()
		var s engine.Snapshot
		if err := w.Complete(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
		return s.Capabilities.Can(engine.CanTraffic)
	}
	if counted() || w.Silent() == "" {
		t.Fatal("it counts requests that nobody exposes")
	}
	instance := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(out, `# TYPE hotswap_plugin_requests_total counter
hotswap_plugin_requests_total{plugin="gateway",environment="Production",version="1.5.0",outcome="success",instance_id="i1",slot="blue"} 7
`)
	}))
	defer instance.Close()
	p.Target(strings.TrimPrefix(instance.URL, "http://"))
	for began := time.Now(); !counted(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("what is counted by now is not believed")
		}
	}
	if w.Silent() != "" {
		t.Error("it is silent, and counts")
	}
}

// TestDayBefore: where the fleet does not know what tenants did the day before, a Prometheus that
// counts them says it; of tenants that it never heard of nobody knows, which a plan has to say.
func TestDayBefore(t *testing.T) {
	var sent atomic.Int64
	instance := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		n := sent.Add(100)
		for _, name := range []string{"requests_total{", `tenant_requests_total{tenant="t1",`} {
			for outcome, count := range map[string]int64{"success": n, "error": n / 10} {
				_, _ = fmt.Fprintf(out, "hotswap_plugin_%splugin=\"gateway\",environment=\"Production\",version=\"1.5.0\",outcome=%q,instance_id=\"i1\",slot=\"blue\"} %d\n", name, outcome, count)
			}
		}
	}))
	defer instance.Close()
	p := promtest.Start(t)
	p.Target(strings.TrimPrefix(instance.URL, "http://"))
	set := prom.Settings{}
	set.Settings = connect.Settings{Path: "prometheus", Address: p.Address, HTTP: config.DefaultHTTPClientConfig}
	f, err := fleet.Open(fleet.Settings{API: connect.Settings{Path: "fleet", Address: "http://127.0.0.1:1", HTTP: config.DefaultHTTPClientConfig}, Prometheus: &set})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := f.World(engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	complete := func(tenant string, lacks ...engine.Capability) engine.Snapshot {
		t.Helper()
		var s engine.Snapshot
		s.Capabilities.Lacks, s.Tenants = lacks, []engine.Tenant{{ID: tenant}}
		if err := w.Complete(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		s := complete("t1", engine.CanHistory)
		if n := s.Tenants[0]; n.PriorRequests > 0 && n.PriorErrors > 0 && n.PriorErrors < n.PriorRequests && s.Capabilities.Can(engine.CanHistory) {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("the day before is not known: %+v", s)
		}
	}
	if s := complete("stranger", engine.CanHistory); s.Capabilities.Can(engine.CanHistory) || s.Tenants[0].PriorRequests != 0 {
		t.Errorf("of a stranger: %+v", s)
	}
	if s := complete("t1"); !s.Capabilities.Can(engine.CanHistory) || s.Tenants[0].PriorRequests != 0 {
		t.Errorf("what the fleet knows by itself is asked of the Prometheus: %+v", s.Tenants)
	}
}
