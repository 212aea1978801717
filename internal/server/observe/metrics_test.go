package observe

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

var rewrite = flag.Bool("rewrite", false, "write the table of metrics anew")

// noon is when all tests begin.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// counting is metrics with a clock that a test sets.
type counting struct {
	*Metrics

	time time.Time
}

func count(t *testing.T) *counting {
	t.Helper()
	c := &counting{time: noon}
	c.Metrics = New(Options{Now: func() time.Time { return c.time }, Version: "1.2.3", Revision: "abc"})
	return c
}

// gather is what a scrape would get, by name.
func (c *counting) gather(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	all, err := c.catalogue.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*dto.MetricFamily{}
	for _, f := range all {
		by[f.GetName()] = f
	}
	return by
}

// value is that of a metric with labels, as in `name{a="b"}`; NaN-free, -1: there is none. Of a
// histogram it is how often it was observed.
func (c *counting) value(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	f := c.gather(t)[name]
	for _, m := range f.GetMetric() {
		var has []string
		for _, l := range m.GetLabel() {
			has = append(has, l.GetName()+"="+l.GetValue())
		}
		if !slices.Equal(has, labels) {
			continue
		}
		switch {
		case m.Counter != nil:
			return m.GetCounter().GetValue()
		case m.Histogram != nil:
			return float64(m.GetHistogram().GetSampleCount())
		}
		return m.GetGauge().GetValue()
	}
	return -1
}

// is fails where a value is another one.
func (c *counting) is(t *testing.T, want float64, name string, labels ...string) {
	t.Helper()
	if got := c.value(t, name, labels...); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("%s%v: want %g, got %g", name, labels, want, got)
	}
}

var canary = engine.Plan{Rollout: "r1", Spec: engine.Spec{PluginID: "stripe", Environment: engine.Production, Strategy: engine.Canary}}

// head is that of the rollout of canary.
func head(phase engine.Phase, stage string, events int64) engine.RolloutHead {
	h := engine.RolloutHead{Rollout: "r1", Environment: engine.Production, Plugin: "stripe", Phase: phase, Stage: stage, Events: events, Began: noon, Wake: noon.Add(time.Minute)}
	switch phase {
	case engine.PhaseSucceeded, engine.PhaseRolledBack, engine.PhaseRetained, engine.PhaseStuck:
		h.Outcome, h.Wake = engine.Outcome(phase), time.Time{}
	case engine.PhaseHeld:
		h.Wake = time.Time{}
	}
	return h
}

// tell tells c of a rollout from its start to its end.
func (c *counting) tell(end engine.Phase) {
	at := func(m int) time.Time { c.time = noon.Add(time.Duration(m) * time.Minute); return c.time }
	c.Started(head(engine.PhaseProgressing, "10 %", 0))
	c.Event(head(engine.PhaseProgressing, "10 %", 1), &canary, engine.Event{Kind: engine.Began, At: at(0)})
	c.Event(head(engine.PhaseHeld, "10 %", 2), &canary, engine.Event{Kind: engine.Judged, At: at(10), Verdict: &engine.Verdict{Result: engine.Pass}})
	c.Event(head(engine.PhaseProgressing, "100 %", 3), &canary, engine.Event{Kind: engine.Promoted, At: at(30)})
	c.Event(head(engine.PhaseProgressing, "100 %", 4), &canary, engine.Event{Kind: engine.Began, At: at(31)})
	if end == engine.PhaseRolledBack {
		c.Event(head(engine.PhaseRollingBack, "100 %", 5), &canary, engine.Event{Kind: engine.Judged, At: at(35), Verdict: &engine.Verdict{Result: engine.Fail, Guard: true}})
	}
	c.Event(head(end, "100 %", 6), &canary, engine.Event{Kind: engine.Finished, At: at(40)})
}

func TestARolloutIsCounted(t *testing.T) {
	c := count(t)
	c.tell(engine.PhaseSucceeded)
	c.tell(engine.PhaseRolledBack)
	c.is(t, 1, "hotswap_rollouts_ended_total", "environment=Production", "outcome=succeeded", "strategy=Canary")
	c.is(t, 1, "hotswap_rollouts_ended_total", "environment=Production", "outcome=rolled_back", "strategy=Canary")
	c.is(t, 1, "hotswap_rollout_duration_seconds", "outcome=succeeded", "strategy=Canary")
	c.is(t, 2, "hotswap_verdicts_total", "environment=Production", "guard=false", "result=pass")
	c.is(t, 1, "hotswap_verdicts_total", "environment=Production", "guard=true", "result=fail")
	c.is(t, 3, "hotswap_stage_duration_seconds", "strategy=Canary") // two of the first, one of the second
	c.is(t, -1, "hotswap_rollouts", "environment=Production", "phase=succeeded")
	c.is(t, 1, "hotswap_build_info", "go_version="+c.gather(t)["hotswap_build_info"].GetMetric()[0].GetLabel()[0].GetValue(), "revision=abc", "version=1.2.3")
}

