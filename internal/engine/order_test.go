package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestStrata picks the first tenants of many rollouts over a fleet whose tenants
// differ in traffic and, with a coefficient of variation of 1, in their errors. Their
// own error rate is nearer to that of all than a draw by lot is.
func TestStrata(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 5))
	f := enginetest.NewFleet(engine.Production, "gateway", 1, 150, "1.0.0", 100)
	var errors, requests float64
	for i := range f.State.Tenants {
		tenant := &f.State.Tenants[i]
		tenant.Weight = math.Exp(draw.NormFloat64() / 2)
		tenant.PriorRequests = int64(10_000 * tenant.Weight)
		tenant.PriorErrors = int64(float64(tenant.PriorRequests) * 0.02 * draw.ExpFloat64())
		errors, requests = errors+float64(tenant.PriorErrors), requests+float64(tenant.PriorRequests)
	}
	snapshot := f.Snapshot()
	var chosen, drawn, traffic float64
	const rollouts = 400
	for i := range rollouts {
		plan, err := engine.Compile(fmt.Sprint("r", i), engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2"}, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		var e, r, le, lr float64
		lot := draw.Perm(150)
		for at, tenant := range plan.Tenants[:15] {
			e, r = e+float64(tenant.PriorErrors), r+float64(tenant.PriorRequests)
			other := snapshot.Tenants[lot[at]]
			le, lr = le+float64(other.PriorErrors), lr+float64(other.PriorRequests)
		}
		all := errors / requests
		chosen += (e/r/all - 1) * (e/r/all - 1) / rollouts
		drawn += (le/lr/all - 1) * (le/lr/all - 1) / rollouts
		traffic += r / requests / rollouts
	}
	t.Logf("error rate of the first 15 of 150 tenants against all, root mean square: %.1f %% off, by lot %.1f %%; they send %.1f %% of the traffic",
		100*math.Sqrt(chosen), 100*math.Sqrt(drawn), 100*traffic)
	if chosen > drawn/2 {
		t.Errorf("variance %.4f, by lot %.4f: want at most half", chosen, drawn)
	}
	if math.Abs(traffic-0.1) > 0.01 {
		t.Errorf("the first tenth of the tenants sends %.3f of the traffic", traffic)
	}
}

// TestPlansLeaveOutWhatIsComing makes a plan while one instance comes up: beside
// others that serve, what it will serve is not known, and it is in no plan. Where
// nobody serves yet, or the version is there already, there is nothing to confuse.
func TestPlansLeaveOutWhatIsComing(t *testing.T) {
	for _, test := range []struct {
		before string
		want   int
	}{{"1.5.0", 3}, {"", 4}, {"1.6.0", 1}} {
		f := enginetest.NewFleet(engine.Production, "gateway", 4, 20, test.before, 100)
		snapshot := f.Snapshot()
		coming := &snapshot.Instances[2]
		coming.Default, coming.Installed, coming.Ready = "", nil, false
		for _, strategy := range []engine.Strategy{engine.Direct, engine.Canary, engine.Rolling} {
			plan, err := engine.Compile("r", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0", Strategy: strategy}, snapshot)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(plan.Instances); n != test.want {
				t.Errorf("%s over %q has %d instances, want %d", strategy, test.before, n, test.want)
			}
		}
	}
}
