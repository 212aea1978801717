package campaign

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// find is a difference of d.
func find(t *testing.T, d *Diff, figure string) Difference {
	t.Helper()
	i := slices.IndexFunc(d.Differences, func(x Difference) bool { return x.Figure == figure })
	if i < 0 {
		t.Fatalf("there is no %s in %+v", figure, d.Differences)
	}
	return d.Differences[i]
}

// TestCompare: a policy differs from itself in nothing, and from a riskier one past
// chance; the order turns the signs.
func TestCompare(t *testing.T) {
	text := func(stages string) string {
		return "installed: 1.5.0\nversions: {1.6.0: {error_rate: 0.1}}\n" +
			"deployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary, canary: {stages: " + stages + "}}\n"
	}
	careful, bold := parsed(t, text("[10, 100]")), parsed(t, text("[50, 100]"))
	opt := Options{Runs: 30, Seed: 4}
	same, err := Compare(t.Context(), careful, careful, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range same.Differences {
		if x.By != 0 || x.PastChance || x.Low > 0 || x.High < 0 {
			t.Errorf("with itself: %+v", x)
		}
	}
	d, err := Compare(t.Context(), careful, bold, opt)
	if err != nil {
		t.Fatal(err)
	}
	turned, err := Compare(t.Context(), bold, careful, opt)
	if err != nil {
		t.Fatal(err)
	}
	if x := find(t, d, "tenants_exposed"); x.By != 60 || !x.PastChance || x.A != 15 || x.B != 75 {
		t.Errorf("%+v", x)
	}
	x, y := find(t, d, "failed_requests"), find(t, turned, "failed_requests")
	if !x.PastChance || x.By <= 0 || math.Abs(x.By+y.By) > 1e-9 || math.Abs(float64(x.Low)+float64(y.High)) > 1e-9 {
		t.Errorf("%+v and turned round %+v", x, y)
	}
	if x := find(t, d, "missed_regression"); x.PastChance || x.By != 0 {
		t.Errorf("%+v", x)
	}
	if !d.Same || d.A.Trace == d.B.Trace || d.A.Trace != same.A.Trace {
		t.Errorf("unlike %v, traces %s and %s", d.Unlike, d.A.Trace, d.B.Trace)
	}
	other := parsed(t, text("[50, 100]")+"tenants: {count: 40}\n")
	other.Faults = []simulator.Fault{{Kind: simulator.NoisyMinute}}
	d, err = Compare(t.Context(), careful, other, Options{Runs: 2, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if d.Same || !slices.Equal(d.Unlike, []string{"faults", "tenants.count"}) {
		t.Errorf("unlike in %v", d.Unlike)
	}
	one, err := Compare(t.Context(), careful, bold, Options{Runs: 1, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range one.Differences {
		if x.PastChance {
			t.Errorf("one pair is not past chance: %+v", x)
		}
	}
	if data, err := json.Marshal(one); err != nil || !strings.Contains(string(data), `"low":null`) {
		t.Errorf("%v, %s", err, data)
	}
}

// TestPairs has intervals of pairs whose values are published or plain.
func TestPairs(t *testing.T) {
	// Agresti and Min's example of 2005: of 1600 pairs 150 up and 86 down.
	var by []float64
	for i := range 1600 {
		switch {
		case i < 86:
			by = append(by, 1)
		case i < 86+150:
			by = append(by, -1)
		default:
			by = append(by, 0)
		}
	}
	if mean, low, high := pairedShares(by); math.Abs(mean+0.04) > 1e-9 || math.Abs(low+0.0587) > 2e-4 || math.Abs(high+0.0212) > 2e-4 {
		t.Errorf("%v in %v..%v", mean, low, high)
	}
	if mean, low, high := pairedMeans([]float64{1, 2, 3, 4, 5}); mean != 3 || math.Abs(low-1.0368) > 1e-3 || math.Abs(high-4.9632) > 1e-3 {
		t.Errorf("%v in %v..%v", mean, low, high)
	}
	for degrees, want := range map[float64]float64{1: 12.7062, 4: 2.7764, 5: 2.5706, 9: 2.2622, 30: 2.0423, 1000: 1.9623} {
		if got := student(degrees); math.Abs(got-want) > 2e-3 {
			t.Errorf("with %v degrees of freedom %v, want %v", degrees, got, want)
		}
	}
}
