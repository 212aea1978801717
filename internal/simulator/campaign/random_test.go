package campaign

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestSliceOfThePromises plays some cells from all that something is promised of; fewer A/B
// tests, which are dear. What fails here is played alone by the command that is printed.
func TestSliceOfThePromises(t *testing.T) {
	for _, slice := range []struct {
		cells, runs int
		among       []engine.Strategy
	}{
		{16, 200, []engine.Strategy{engine.Canary, engine.BlueGreen, engine.Rolling, engine.Direct}},
		{4, 480, []engine.Strategy{engine.ABTesting}}, // an eighth of which are played,
	} {
		l, err := PlayLottery(t.Context(), RandomOptions{Options: Options{Runs: slice.runs, Seed: 20261127}, Cells: slice.cells, Strategies: slice.among})
		if err != nil {
			t.Fatal(err)
		}
		if !l.Holds() {
			t.Errorf("%d cells are broken:\n%s", l.Broken, l.Markdown())
		}
	}
}

// TestLotteryRepeats holds that a lottery is the same, byte for byte, however many runs are
// under way at once, and that a cell alone has the figures that it has among others.
func TestLotteryRepeats(t *testing.T) {
	among := []engine.Strategy{engine.Canary, engine.Direct, engine.Rolling}
	var all *Lottery
	whateverWorkers(t, func(workers int) any {
		l, err := PlayLottery(t.Context(), RandomOptions{Options: Options{Runs: 40, Seed: 3, Workers: workers}, Cells: 6, Strategies: among})
		if err != nil {
			t.Fatal(err)
		}
		all = l
		return l
	})
	alone, err := PlayLottery(t.Context(), RandomOptions{Options: Options{Runs: 40, Seed: 3}, Cells: 1, First: 4, Strategies: among})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := alone.Lots[0], all.Lots[4]; a.Command != b.Command || a.Runs != b.Runs || !reflect.DeepEqual(a.Case, b.Case) || a.Pledges[0].Share != b.Pledges[0].Share {
		t.Errorf("alone %+v\namong others %+v", a, b)
	}
}

// TestDraw holds that cases are drawn from the whole region and from nothing beside it, and
// that each is a scenario that can be written down and played.
func TestDraw(t *testing.T) {
	seen := map[string]bool{}
	for i := range 600 {
		c := Draw(7, i, nil)
		s := c.Scenario()
		if err := s.Validate(); err != nil {
			t.Fatalf("%d: %s: %v", i, c, err)
		}
		if _, err := s.Plan(t.Context(), 1); err != nil && c.Tenants > 12 {
			t.Errorf("%d: %s: %v", i, c, err)
		}
		if again := parsed(t, string(s.Encode())); again.Hash() != s.Hash() {
			t.Fatalf("%d: %s: written and read it is another", i, c)
		}
		if len(c.pledges()) == 0 {
			t.Errorf("%d: nothing is promised of %s", i, c)
		}
		if c.Tenants < 2 || c.Tenants > 20_000 || c.PerTenant < 0.01 || c.PerTenant > 10 || c.ErrorRate > 0.75*c.Cap+1e-9 || c.Resumes > 10 || len(c.Stages) > 10 {
			t.Errorf("%d: %s is outside", i, c)
		}
		seen[string(c.Strategy)] = true
		for what, is := range map[string]bool{
			"two or three": c.Tenants <= 3, "more than 10,000": c.Tenants > 10_000, "no error": c.ErrorRate == 0, "near the cap": c.ErrorRate > 0.74*c.Cap,
			"ten stages": len(c.Stages) == 10, "one stage": len(c.Stages) == 1, "ten resumes": c.Resumes == 10, "busy": c.PerTenant > 8, "idle": c.PerTenant < 0.02,
			"gradual": c.Gradual, "uneven": c.Split > 80, "noisy": c.Noise == mostNoisy, "unlike": c.Spread == mostUnlike, "whale": c.Whale > 0, "churn": c.Churn > 0,
		} {
			seen[what] = seen[what] || is
		}
	}
	for _, s := range engine.Strategies() {
		seen[string(s)] = seen[string(s)] || false
	}
	for what, is := range seen {
		if !is {
			t.Errorf("none of 600 is %s", what)
		}
	}
}

// TestAtLeast compares tails with those of published tables, and with their complement.
func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		k, n int
		p, q float64
	}{{0, 10, 0.1, 1}, {1, 10, 0.1, 0.651}, {3, 10, 0.1, 0.0702}, {10, 10, 0.5, 0.000977}, {11, 10, 0.5, 0}, {40, 4000, 0.01, 0.522}, {70, 4000, 0.01, 9.89e-06}} {
		if got := atLeast(c.k, c.n, c.p); math.Abs(got-c.q) > 0.02*c.q {
			t.Errorf("%d of %d at %g: %g, want %g", c.k, c.n, c.p, got, c.q)
		}
	}
	if got := atLeast(5000, 10_000, 0.9); got < 0.999 {
		t.Errorf("half where nine of ten are expected: %g", got)
	}
}

// TestHolm is the procedure by hand: 0.01, 0.02 and 0.04 against 0.05/3, 0.05/2 and 0.05.
func TestHolm(t *testing.T) {
	for _, c := range []struct {
		p    []float64
		want []bool
	}{
		{[]float64{0.04, 0.01, 0.02}, []bool{true, true, true}},
		{[]float64{0.04, 0.01, 0.03}, []bool{false, true, false}},
		{[]float64{0.02, 0.03, 0.9}, []bool{false, false, false}},
		{nil, []bool{}},
	} {
		if got := holm(c.p, 0.05); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.p, got, c.want)
		}
	}
}

// TestStops: a lot ends early where the rest cannot change what is said of it.
func TestStops(t *testing.T) {
	played := func(runs, turned int) Lot {
		x := Lot{Case: usual(), Planned: 4000}
		outcomes := make([]outcome, runs)
		for i := range turned {
			outcomes[i].turned = true
		}
		x.count(outcomes)
		return x
	}
	for _, c := range []struct {
		runs, turned int
		stopped      string
		p            float64
	}{
		{500, 2, "few", 1},       // five are expected
		{500, 3, "", 1},          // more than half of them
		{1000, 90, "broken", 0},  // whatever the rest brings
		{1000, 60, "", 0.00162},  // not yet, among five thousand
		{4000, 90, "", 1.99e-12}, // these were all
	} {
		x := played(c.runs, c.turned)
		if p := x.Pledges[0].P; x.Stopped != c.stopped || math.Abs(p-c.p) > 0.01+0.1*c.p {
			t.Errorf("%d of %d: stopped %q, p %g", c.turned, c.runs, x.Stopped, p)
		}
	}
}
