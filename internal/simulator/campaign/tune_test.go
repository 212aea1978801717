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
	half := 0.5 // ten runs do not show less
	s.Tune = scenario.Tune{
		MostFalseRollback: &half, MostGoodStopped: &half, MostMissed: &half,
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
	if n := len(got.Front()); n != 0 || got.Points[0].GoodStopped.Count == 0 {
		t.Errorf("%d are within the limits: %+v", n, got.Points)
	}
}

// TestTuneOnFewRuns: that nothing went wrong in a few runs does not show that a setting
// is within the limits.
func TestTuneOnFewRuns(t *testing.T) {
	s := library(t, "guide-canary-regression")
	s.Tune = scenario.Tune{Stages: [][]int{{10, 100}}, EvaluationPeriods: []engine.Duration{engine.Duration(5 * time.Minute)}, Modes: []string{"threshold"}}
	for _, c := range []struct {
		runs   int
		within bool
	}{{1, false}, {10, false}, {72, false}, {73, true}, {80, true}} {
		got, err := Tune(t.Context(), s, Options{Seed: 1, Runs: c.runs})
		if err != nil {
			t.Fatal(err)
		}
		p := got.Points[0]
		if p.GoodStopped.Count+p.Missed.Count+p.FalseRollback.Count != 0 {
			t.Fatalf("something went wrong in %d runs: %+v", c.runs, p)
		}
		if p.Within != c.within || !p.Seen || got.LeastRuns != 73 || len(got.Front()) == 0 == c.within {
			t.Errorf("%d runs: within %v, seen %v, it takes %d", c.runs, p.Within, p.Seen, got.LeastRuns)
		}
	}
	for limit, want := range map[float64]int{0.5: 4, 0.05: 73, 0.01: 381, 0.001: 3838, 1: 1} {
		if got := runsFor(limit); got != want {
			t.Errorf("a limit of %v takes %d runs, want %d", limit, got, want)
		}
	}
}

// TestShown holds what is said of a promise to its interval.
func TestShown(t *testing.T) {
	for _, c := range []struct {
		low, high, most float64
		want            Shown
	}{{0, 0.009, 0.01, Kept}, {0, 0.01, 0.01, Kept}, {0, 0.8, 0.01, NotRefuted}, {0.01, 0.1, 0.01, NotRefuted}, {0.011, 0.1, 0.01, Broken}, {0, 0.001, 0, NotRefuted}} {
		if got := shown(Share{Low: c.low, High: c.high}, c.most); got != c.want {
			t.Errorf("%v..%v of at most %v: %s", c.low, c.high, c.most, got)
		}
	}
	if got := Tally([]Shown{Kept, NotRefuted, NothingPromised, Broken, Kept}); !strings.HasPrefix(got, "4 promises: 2 kept, 1 not refuted") || !strings.HasSuffix(got, ", 1 broken") {
		t.Error(got)
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

// TestCurve holds that worse candidates are rolled back more often.
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
