package simulated

import (
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// scraped are the metrics of a scrape, by family.
type scraped map[string]*dto.MetricFamily

func scrape(t *testing.T, r *prometheus.Registry) scraped {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	s := scraped{}
	for _, f := range families {
		s[strings.TrimPrefix(f.GetName(), "hotswap_plugin_")] = f
	}
	return s
}

// with are the metrics of a family that have labels, as NAME=VALUE.
func (s scraped) with(family string, labels ...string) (found []*dto.Metric) {
	for _, m := range s[family].GetMetric() {
		has := map[string]bool{}
		for _, l := range m.GetLabel() {
			has[l.GetName()+"="+l.GetValue()] = true
		}
		fits := true
		for _, l := range labels {
			fits = fits && has[l]
		}
		if fits {
			found = append(found, m)
		}
	}
	return found
}

// sum adds up counters, or the counts of histograms and summaries.
func sum(metrics []*dto.Metric) (n int64) {
	for _, m := range metrics {
		n += int64(m.GetCounter().GetValue()) + int64(m.GetHistogram().GetSampleCount()) + int64(m.GetSummary().GetSampleCount())
	}
	return n
}

func registry(p *Place) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(&collector{place: p, counters: newCounters(p)})
	return r
}

// TestCounters has the instances' counters, added up, be what the fleet's meter counts.
func TestCounters(t *testing.T) {
	m := &machine{origin}
	_, p := m.open(t, t.TempDir(), gateway(60))
	r := registry(p)
	plan := planFor(t, p)
	first := scrape(t, r)
	if n := len(first.with("requests_total")); n != 30 || sum(first.with("requests_total")) != 0 {
		t.Errorf("%d counters, at %d: every outcome of each instance begins with 0", n, sum(first.with("requests_total")))
	}
	m.at = m.at.Add(time.Nanosecond)
	if n := len(scrape(t, r).with("tenant_requests_total")); n != 450 {
		t.Errorf("%d counters of tenants: every outcome of each begins with 0", n)
	}
	m.at = m.at.Add(3 * time.Second)
	if err := p.asked().Make(t.Context(), engine.Order{Rollout: "r1", Change: engine.Change{Kind: engine.Install, Version: "1.6.0"}, Instances: plan.Instances}); err != nil {
		t.Fatal(err)
	}
	m.at = m.at.Add(time.Second)
	scrape(t, r)
	if err := p.asked().Make(t.Context(), engine.Order{Rollout: "r1", Seq: 1, Change: engine.Change{Kind: engine.Pin, Version: "1.6.0"}, Tenants: plan.Tenants[:50]}); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		m.at = m.at.Add(800 * time.Millisecond)
		scrape(t, r)
	}
	s := scrape(t, r)
	a, err := p.asked().Measure(t.Context(), engine.Question{Version: "1.6.0", From: origin, To: m.at, Candidate: 1<<7 - 1, Baseline: 1<<7 - 1, Bounds: []float64{500}})
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]*engine.Measurement{"1.5.0": &a.Baseline, "1.6.0": &a.Candidate} {
		of := "version=" + version
		for what, n := range map[string][2]int64{
			"requests":      {sum(s.with("requests_total", of)), want.Requests},
			"errors":        {sum(s.with("requests_total", of, "outcome=error")), want.Errors},
			"timeouts":      {sum(s.with("requests_total", of, "outcome=timeout")), want.Timeouts},
			"latencies":     {sum(s.with("request_duration_seconds", of)), want.Latency.Count},
			"executions":    {sum(s.with("execution_duration_seconds", of)), want.Execution.Count},
			"conversions":   {sum(s.with("conversions_total", of)), want.Conversions},
			"scores":        {sum(s.with("satisfaction_score", of)), want.Satisfaction.Count},
			"of tenants":    {sum(s.with("tenant_requests_total", of)), want.Requests},
			"their errors":  {sum(s.with("tenant_requests_total", of, "outcome=error")), want.Errors},
			"their scores":  {sum(s.with("tenant_satisfaction_score", of)), want.Satisfaction.Count},
			"over 500 ms":   {over(s.with("request_duration_seconds", of), 0.5), want.Slower[0]},
			"how many more": {int64(len(s.with("requests_total", of))), 30},
		} {
			if n[0] != n[1] || want.Requests == 0 {
				t.Errorf("%s of %s: %d, want %d", what, version, n[0], n[1])
			}
		}
		seconds := 0.0
		for _, h := range s.with("request_duration_seconds", of) {
			seconds += h.GetHistogram().GetSampleSum()
		}
		if math.Abs(seconds-want.Latency.Sum/1e3) > 1e-6*seconds {
			t.Errorf("latencies of %s: %g s, want %g", version, seconds, want.Latency.Sum/1e3)
		}
	}
	if cpu := s.with("cpu_usage_ratio", "version=1.6.0")[0].GetGauge().GetValue(); cpu < 0.3 || cpu > 0.4 {
		t.Errorf("cpu %g", cpu)
	}
}

