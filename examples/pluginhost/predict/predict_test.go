package predict

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// bad is a canary of a version that fails a fifth of its requests.
var bad = Setting{
	Name: "bad", Instances: 20, Spare: 20, Tenants: 150, Rate: 1000, Installed: "1.5.0", Weights: []float64{3, 2, 1.5},
	Versions: map[string]Version{"1.5.0": {ErrorRate: 0.002}, "1.7.0": {ErrorRate: 0.2}},
}

func init() {
	var err error
	if bad.Deployment, err = engine.DecodeSpec([]byte(`{"pluginId": "payment", "environment": "Staging", "version": "1.7.0", "strategy": "Canary",
		"canaryConfig": {"stages": [10, 50, 100], "evaluationPeriod": "PT15S"}}`)); err != nil {
		panic(err)
	}
}

func TestPrediction(t *testing.T) {
	p, err := bad.Play(context.Background(), 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Outcomes["rolled_back"] != p.Runs || p.Alarms != p.Runs {
		t.Errorf("outcomes %v, %d alarms", p.Outcomes, p.Alarms)
	}
	if f := p.Failed; f.Low <= 0 || f.Low > f.Median || f.Median > f.High || !f.Has(f.Median) || f.Has(f.High+1) {
		t.Errorf("failed %+v", f)
	}
	if p.Tenants.High > 16 || p.Detected.High > 15 {
		t.Errorf("tenants %+v, detected %+v", p.Tenants, p.Detected)
	}
	again, err := bad.Play(context.Background(), 40, 1)
	if err != nil || again.Failed != p.Failed || again.Took != p.Took {
		t.Errorf("another prediction of the same seed: %+v, %v", again, err)
	}
	good := bad
	good.Versions = map[string]Version{"1.5.0": {ErrorRate: 0.002}, "1.7.0": {ErrorRate: 0.002}}
	if p, err = good.Play(context.Background(), 40, 1); err != nil || p.Outcomes["succeeded"] != p.Runs {
		t.Errorf("a good version: %+v, %v", p, err)
	}
}

// TestPaces: calls, answers and swaps take their time, and no more comes of them.
func TestPaces(t *testing.T) {
	good := bad
	good.Versions = map[string]Version{"1.5.0": {ErrorRate: 0.002}, "1.7.0": {ErrorRate: 0.002}}
	at := func(s Setting) *Prediction {
		t.Helper()
		p, err := s.Play(context.Background(), 40, 1)
		if err != nil || p.Outcomes["succeeded"] != p.Runs {
			t.Fatalf("%+v, %v", p, err)
		}
		return p
	}
	good.Swap = -1 // at once
	at0 := at(good)
	good.Swap = 0.3
	swaps := at(good)
	if d := swaps.Took.Median - at0.Took.Median; d != 2 { // a look later each: to serve it, and to let the old one go
		t.Errorf("swaps take %v s more", d)
	}
	good.Calls, good.Counts, good.ByTenant = []float64{0.05, 0.15}, []float64{0.4}, []float64{0.4}
	slow := at(good)
	if d := slow.Took.Median - swaps.Took.Median; d < 1.5 || d > 6 {
		t.Errorf("slow calls and answers make it %v s longer", d)
	}
	if slow.Failed.Median <= at0.Failed.Median {
		t.Errorf("failed %v, and %v where it takes longer", at0.Failed, slow.Failed)
	}
}

// TestDiscovery: what nobody counts yet cannot be found, and is failed all the same.
func TestDiscovery(t *testing.T) {
	rolling := bad
	var err error
	if rolling.Deployment, err = engine.DecodeSpec([]byte(`{"pluginId": "payment", "environment": "Staging", "version": "1.7.0", "strategy": "Rolling",
		"rollingConfig": {"batchSize": "25%", "waitBetweenBatches": "PT6S"}}`)); err != nil {
		t.Fatal(err)
	}
	at, err := rolling.Play(context.Background(), 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	rolling.Discovery = 5
	late, err := rolling.Play(context.Background(), 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	if late.Outcomes["rolled_back"] != late.Runs || late.Detected.High < at.Detected.High+1 || late.Failed.High <= at.Failed.High {
		t.Errorf("found after %+v and not %+v, failed %v and not %v, %v", late.Detected, at.Detected, late.Failed, at.Failed, late.Outcomes)
	}
}

// TestReplaced: who is ready gets the requests, and a stage begins to count when all are.
func TestReplaced(t *testing.T) {
	direct := bad
	direct.Versions = map[string]Version{"1.5.0": {ErrorRate: 0.02}, "1.7.0": {ErrorRate: 0.02}}
	var err error
	if direct.Deployment, err = engine.DecodeSpec([]byte(`{"pluginId": "payment", "environment": "Staging", "version": "1.7.0", "strategy": "Direct",
		"directConfig": {"validationPeriod": "PT10S"}}`)); err != nil {
		t.Fatal(err)
	}
	at := func(seen ...Replaced) *Prediction {
		t.Helper()
		direct.Replaced = seen
		p, err := direct.Play(context.Background(), 60, 1)
		if err != nil || p.Outcomes["succeeded"] != p.Runs {
			t.Fatalf("%+v, %v", p, err)
		}
		return p
	}
	together, oneByOne, now := at(Replaced{6, 6}), at(Replaced{2, 6}), at(Replaced{0.4, 0.4})
	if late := oneByOne.Took.Median - together.Took.Median; late < -1 || late > 1 {
		t.Errorf("took %+v, and %+v where the first serve sooner", together.Took, oneByOne.Took)
	}
	// 4 s more of the median run, in which a fiftieth of 1,000 requests per second fail.
	if more := oneByOne.Failed.Median - together.Failed.Median; more < 50 || more > 110 {
		t.Errorf("failed %+v, and %+v where the first serve sooner", together.Failed, oneByOne.Failed)
	}
	if now.Took.Median > together.Took.Median-4 {
		t.Errorf("took %+v, and %+v where all serve at once", together.Took, now.Took)
	}
	if width := oneByOne.Took.High - oneByOne.Took.Low; width < 4 { // a machine is more or less busy
		t.Errorf("took %+v, as if one run were like the other", oneByOne.Took)
	}
}

// TestProvision: a slot takes as long to come up as is said, with all that its instances do.
func TestProvision(t *testing.T) {
	for _, c := range []struct{ says, want float64 }{{2.4, 2.4}, {0, 1}, {0.3, install + startup}, {-1, install + startup}} {
		slot := bad
		slot.Provision = c.says
		s, err := slot.Scenario()
		if err != nil {
			t.Fatal(err)
		}
		if took := s.World.ProvisionSeconds + s.World.InstallSeconds + startup; math.Abs(took-c.want) > 1e-9 {
			t.Errorf("%g s: %g s", c.says, took)
		}
	}
}

// TestOneTenant: what fails one tenant alone is a fault of the scenario.
func TestOneTenant(t *testing.T) {
	one := bad
	one.Versions = map[string]Version{"1.5.0": {ErrorRate: 0.002}, "1.7.0": {ErrorRate: 0.002}}
	one.OneTenant, one.OneTenantRate = "tenant-007", 0.9
	s, err := one.Scenario()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Faults) != 1 || !strings.Contains(string(s.Encode()), "tenant-007") {
		t.Errorf("%s", s.Encode())
	}
}

func TestBands(t *testing.T) {
	var seen []float64
	for i := range 401 {
		seen = append(seen, float64(400-i))
	}
	if b := bandOf(seen); b != (Band{10, 200, 390, 0, 400}) || b.String() != "10-390" {
		t.Errorf("%+v, %s", b, b)
	}
	wide := Band{10, 200, 390, 0, 400}
	for v, beyond := range map[float64]bool{-101: true, -99: false, 200: false, 499: false, 501: true} {
		if wide.Beyond(v) != beyond {
			t.Errorf("%g beyond %+v: %v", v, wide, !beyond)
		}
	}
	if b := bandOf(nil); b != (Band{}) {
		t.Errorf("%+v", b)
	}
	if s := (Band{Low: 0.5, Median: 1, High: 2}).String(); s != "0.5-2.0" {
		t.Error(s)
	}
}

// TestHashed: a hash exposes as many tenants as an even deal does, on average, and now more and
// now fewer; those that are pinned, all and none are as they are.
func TestHashed(t *testing.T) {
	rolling := bad
	rolling.Deployment.Strategy = engine.Rolling
	const runs, dealt = 2000, 30
	var sum, squares float64
	for seed := range int64(runs) {
		n, share := rolling.hashed(dealt, seed)
		if math.Abs(float64(n)-share*dealt) > 1e-9 {
			t.Fatalf("%d are %g times %d", n, share, dealt)
		}
		sum, squares = sum+float64(n), squares+float64(n*n)
	}
	mean := sum / runs
	if sd := math.Sqrt(squares/runs - mean*mean); math.Abs(mean-dealt) > 0.5 || math.Abs(sd-4.9) > 0.4 { // binomial: sqrt(150 0.2 0.8)
		t.Errorf("mean %g, standard deviation %g", mean, sd)
	}
	for _, n := range []int{0, bad.Tenants} {
		if got, share := rolling.hashed(n, 1); got != n || share != 1 {
			t.Errorf("%d become %d", n, got)
		}
	}
	if got, share := bad.hashed(dealt, 1); got != dealt || share != 1 {
		t.Errorf("%d that are pinned become %d", dealt, got)
	}
}
