package instance

import (
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// scrape is what /metrics tells.
func (r *running) scrape() map[string]*dto.MetricFamily {
	r.t.Helper()
	a := r.do("GET", "/metrics", "")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(a.text))
	if err != nil || a.status != 200 {
		r.t.Fatalf("%d, %v", a.status, err)
	}
	return all
}

func labels(m *dto.Metric) map[string]string {
	all := map[string]string{}
	for _, l := range m.Label {
		all[l.GetName()] = l.GetValue()
	}
	return all
}

// TestMetrics tells what rollouts ask for, under the names and labels that they ask by.
func TestMetrics(t *testing.T) {
	r := start(t, 0, nil, "1.5.0", "1.6.0")
	eventually(t, "a use of memory", func() bool { return r.state().Memory > 0 })
	for range 3 {
		r.pay("tenant-001", "")
	}
	r.faults(wire.Fault{Version: "1.5.0", ErrorRate: 1})
	r.pay("tenant-001", "")
	all := r.scrape()
	version := "environment instance_id plugin slot version"
	tenant := "environment plugin tenant version"
	for name, want := range map[string]struct {
		labels string
		series int
	}{
		"requests_total": {"environment instance_id outcome plugin slot version", 6}, "request_duration_seconds": {version, 2},
		"execution_duration_seconds": {version, 2}, "conversions_total": {version, 2}, "cpu_usage_ratio": {version, 2},
		"memory_usage_ratio": {version, 2}, "start_time_seconds": {version, 2},
		"tenant_requests_total": {"environment outcome plugin tenant version", 3}, "tenant_request_duration_seconds": {tenant, 1}, "tenant_conversions_total": {tenant, 1},
	} {
		family := all["hotswap_plugin_"+name]
		if len(family.GetMetric()) != want.series {
			t.Errorf("%s has %d series, want %d", name, len(family.GetMetric()), want.series)
			continue
		}
		for _, m := range family.Metric {
			var names []string
			for _, l := range m.Label {
				names = append(names, l.GetName())
			}
			if got := strings.Join(names, " "); got != want.labels {
				t.Errorf("%s has labels %s, want %s", name, got, want.labels)
			}
		}
		delete(all, "hotswap_plugin_"+name)
	}
	if len(all) > 0 {
		t.Errorf("more is told: %v", all)
	}
	all = r.scrape()
	for _, m := range all["hotswap_plugin_requests_total"].Metric {
		l := labels(m)
		want := map[string]float64{"1.5.0 success": 3, "1.5.0 error": 1}[l["version"]+" "+l["outcome"]]
		if m.GetCounter().GetValue() != want || l["instance_id"] != "instance-01" || l["slot"] != "blue" || l["environment"] != "Staging" || l["plugin"] != "payment" {
			t.Errorf("%v: %v, want %v", l, m.GetCounter().GetValue(), want)
		}
	}
	for _, m := range all["hotswap_plugin_request_duration_seconds"].Metric {
		h, bounds := m.GetHistogram(), wire.Bounds()
		if len(h.Bucket) != len(bounds)+1 { // and +Inf
			t.Fatalf("%v", h)
		}
		for i, b := range bounds {
			if h.Bucket[i].GetUpperBound() != b/1e3 {
				t.Errorf("bucket %v, want %v", h.Bucket[i].GetUpperBound(), b/1e3)
			}
		}
	}
}

// TestKnown lets nobody in without the token.
func TestKnown(t *testing.T) {
	r := start(t, 0, nil, "1.5.0")
	for _, path := range []string{"GET /admin/state", "GET /admin/counts", "PUT /admin/plugins/1.6.0", "DELETE /admin/plugins/1.5.0", "PUT /admin/default", "PUT /admin/faults", "POST /admin/drain", "GET /admin/nothing"} {
		method, path, _ := strings.Cut(path, " ")
		for _, header := range []string{"", "Bearer", "Bearer other", "Basic " + token, token} {
			if a := r.do(method, path, `{"version":""}`, "Authorization", header); a.status != http.StatusUnauthorized || strings.Contains(a.text, token) {
				t.Errorf("%s %s with %q: %v", method, path, header, a)
			}
		}
	}
	if s := r.state(); s.Default != "1.5.0" || len(s.Plugins) != 1 || s.Draining {
		t.Errorf("and yet: %+v", s)
	}
}