// over is how many requests took longer than a bound in s.
func over(histograms []*dto.Metric, bound float64) (n int64) {
	for _, m := range histograms {
		for _, b := range m.GetHistogram().GetBucket() {
			if b.GetUpperBound() == bound {
				n += int64(m.GetHistogram().GetSampleCount() - b.GetCumulativeCount())
			}
		}
	}
	return n
}

// TestNative has the native buckets hold what the classic ones do.
func TestNative(t *testing.T) {
	m := &machine{origin}
	_, p := m.open(t, t.TempDir(), gateway(60))
	r := registry(p)
	m.at = m.at.Add(time.Minute)
	for _, metric := range scrape(t, r).with("request_duration_seconds") {
		h := metric.GetHistogram()
		if h.GetSchema() != schema || len(h.GetPositiveSpan()) != 1 || h.GetSampleCount() < 1000 {
			t.Fatalf("%v", h)
		}
		n, all, upToSecond := int64(0), int64(h.GetZeroCount()), int64(h.GetZeroCount())
		for i, delta := range h.GetPositiveDelta() {
			if n += delta; n < 0 {
				t.Fatalf("bucket %d has %d", i, n)
			}
			all += n
			if int(h.GetPositiveSpan()[0].GetOffset())+i <= 0 { // up to 2^0 s
				upToSecond += n
			}
		}
		if all != int64(h.GetSampleCount()) || h.GetCreatedTimestamp() == nil {
			t.Errorf("the buckets have %d of %d", all, h.GetSampleCount())
		}
		if within := int64(h.GetSampleCount()) - over([]*dto.Metric{metric}, 1); upToSecond != within {
			t.Errorf("up to a second are %d, and %d by the classic buckets", upToSecond, within)
		}
	}
}

// TestBounds has a fleet that counts against bounds of its own, and not all of whose
// instances report.
func TestBounds(t *testing.T) {
	spec, m := gateway(60), &machine{origin}
	spec.Config.Metrics.Bounds, spec.Config.Metrics.Coverage, spec.Config.Metrics.ByTenant = []float64{100, 500}, 0.5, false
	spec.Config.Can = map[engine.Capability]bool{engine.CanTimeouts: false, engine.CanCPU: false}
	_, p := m.open(t, t.TempDir(), spec)
	r := registry(p)
	m.at = m.at.Add(time.Minute)
	s := scrape(t, r)
	if n := len(s.with("requests_total")); n != 10 {
		t.Errorf("%d counters, want two outcomes of five instances", n)
	}
	h := s.with("request_duration_seconds")[0].GetHistogram()
	if len(h.GetBucket()) != 2 || h.Schema != nil || h.GetSampleCount() == 0 {
		t.Errorf("%v", h)
	}
	for _, family := range []string{"cpu_usage_ratio", "tenant_requests_total"} {
		if s[family] != nil {
			t.Errorf("%s is told", family)
		}
	}
}