func TestWhatWaitsIsShown(t *testing.T) {
	c := count(t)
	c.Started(head(engine.PhaseProgressing, "10 %", 0))
	c.Event(head(engine.PhaseHeld, "10 %", 1), &canary, engine.Event{Kind: engine.Judged, At: noon})
	c.time = noon.Add(time.Hour)
	c.is(t, 1, "hotswap_rollouts", "environment=Production", "phase=held")
	c.is(t, 3600, "hotswap_held_seconds", "environment=Production")
	c.is(t, 0, "hotswap_rollout_unwatched", "environment=Production") // a person is waited for
	c.Event(head(engine.PhaseProgressing, "10 %", 2), &canary, engine.Event{Kind: engine.Resumed, At: c.time})
	c.is(t, 0, "hotswap_held_seconds", "environment=Production")
	c.Woke("r1", 3*time.Second, c.time.Add(30*time.Second))
	c.is(t, 1, "hotswap_walk_lag_seconds")
	c.time = c.time.Add(80 * time.Second)
	c.is(t, 0, "hotswap_rollout_unwatched", "environment=Production")
	c.time = c.time.Add(20 * time.Second)
	c.is(t, 1, "hotswap_rollout_unwatched", "environment=Production")
	c.is(t, 70, "hotswap_rollout_unwatched_seconds", "environment=Production")
	c.Event(head(engine.PhaseStuck, "10 %", 3), &canary, engine.Event{Kind: engine.Finished, At: c.time})
	c.is(t, 1, "hotswap_rollouts", "environment=Production", "phase=stuck")
	c.is(t, 0, "hotswap_rollout_unwatched", "environment=Production")
}

// TestSurvey: what the store has is what is shown, whoever walks it.
func TestSurvey(t *testing.T) {
	c := count(t)
	c.Started(head(engine.PhaseProgressing, "10 %", 5))
	other := head(engine.PhaseHeld, "10 %", 2)
	other.Rollout, other.Environment, other.Plugin = "r2", engine.Staging, "paypal"
	c.time = noon.Add(time.Hour)
	c.Survey([]store.Rollout{{RolloutHead: head(engine.PhaseProgressing, "10 %", 5), Until: c.time.Add(time.Minute)}, {RolloutHead: other, Changed: noon.Add(30 * time.Minute)}})
	c.is(t, 1, "hotswap_rollouts", "environment=Production", "phase=progressing")
	c.is(t, 0, "hotswap_rollout_unwatched", "environment=Production")
	c.is(t, 1800, "hotswap_held_seconds", "environment=Staging")
	c.Observed(engine.Production, "stripe", &engine.Answer{Candidate: engine.Measurement{Requests: 10}})
	c.is(t, 1, "hotswap_candidate_success_ratio", "environment=Production", "plugin=stripe")
	c.Survey(nil)
	c.is(t, -1, "hotswap_rollouts", "environment=Production", "phase=progressing")
	c.is(t, -1, "hotswap_candidate_success_ratio", "environment=Production", "plugin=stripe")
}

func TestFigures(t *testing.T) {
	c := count(t)
	c.Started(head(engine.PhaseProgressing, "10 %", 0))
	var asked []engine.Question
	meter := c.Figures(engine.Production, "stripe", Meter(meterFunc(func(q engine.Question) (engine.Answer, error) {
		asked = append(asked, q)
		if q.Version == "away" {
			return engine.Answer{}, errors.New("away")
		}
		h := engine.Histogram{Bounds: []float64{100, 200, 400}, Slower: []int64{100, 10, 0}}
		return engine.Answer{Candidate: engine.Measurement{Requests: 1000, Errors: 20, Timeouts: 30, Histogram: h}, Baseline: engine.Measurement{Requests: 1000, Histogram: engine.Histogram{Bounds: []float64{100}, Slower: []int64{10}}}}, nil
	}), c.Metrics))
	q := engine.Question{Rollout: "r1", Version: "1.6.0", From: noon, To: noon.Add(time.Hour), Candidate: engine.WantCounts}
	for range 3 {
		if a, err := meter.Measure(t.Context(), q); err != nil || a.Candidate.Requests != 1000 {
			t.Fatal(err)
		}
		q.To = q.To.Add(10 * time.Second)
	}
	if len(asked) != 4 || asked[1].From != noon.Add(55*time.Minute) || asked[1].Baseline&engine.WantHistogram == 0 || asked[0].Baseline != 0 {
		t.Errorf("%d questions: %+v", len(asked), asked)
	}
	c.is(t, 0.02, "hotswap_candidate_error_ratio", "environment=Production", "plugin=stripe")
	c.is(t, 0.95, "hotswap_candidate_success_ratio", "environment=Production", "plugin=stripe")
	c.is(t, 0.2, "hotswap_candidate_p99_seconds", "environment=Production", "plugin=stripe")
	c.is(t, 0.1, "hotswap_baseline_p99_seconds", "environment=Production", "plugin=stripe")
	c.is(t, 4, "hotswap_fleet_request_duration_seconds", "call=measure", "result=ok")
	q.Version = "away"
	if _, err := meter.Measure(t.Context(), q); err == nil {
		t.Error("an error is lost")
	}
	c.Event(head(engine.PhaseRolledBack, "10 %", 9), &canary, engine.Event{Kind: engine.Finished, At: noon})
	for _, name := range []string{"hotswap_candidate_error_ratio", "hotswap_candidate_success_ratio", "hotswap_candidate_p99_seconds", "hotswap_baseline_p99_seconds"} {
		c.is(t, -1, name, "environment=Production", "plugin=stripe")
	}
}

