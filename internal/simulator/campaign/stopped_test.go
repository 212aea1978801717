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

// TestTestsThatKeepA: that a test keeps A because B is no better is neither a false
// rollback nor a detection, and stops nobody; that it keeps A for B's harm is.
func TestTestsThatKeepA(t *testing.T) {
	for _, mode := range []string{"sequential", "threshold"} {
		s := library(t, "ab-identical")
		s.Deployment.Analysis = parsed(t, "deployment: {plugin_id: p, environment: Production, version: 2, analysis: {mode: "+mode+"}}").Deployment.Analysis
		f := play1(t, s, Options{Runs: 20, Seed: 1})
		kept := f.Outcomes[2].Count
		if kept < 10 && mode == "sequential" {
			t.Fatalf("%s: A was kept in %d of 20", mode, kept)
		}
		// The threshold judge does not reckon with chance: what it takes for harm is.
		if f.Bad || f.FalseRollback.Count > 2 && mode == "sequential" || f.FalseRollback.Count >= kept || f.GoodStopped.Count != f.FalseRollback.Count || f.DetectedSeconds.Count != int(f.FalseRollback.Count) {
			t.Errorf("%s: kept %d, false %+v, stopped %+v, detected %+v", mode, kept, f.FalseRollback, f.GoodStopped, f.DetectedSeconds)
		}
	}
	f := play1(t, library(t, "ab-worse"), Options{Runs: 5, Seed: 1})
	if f.DetectedSeconds.Count != 5 || f.Missed.Count != 0 || f.Outcomes[2].Count != 5 {
		t.Errorf("harm: %+v, detected %+v", f.Outcomes, f.DetectedSeconds)
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
