package campaign

import (
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestTune searches a small grid: what is found is the same however many runs are
// under way at once, and nothing beats a point of the front.
func TestTune(t *testing.T) {
	s := library(t, "guide-canary-regression")
	s.Tune = scenario.Tune{
		Runs: 10, Stages: [][]int{{10, 100}, {50, 100}}, MaxErrorRates: []float64{0.05}, Modes: []string{"threshold"},
		EvaluationPeriods: []engine.Duration{engine.Duration(time.Minute), engine.Duration(5 * time.Minute)},
	}
	whateverWorkers(t, func(workers int) any {
		var last int
		got, err := Tune(t.Context(), s, Options{Seed: 4, Workers: workers, Progress: func(done, of int) {
			if last = done; of != 4 {
				t.Errorf("%d settings", of)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if last != 4 || len(got.Points) != 4 || len(got.Front()) == 0 {
			t.Errorf("%d of %+v", last, got)
		}
		for _, p := range got.Front() {
			for _, q := range got.Points {
				if q.Within && beats(q, p) {
					t.Errorf("%+v beats %+v", q, p)
				}
			}
		}
		return got
	})
}

// TestTuneLimits holds that a setting beyond the limits is not on the front: caps so
// high that nothing is found, and no traffic to judge.
func TestTuneLimits(t *testing.T) {
	s := library(t, "troubleshooting-canary-stuck")
	s.Signals = nil
	s.Tune = scenario.Tune{Runs: 10, Stages: [][]int{{10, 100}}, EvaluationPeriods: []engine.Duration{engine.Duration(time.Minute)}}
	got, err := Tune(t.Context(), s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Front()); n != 0 || got.Points[0].Held.Count == 0 {
		t.Errorf("%d are within the limits: %+v", n, got.Points)
	}
}

// TestSettings holds that every strategy has settings to try, that they are valid,
// and that their HCL names them.
func TestSettings(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		s, err := scenario.Parse("f", []byte("deployment: {plugin_id: p, environment: Production, version: 2, strategy: "+string(strategy)+"}\ninstalled: 1"))
		if err != nil {
			t.Fatal(err)
		}
		all := settings(s)
		if len(all) < 5 {
			t.Errorf("%s: %d settings", strategy, len(all))
		}
		for _, x := range all {
			spec, err := x.apply(s)
			if err != nil {
				t.Fatal(err)
			}
			if ps := spec.Validate(); len(ps) > 0 {
				t.Errorf("%s, %+v: %v", strategy, x, ps)
			}
			if got := settingOf(spec.Resolve()); got.PeriodSeconds != x.PeriodSeconds || got.MaxErrorRate != x.MaxErrorRate || got.Mode != x.Mode {
				t.Errorf("%s: %+v became %+v", strategy, x, got)
			}
			block, period := words(strategy)
			if hcl := x.HCL(strategy); !strings.Contains(hcl, block+" = {") || !strings.Contains(hcl, period) {
				t.Errorf("%s:\n%s", strategy, hcl)
			}
		}
		if s.Deployment.Analysis != nil {
			t.Errorf("%s: the scenario was changed", strategy)
		}
	}
}

func TestNames(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 53: "BB"} {
		if got := nameOf(i); got != want {
			t.Errorf("%d is %s, want %s", i, got, want)
		}
	}
}

// TestCurve holds that worse candidates are turned away more often.
func TestCurve(t *testing.T) {
	c, err := CurveOf(t.Context(), library(t, "guide-canary"), Options{Runs: 6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	first, last := c.Points[0], c.Points[len(c.Points)-1]
	if c.Cap != 0.05 || first.ErrorRate != 0 || first.Turned.Count != 0 || last.Turned.Count != 6 {
		t.Errorf("%+v", c)
	}
}