// TestBadInput says all that is wrong, and changes nothing.
func TestBadInput(t *testing.T) {
	r := start(t, 0, nil, "1.5.0")
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PUT", "/admin/plugins/9.9.9", "", 404, "there is no version 9.9.9 of payment, only 1.5.0, 1.6.0, 2.0.0, 2.1.0: "},
		{"PUT", "/admin/plugins/..%2f..", "", 404, "letters"},
		{"PUT", "/admin/default", `{"version":"1.6.0"}`, 409, "version 1.6.0: it is not held"},
		{"PUT", "/admin/default", `{"versions":"1.6.0"}`, 400, "unknown field"},
		{"PUT", "/admin/default", ``, 400, "EOF"},
		{
			"PUT", "/admin/faults", `{"faults":[{"version":"","errorRate":2},{"version":"1.5.0","tenant":"t","probes":"ok","latencyMs":-1},{"version":"1.5.0","tenant":"t","panicRate":-0.1,"leakBytes":-1,"probes":"x"}]}`, 400,
			"faults[0].version: it is missing|faults[0].errorRate: 2|faults[1].latencyMs: -1|faults[1].probes: they are no tenant's|faults[2].tenant: there are two|faults[2].panicRate|faults[2].leakBytes|faults[2].probes",
		},
		{"POST", "/admin/drain?within=soon", "", 400, `within="soon"`},
		{"GET", "/admin/nothing", "", 404, ""},
		{"POST", "/admin/state", "", 405, ""},
	} {
		status, text := r.admin(c.method, c.path, c.body)
		for s := range strings.SplitSeq(c.says, "|") {
			if status != c.status || !strings.Contains(text, s) {
				t.Errorf("%s %s: %d %s does not say %d %q", c.method, c.path, status, text, c.status, s)
			}
		}
	}
	for _, a := range []answered{
		r.do("POST", "/pay", ""), r.do("POST", "/pay", "", wire.Tenant, strings.Repeat("x", 129)),
		r.do("POST", "/pay", "{", wire.Tenant, "t"), r.do("POST", "/pay", strings.Repeat("x", mostBody+1), wire.Tenant, "t"),
	} {
		if a.status != 400 {
			t.Errorf("%v", a)
		}
	}
	if a := r.pay("t", "7.7.7"); a.status != 503 || a.Get(wire.Reason) != wire.ReasonNoVersion || a.Get(wire.Version) != "" {
		t.Errorf("%v", a)
	}
	var counts wire.Counts
	if r.get("/admin/counts", &counts); len(counts.Counts) != 0 {
		t.Errorf("counted: %+v", counts)
	}
}

// TestDrain ends what there is, and takes nothing else.
func TestDrain(t *testing.T) {
	r := start(t, 0, nil, "1.6.0")
	r.faults(wire.Fault{Version: "1.6.0", LatencyMS: 6000})
	answers := r.inFlight("1.6.0", 3)
	if status, text := r.admin("POST", "/admin/drain?within=1ms", ""); status != 200 || text != "{\"inFlight\":3}\n" {
		t.Errorf("%d %s", status, text)
	}
	if a := r.pay("t", ""); a.status != 503 || a.Get(wire.Reason) != wire.ReasonDraining {
		t.Errorf("%v", a)
	}
	if s := r.state(); !s.Draining || s.Ready {
		t.Errorf("%+v", s)
	}
	if status, text := r.admin("POST", "/admin/drain?within=1m", ""); status != 200 || text != "{\"inFlight\":0}\n" {
		t.Errorf("%d %s", status, text)
	}
	for range 3 {
		if a := <-answers; a.status != 200 {
			t.Errorf("%v", a)
		}
	}
}

// TestOptions has all that is wrong at once, and starts nothing.
func TestOptions(t *testing.T) {
	_, err := New(Options{Slot: "!", Environment: "Prod", Plugin: "payment", Catalogue: t.TempDir(), Listen: "0.0.0.0:1", Default: "1.0.0", Hold: []string{"1.5.0", "1.6.0"}, Grace: -1})
	for _, s := range []string{
		"--id", "--slot", "--environment", "token", "--listen 0.0.0.0:1: it wants to be an address of loopback", "--timeout", "--grace", "--cpu-limit", "--memory-limit",
		"--default 1.0.0", "there is no version 1.5.0 of payment: ", "there is no version 1.6.0 of payment: ",
	} {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("%v does not say %s", err, s)
		}
	}
}

// BenchmarkPay is a request over HTTP by a plugin that takes no time.
func BenchmarkPay(b *testing.B) {
	for _, v := range []string{"1.5.0", "1.6.0"} {
		b.Run(v, func(b *testing.B) {
			r := start(b, 0, nil, v)
			for b.Loop() {
				if a := r.pay("tenant-001", ""); a.status != 200 {
					b.Fatal(a)
				}
			}
		})
	}
}
