package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestProveTests tries a small grid: the figures are the same, byte for byte, however
// many runs are under way at once, and every truth is tried on every judge.
func TestProveTests(t *testing.T) {
	g := UsualTestGrid()
	g.Tenants = []int{40}
	whateverWorkers(t, func(workers int) any {
		last := 0
		p, err := ProveTests(t.Context(), g, Options{Runs: 3, Seed: 5, Workers: workers, Progress: func(done, of int) {
			if last = done; of != 3*3*len(truths) {
				t.Errorf("%d runs in all", of)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if last != 3*3*len(truths) || len(p.Trials) != 3*len(truths) {
			t.Errorf("%d runs of %d trials", last, len(p.Trials))
		}
		// Of three tests, one between equals may adopt B by chance; harm never does.
		harmed := slices.ContainsFunc(p.Trials, func(x Trial) bool { return x.Required && x.Most == 0 && x.Promise == Broken })
		if harmed || p.Broken != 0 {
			t.Errorf("a promise was not kept:\n%s", p.Markdown())
		}
		return p
	})
}

// TestTrialPromises holds that a promise is broken where the interval of the tests
// that adopted B is above it, and that only the sequential judge makes any.
func TestTrialPromises(t *testing.T) {
	promised := UsualTestGrid()
	promised.Promised = true
	for _, x := range promised.trials() {
		if !x.Required {
			t.Errorf("nothing is promised of %s with the judge %s", x.Truth, x.Mode)
		}
	}
	trials := UsualTestGrid().trials()
	of := func(words string, mode engine.JudgeMode) Trial {
		return trials[slices.IndexFunc(trials, func(x Trial) bool { return x.Truth == words && x.Mode == mode })]
	}
	outcomes := func(adopted int) []outcome {
		list := make([]outcome, 100)
		for i := range list {
			if list[i].ending = scenario.Retained; i < adopted {
				list[i].ending, list[i].better = scenario.Succeeded, []engine.Metric{engine.ConversionRate}
			}
		}
		return list
	}
	for _, c := range []struct {
		truth   string
		mode    engine.JudgeMode
		adopted int
		promise string
	}{
		{"identical", engine.Sequential, 0, "at most 5 %: kept"},        // the interval ends at 3.7 %
		{"identical", engine.Sequential, 1, "at most 5 %: not refuted"}, // it ends at 5.4 %
		{"identical", engine.Sequential, 9, "at most 5 %: not refuted"}, // it begins at 4.8 %
		{"identical", engine.Sequential, 12, "at most 5 %: **broken**"},
		{"identical", engine.Threshold, 50, "-"},
		{"errors × 2, conversion × 1.5", engine.Sequential, 0, "never: not refuted"},
		{"errors × 2, conversion × 1.5", engine.Sequential, 1, "never: **broken**"},
		{"conversion × 1.1", engine.Sequential, 100, "-"},
	} {
		x := of(c.truth, c.mode).filled(outcomes(c.adopted))
		if got := x.promise(); got != c.promise {
			t.Errorf("%s, %s, adopted in %d of 100: %s, want %s", c.truth, c.mode, c.adopted, got, c.promise)
		}
		p := TestProof{Trials: []Trial{x}}
		if p.Holds() == strings.Contains(c.promise, "broken") {
			t.Errorf("%s: the proof holds: %t", c.promise, p.Holds())
		}
		if x.Adopted.Count != int64(c.adopted) || x.Found.Count != int64(c.adopted) || x.Runs != 100 {
			t.Errorf("%+v", x)
		}
	}
}

// TestPriorHelps holds that what is known of the day before is what finds a better
// conversion among tenants that differ.
func TestPriorHelps(t *testing.T) {
	p, err := ProveTests(t.Context(), TestGrid{Modes: []engine.JudgeMode{engine.Sequential}, Tenants: []int{150}, PerTenant: []float64{0.1}}, Options{Runs: 8, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	found := map[bool]int64{}
	for _, x := range p.Trials {
		if x.Truth == "conversion 3 % → 5 %" {
			found[x.Prior] = x.Found.Count
		}
	}
	if found[true] != 8 || found[false] > 6 {
		t.Errorf("of 8 tests, %d found B with the day before and %d without", found[true], found[false])
	}
}

// TestScrapedProofs holds that proofs can be had with scraped counters, and say so: the
// same promises hold of other figures.
func TestScrapedProofs(t *testing.T) {
	g := Grid{Modes: []engine.JudgeMode{engine.Sequential}, ErrorRates: []float64{0.02}, Factors: []float64{1, 3}, PerTenant: []float64{1}, Spreads: []float64{0}, Noises: []float64{0}}
	var found [2]float64
	for i, scraped := range []bool{false, true} {
		g.Scraped = scraped
		p, err := Prove(t.Context(), g, Options{Runs: 20, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if p.Scraped != scraped || !p.Holds() || p.Cells[0].Through.Count != 20 || p.Cells[1].RolledBack.Count != 20 {
			t.Errorf("scraped %v: %+v", scraped, p)
		}
		found[i] = p.Cells[1].Detected.P50
	}
	if found[1] < found[0]+10 {
		t.Errorf("with samples that come every 30 s and 10 s late harm is found after %g s, and as it happens after %g s", found[1], found[0])
	}
	tests := TestGrid{Modes: []engine.JudgeMode{engine.Sequential}, Tenants: []int{150}, PerTenant: []float64{0.1}, Promised: true, Scraped: true}
	p, err := ProveTests(t.Context(), tests, Options{Runs: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Scraped || !p.Holds() {
		t.Errorf("%+v", p)
	}
}
