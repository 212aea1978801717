package promql

import (
	"fmt"
	"math"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
)

// database is an empty one, and what answers from it.
func database(t testing.TB) (*tsdb.DB, *api) {
	t.Helper()
	const long = 48 * time.Hour
	db, err := tsdb.Open(t.TempDir(), nil, nil, &tsdb.Options{
		WALSegmentSize: -1, MinBlockDuration: long.Milliseconds(), MaxBlockDuration: long.Milliseconds(), RetentionDuration: 2 * long.Milliseconds(),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, &api{db: db, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: parser.NewParser(parser.Options{}),
	})}
}

// asking is a meter that asks a.
func asking(t testing.TB, a *api, edit ...func(*prom.Settings)) *prom.Meter {
	t.Helper()
	server := httptest.NewServer(a)
	s := prom.Settings{
		Settings:    connect.Settings{Path: "prometheus", Address: server.URL, HTTP: config.DefaultHTTPClientConfig},
		Environment: "Production", Plugin: plugin,
	}
	for _, e := range edit {
		e(&s)
	}
	m, err := prom.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		server.Close()
	})
	return m
}

var epoch = time.UnixMilli(1_700_000_000_000).UTC()

// of is a series of a version on an instance.
func of(metric, version, instance string, more ...string) labels.Labels {
	return labels.FromStrings(append([]string{
		"__name__", metric, prom.LabelEnvironment, "Production", prom.LabelPlugin, plugin, prom.LabelVersion, version,
		prom.LabelInstance, instance, "instance", instance + ":8080", "job", "fleet",
	}, more...)...)
}

// TestNativeHistograms counts a native histogram against any bound, from requests of known
// latencies: within what a bucket that the bound cuts leaves open.
func TestNativeHistograms(t *testing.T) {
	db, a := database(t)
	m := asking(t, a)
	app := db.Appender(t.Context())
	// Buckets of schema 0 end at powers of two, in seconds: 100 requests in (0.25, 0.5], 60 in
	// (0.5, 1], 40 in (1, 2] for each step.
	for i := range 41 {
		at, n := epoch.Add(time.Duration(15*i)*time.Second).UnixMilli(), int64(i)
		for _, version := range []string{"1.5.0", "1.6.0"} {
			h := &histogram.Histogram{
				Schema: 0, Count: uint64(200 * n), Sum: float64(150 * n), PositiveSpans: []histogram.Span{{Offset: -1, Length: 3}},
				PositiveBuckets: []int64{100 * n, -40 * n, -20 * n},
			}
			if n == 0 {
				h = &histogram.Histogram{Schema: 0}
			}
			for _, err := range []error{
				second(app.AppendHistogram(0, of(prom.MetricDuration, version, "i1"), at, h, nil)),
				second(app.Append(0, of(prom.MetricRequests, version, "i1", prom.LabelOutcome, prom.OutcomeSuccess), at, float64(200*n))),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	const want = engine.WantCounts | engine.WantSlower | engine.WantHistogram | engine.WantMeans
	for from, steps := range map[time.Duration]int64{time.Minute: 36, 5 * time.Minute: 20} {
		got, err := m.Measure(t.Context(), engine.Question{
			Version: "1.6.0", From: epoch.Add(from), To: epoch.Add(10 * time.Minute), Candidate: want, Baseline: want, Bounds: []float64{500, 700, 1000, 2000},
		})
		if err != nil {
			t.Fatal(err)
		}
		for arm, c := range map[string]engine.Measurement{"candidate": got.Candidate, "baseline": got.Baseline} {
			s := c.Slower
			if c.Requests != 200*steps || len(s) != 4 || s[0] != 100*steps || s[2] != 40*steps || s[3] != 0 {
				t.Fatalf("%s of %s: %d requests, slower %v", arm, from, c.Requests, s)
			}
			if s[1] < 40*steps || s[1] > 100*steps {
				t.Errorf("%s of %s: a bound within a bucket: %v", arm, from, s)
			}
			if c.Latency.Count != 200*steps || math.Abs(c.Latency.Sum-float64(150_000*steps)) > 1e-3 {
				t.Errorf("%s of %s: mean %+v", arm, from, c.Latency)
			}
			if h := c.Histogram; len(h.Bounds) == 0 || h.Slower[len(h.Slower)-1] != 0 || h.Slower[0] != 200*steps {
				t.Errorf("%s of %s: histogram %+v", arm, from, h)
			}
		}
	}
	caps, err := m.Capabilities(t.Context(), epoch.Add(10*time.Minute))
	if err != nil || !caps.Can(engine.CanLatency) || caps.LatencyBounds != nil || caps.Resolution != 15*time.Second {
		t.Errorf("capabilities: %+v, %v", caps, err)
	}
}

// second is the error of a call that has another result.
func second(_ storage.SeriesRef, err error) error { return err }

// TestManySeries has more series than are followed one by one: the counts of a steady
// traffic are near the truth, and said to be estimates.
func TestManySeries(t *testing.T) {
	db, a := database(t)
	app := db.Appender(t.Context())
	for i := range 41 {
		for k := range 200 {
			at := epoch.Add(time.Duration(15*i)*time.Second + time.Duration(k*70)*time.Millisecond).UnixMilli()
			for _, outcome := range []string{prom.OutcomeSuccess, prom.OutcomeError} {
				if _, err := app.Append(0, of(prom.MetricRequests, "1.6.0", fmt.Sprint("i", k), prom.LabelOutcome, outcome), at, float64(10*i)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	m := asking(t, a, func(s *prom.Settings) { s.FollowSeries = 399 })
	var before int64
	for minute := 5; minute <= 10; minute++ {
		got, err := m.Measure(t.Context(), engine.Question{
			Version: "1.6.0", From: epoch.Add(2 * time.Minute), To: epoch.Add(time.Duration(minute) * time.Minute), Candidate: engine.WantCounts,
			Instances: []engine.PlanInstance{{ID: "i0"}, {ID: "i199"}, {ID: "elsewhere"}, {ID: "nowhere"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c, truth := got.Candidate, float64(200*2*40*(minute-2))
		if !got.Extrapolated || math.Abs(float64(c.Requests)-truth) > 0.35*truth || c.Errors*2 != c.Requests || c.Requests < before || got.Coverage != 0.5 {
			t.Errorf("minute %d: %+v, coverage %v, where the truth is %v", minute, c, got.Coverage, truth)
		}
		before = c.Requests
	}
	exact := asking(t, a)
	got, err := exact.Measure(t.Context(), engine.Question{Version: "1.6.0", From: epoch.Add(2 * time.Minute), To: epoch.Add(10 * time.Minute), Candidate: engine.WantCounts})
	if err != nil || got.Extrapolated || math.Abs(float64(got.Candidate.Requests)-200*2*40*8) > 200*2*10 {
		t.Errorf("one by one: %+v, %v", got, err)
	}
}
