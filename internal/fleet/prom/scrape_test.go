package prom

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestScraping measures instances without a Prometheus: from when it is first asked on.
func TestScraping(t *testing.T) {
	one, other := newExposer(t), newExposer(t)
	both(one, "", 100)
	both(other, "", 50)
	one.set(7, `other_metric{a="b"}`)
	m, err := NewScraping(settings(""), []Target{{"i1", one.server.URL + "/metrics"}, {"i2", other.server.URL + "/metrics"}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ask := func(after time.Duration) (engine.Answer, error) {
		return m.Measure(t.Context(), engine.Question{
			Version: "v2", From: start, To: start.Add(after), Candidate: engine.WantCounts | engine.WantSlower | engine.WantMeans, Baseline: engine.WantCounts,
			Bounds: []float64{500}, Instances: []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}},
		})
	}
	a, err := ask(time.Second)
	if err != nil || a.Candidate.Requests != 0 || a.Coverage != 1 {
		t.Fatalf("at first: %+v, %v", a, err)
	}
	both(one, "", 110)
	one.set(2, requests("v2", "", OutcomeError))
	one.set(3, named(MetricDuration+"_bucket", "v2", "", "le", "0.5"))
	one.set(4, named(MetricDuration+"_bucket", "v2", "", "le", "+Inf"), named(MetricDuration+"_count", "v2", ""))
	one.set(0.8, named(MetricDuration+"_sum", "v2", ""))
	other.clear()
	both(other, "", 5)
	if a, err := ask(10 * time.Second); err != nil || a.Candidate.Requests != 0 {
		t.Errorf("before the next scrape: %+v, %v", a.Candidate, err)
	}
	if a, err = ask(20 * time.Second); err != nil || a.Candidate.Requests != 17 || a.Candidate.Errors != 2 || a.Baseline.Requests != 15 {
		t.Errorf("after it: %+v, %+v, %v", a.Candidate, a.Baseline, err)
	}
	if c := a.Candidate; len(c.Slower) != 1 || c.Slower[0] != 1 || c.Latency.Count != 4 || c.Latency.Sum != 800 {
		t.Errorf("latencies: %+v", c)
	}
	if c := a.Candidate; !c.Newest.Equal(start.Add(20 * time.Second)) {
		t.Errorf("the newest sample is of %s", c.Newest)
	}
	other.turn(true)
	a, err = ask(80 * time.Second)
	if err != nil || a.Coverage != 0.5 || a.Candidate.Requests != 17 {
		t.Errorf("with one away: %+v, %v", a, err)
	}
	one.turn(true)
	var f *connect.Fault
	if a, err = ask(100 * time.Second); !errors.As(err, &f) || f.Status != 503 || a.Candidate.Requests != 0 {
		t.Errorf("with both away: %+v, %v", a, err)
	}
	one.turn(false)
	c, err := m.Capabilities(t.Context(), start.Add(120*time.Second))
	if err != nil || !c.Can(engine.CanTraffic) || !c.Can(engine.CanLatency) || c.Can(engine.CanCPU) || c.Resolution != usualScrape || len(c.LatencyBounds) != 1 || c.LatencyBounds[0] != 500 {
		t.Errorf("capabilities: %+v, %v", c, err)
	}
}

func TestScrapingRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		targets []Target
		query   string
		says    string
	}{
		{"nobody", nil, "", "names no instances"},
		{"http elsewhere", []Target{{"i1", "http://i1.example.com/metrics"}}, "", "is http, over which"},
		{"half a matcher", []Target{{"i1", "https://i1/metrics"}}, `a{b="c",d}`, `"d" is not a matcher`},
		{"a bad expression", []Target{{"i1", "https://i1/metrics"}}, `a{b=~"("}`, "missing closing )"},
	} {
		s := settings("")
		if tc.query != "" {
			s.Queries = map[string]string{queryRequests: tc.query}
		}
		if _, err := NewScraping(s, tc.targets); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: want %q, got %v", tc.name, tc.says, err)
		}
	}
}

func TestMatchers(t *testing.T) {
	labels := map[string]string{"a": "x", "b": "1.5\n"}
	for text, want := range map[string]bool{
		`a="x"`: true, `a!="x"`: false, `a=~"x|y"`: true, `a!~"x.*"`: false, `a=~"."`: true, `a=~"y"`: false, `b="1.5\n"`: true,
		`a = 'x' , c = ""`: true, "a=`x`,b!=``": true, `a=~"X"`: false, `c!=""`: false, `a="x",a="y"`: false, `a='\'',`: false,
	} {
		s, err := parseSelector("m{" + text + "}")
		if err != nil {
			t.Fatal(text, err)
		}
		by, err := s.parsed()
		if err != nil {
			t.Fatal(text, err)
		}
		got := true
		for i := range by {
			got = got && by[i].matches(labels)
		}
		if got != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}
