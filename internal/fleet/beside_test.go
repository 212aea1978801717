package fleet_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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