func TestPercentile(t *testing.T) {
	h := func(bounds []float64, slower []int64) *engine.Measurement {
		return &engine.Measurement{Requests: 100, Histogram: engine.Histogram{Bounds: bounds, Slower: slower}}
	}
	for _, tc := range []struct {
		m    *engine.Measurement
		want float64
		ok   bool
	}{
		{h([]float64{1000, 2000}, []int64{2, 0}), 1.5, true},
		{h([]float64{1000}, []int64{50}), 1, true}, // beyond the last bound
		{h([]float64{1000, 2000}, []int64{1, 0}), 1, true},
		{h(nil, nil), 0, false},
		{h([]float64{1}, nil), 0, false},
		{&engine.Measurement{}, 0, false},
	} {
		if got, ok := percentile(tc.m, 0.99); ok != tc.ok || got < tc.want-1e-9 || got > tc.want+1e-9 {
			t.Errorf("%+v: want %g, got %g", tc.m.Histogram, tc.want, got)
		}
	}
}

// full is metrics of which each has happened.
func full(t *testing.T) *counting {
	t.Helper()
	c := count(t)
	c.tell(engine.PhaseSucceeded)
	c.tell(engine.PhaseRolledBack)
	c.Started(head(engine.PhaseProgressing, "10 %", 0))
	c.Woke("r1", time.Second, c.time)
	c.Failed(ByFleet)
	for _, of := range []port{ofStore, ofFleet} {
		_, end := c.call(t.Context(), of, "x")
		end(nil)
	}
	c.Attempted("pager", time.Second, true)
	c.GaveUp("pager")
	c.Backlog(map[string]store.Backlog{"pager": {Waiting: 1, Oldest: noon, GivenUp: 2}})
	h := engine.Histogram{Bounds: []float64{100}, Slower: []int64{1}}
	c.Observed(engine.Production, "stripe", &engine.Answer{Candidate: engine.Measurement{Requests: 10, Histogram: h}, Baseline: engine.Measurement{Requests: 10, Histogram: h}})
	c.Request("x", http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	return c
}

// TestCatalogue: what is said of the metrics beforehand is what a scrape gets, and the table
// for people is made of it: go test ./internal/server/observe -run TestCatalogue -rewrite.
func TestCatalogue(t *testing.T) {
	c := full(t)
	got := c.gather(t)
	var table strings.Builder
	table.WriteString("| Name | Type | Labels | Meaning |\n|---|---|---|---|\n")
	for _, d := range c.Catalogue() {
		f := got[d.Name]
		if f == nil || len(f.GetMetric()) == 0 {
			t.Errorf("%s never happens", d.Name)
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		want := slices.Sorted(slices.Values(d.Labels))
		if kind := strings.ToLower(f.GetType().String()); kind != d.Type || f.GetHelp() != d.Help || d.Help == "" || !slices.Equal(labels, want) {
			t.Errorf("%s: want %+v, got a %s with %v: %s", d.Name, d, kind, labels, f.GetHelp())
		}
		delete(got, d.Name)
		quoted := make([]string, len(d.Labels))
		for i, l := range d.Labels {
			quoted[i] = "`" + l + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, strings.Join(quoted, ", "), d.Help)
	}
	for name := range got {
		if strings.HasPrefix(name, "hotswap_") {
			t.Errorf("%s is not in the catalogue", name)
		}
	}
	if got["go_goroutines"] == nil || got["process_start_time_seconds"] == nil {
		t.Error("Go and the process are not measured")
	}
	path := filepath.Join("testdata", "metrics.md")
	if *rewrite {
		if err := os.WriteFile(path, []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != table.String() {
		t.Errorf("%s is not up to date, %v; it should be:\n%s", path, err, table.String())
	}
}

func TestScrape(t *testing.T) {
	w := httptest.NewRecorder()
	full(t).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `hotswap_rollouts{environment="Production",phase="progressing"} 1`) {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}