// TestAnew has an instance that died tell nothing, and one that was started again begin
// anew.
func TestAnew(t *testing.T) {
	spec, m := gateway(60), &machine{origin}
	spec.Config.Faults = []simulator.Fault{{Kind: simulator.InstanceCrash, Absolute: true, FromSeconds: 60, ToSeconds: 120, Instances: []string{"instance-03"}}}
	_, p := m.open(t, t.TempDir(), spec)
	r := registry(p)
	const id = "instance_id=instance-03"
	m.at = origin.Add(900 * time.Millisecond)
	before := scrape(t, r)
	m.at = origin.Add(1500 * time.Millisecond)
	if s := scrape(t, r); len(s.with("requests_total", id)) != 0 || len(s.with("requests_total")) != 27 {
		t.Errorf("it is dead, and tells %v", s.with("requests_total", id))
	}
	m.at = origin.Add(2100 * time.Millisecond)
	again := scrape(t, r)
	m.at = origin.Add(3 * time.Second)
	later := scrape(t, r)
	counts := []int64{sum(before.with("requests_total", id)), sum(again.with("requests_total", id)), sum(later.with("requests_total", id))}
	if counts[0] == 0 || counts[1] >= counts[0] || counts[2] <= counts[1] {
		t.Errorf("before, again, later: %v", counts)
	}
	started := func(s scraped) float64 { return s.with("start_time_seconds", id)[0].GetGauge().GetValue() }
	if started(again) <= started(before) || started(later) != started(again) {
		t.Errorf("it started at %f, and again at %f, %f", started(before), started(again), started(later))
	}
	if other := "instance_id=instance-04"; sum(later.with("requests_total", other)) <= sum(before.with("requests_total", other)) {
		t.Error("another one began anew as well")
	}
}

// TestMetricsHandler is asked in OpenMetrics, and while the fleet's metrics are away.
func TestMetricsHandler(t *testing.T) {
	spec, m := gateway(60), &machine{origin}
	spec.Config.Faults = []simulator.Fault{{Kind: simulator.MeasureFails, Absolute: true, FromSeconds: 60}}
	_, p := m.open(t, t.TempDir(), spec)
	h := Metrics(slog.New(slog.DiscardHandler), p)
	ask := func() (int, string) {
		rec, req := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil)
		req.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
		h.ServeHTTP(rec, req)
		body, _ := io.ReadAll(rec.Body)
		return rec.Code, string(body)
	}
	m.at = m.at.Add(500 * time.Millisecond)
	code, text := ask()
	for _, want := range []string{"hotswap_plugin_requests_created", "hotswap_plugin_tenant_requests_total{", "# EOF"} {
		if code != 200 || !strings.Contains(text, want) {
			t.Errorf("%d: there is no %s", code, want)
		}
	}
	m.at = m.at.Add(time.Second)
	if code, text := ask(); code != 500 || !strings.Contains(text, simulator.ErrNoMetrics.Error()) {
		t.Errorf("%d %.300s", code, text)
	}
}

// TestCountersOfFleetThatCountsNot has the instances of a fleet that does not count its
// traffic count it: that is whom a Prometheus asks.
func TestCountersOfFleetThatCountsNot(t *testing.T) {
	m, spec := &machine{origin}, gateway(60)
	spec.Config.Can = map[engine.Capability]bool{engine.CanTraffic: false}
	_, p := m.open(t, t.TempDir(), spec)
	r := registry(p)
	first := sum(scrape(t, r).with("requests_total"))
	m.at = m.at.Add(time.Second)
	if n := sum(scrape(t, r).with("requests_total")) - first; n < 1_000 {
		t.Errorf("in a minute of 150 requests a second they counted %d", n)
	}
}
