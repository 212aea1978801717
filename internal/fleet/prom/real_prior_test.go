package prom

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestRealPrior: what a real Prometheus knows of each tenant's day before, whatever version it
// had; nothing of those that it never heard of.
func TestRealPrior(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	everything(e, 0)
	p := real(t, e)
	m, _ := settledMeter(t, p)
	everything(e, 1000)
	list := func() []engine.Tenant { return []engine.Tenant{{ID: "t1"}, {ID: "t2"}, {ID: "t3"}} }
	tenants := list()
	near := func(got, want int64) bool { return got > want*9/10 && got < want*11/10 } // it extrapolates to the ends
	until(t, "the day before", func() bool {
		tenants = list()
		if err := m.Prior(t.Context(), time.Now(), tenants); err != nil {
			t.Fatal(err)
		}
		// Of two versions: 5,000 and 4,000 successes each, 1,000 and 2,000 errors.
		return near(tenants[0].PriorRequests, 12_000) && near(tenants[0].PriorErrors, 2_000) &&
			near(tenants[1].PriorRequests, 12_000) && near(tenants[1].PriorErrors, 4_000)
	})
	if tenants[2].PriorRequests != 0 || tenants[2].PriorErrors != 0 {
		t.Errorf("of a tenant that nobody knows: %+v", tenants[2])
	}
	c, err := m.Capabilities(t.Context(), time.Now())
	if err != nil || !c.Can(engine.CanHistory) {
		t.Errorf("history is lacking: %+v, %v", c, err)
	}
	p.Stop()
	tenants = list()
	if err := m.Prior(t.Context(), time.Now(), tenants); err == nil || tenants[0].PriorRequests != 0 {
		t.Errorf("a Prometheus that is away: %+v, %v", tenants, err)
	}
}
