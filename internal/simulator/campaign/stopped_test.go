package campaign

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

func parsed(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGoodStopped: a policy that holds every good version rolls none back, and stops
// them all.
func TestGoodStopped(t *testing.T) {
	const canary = "installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary, canary: {evaluation_period: "
	f := play1(t, parsed(t, canary+"5s}}\n"), Options{Runs: 20, Seed: 1})
	if f.FalseRollback.Count != 0 || f.GoodStopped.Count != 20 || f.GoodStopped.High != 1 || f.GoodStopped.Low < 0.8 {
		t.Errorf("held: rolled back %+v, stopped %+v of %+v", f.FalseRollback, f.GoodStopped, f.Outcomes)
	}
	f = play1(t, parsed(t, canary+"10m}}\n"), Options{Runs: 20, Seed: 1})
	if f.FalseRollback.Count != 0 || f.GoodStopped.Count != 0 {
		t.Errorf("good: rolled back %+v, stopped %+v of %+v", f.FalseRollback, f.GoodStopped, f.Outcomes)
	}
	// Who pauses it and never resumes, or rolls it back, stops it too.
	for _, word := range []string{"pause", "rollback"} {
		f = play1(t, parsed(t, canary+"10m}}\nsignals: [{do: "+word+", at: 15m}]\n"), Options{Runs: 5, Seed: 1})
		if f.GoodStopped.Count != 5 {
			t.Errorf("%s: stopped %+v of %+v", word, f.GoodStopped, f.Outcomes)
		}
	}
}

// TestRisksOfTests: a test that keeps A stops nobody, and detects nothing where B does no
// harm. What can go wrong is that a better B is not taken, or one that is no better is.
func TestRisksOfTests(t *testing.T) {
	for _, c := range []struct {
		name           string
		kept, adopted  bool // whether that can be wrong
		wrong, detects int64
	}{
		{"ab-identical", false, true, 0, 0},
		{"ab-worse", false, true, 0, 10},
		{"ab-better", true, false, 0, 0},
		{"ab-better-little-traffic", true, false, 10, 0},
	} {
		s := library(t, strings.TrimSuffix(c.name, "-little-traffic"))
		if s.Name != c.name {
			s.World.RequestsPerSecond /= 20_000
		}
		f := play1(t, s, Options{Runs: 10, Seed: 1})
		if !f.Test || !f.FalseRollback.Absent || !f.GoodStopped.Absent || !f.Missed.Absent {
			t.Errorf("%s: a test has the risks of a rollout: %+v", c.name, f.Risks())
		}
		if f.KeptThoughBetter.Absent == c.kept || f.AdoptedThoughWorse.Absent == c.adopted {
			t.Errorf("%s: kept %+v, adopted %+v", c.name, f.KeptThoughBetter, f.AdoptedThoughWorse)
		}
		if risks := f.Risks(); len(risks) != 1 || risks[0].Count > c.wrong+2 || risks[0].Count < c.wrong-2 || int64(f.DetectedSeconds.Count) != c.detects {
			t.Errorf("%s: %+v, detected %+v of %+v", c.name, risks, f.DetectedSeconds, f.Outcomes)
		}
	}
}

// TestWorth: what B is worth follows from the metrics that decide, and from those that guard.
func TestWorth(t *testing.T) {
	for _, c := range []struct {
		b    string // behaviour of B; A behaves by default
		want worth
	}{
		{"{}", worth{true, false, true}},
		{"{conversion_rate: 0.0315}", worth{true, true, false}},
		{"{conversion_rate: 0.0305}", worth{true, false, false}}, // less than is asked for
		{"{conversion_rate: 0.06, error_rate: 0.02}", worth{true, false, true}},
		{"{conversion_rate: 0.06, error_rate: 0.0104}", worth{true, true, false}}, // within the margin
		{"{latency_p50_ms: 30, latency_p99_ms: 150}", worth{true, true, false}},
		{"{conversion_rate: 0.06, latency_p99_ms: 300}", worth{true, false, true}},
		{"{satisfaction: 5}", worth{true, false, true}}, // which does not decide
		{"{conversion_rate: 0.06, bad: true}", worth{true, false, true}},
		{"{conversion_rate: 0.02}", worth{true, false, true}},
	} {
		s := parsed(t, "installed: 1.5.0\nversions: {1.6.0: "+c.b+"}\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: ABTesting}\n")
		if got := worthOf(s); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.b, got, c.want)
		}
	}
	if got := worthOf(library(t, "guide-canary")); got.test || got.better || got.worse {
		t.Errorf("a canary is a test: %+v", got)
	}
}

// TestAbsentFigures: in JSON, what does not apply is null inside its object.
func TestAbsentFigures(t *testing.T) {
	for name, absent := range map[string]string{
		"guide-canary":            `"missed_regression":{"count":null,"share":null,"low":null,"high":null}`,
		"guide-canary-regression": `"good_stopped":{"count":null,"share":null,"low":null,"high":null}`,
	} {
		data, err := json.Marshal(play1(t, library(t, name), Options{Runs: 3, Seed: 1}))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), absent) {
			t.Errorf("%s: there is no %s in %s", name, absent, data)
		}
		var figures map[string]any
		if err := json.Unmarshal(data, &figures); err != nil {
			t.Fatal(err)
		}
		for key, v := range figures {
			if v == nil {
				t.Errorf("%s: %s is null", name, key)
			}
		}
		if figures["kind"] != "campaign" || figures["format"] != 1.0 || figures["outcomes"].(map[string]any)["held"].(map[string]any)["count"] != 0.0 {
			t.Errorf("%s: %s", name, data)
		}
	}
}
