package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Given how many of its requests succeed, a tenant's conversions are binomial, with its
// own rate, and those of tenants have nothing to do with each other: the residuals in
// units of their deviations have a variance of 1, and their sum one of their number.
func TestConversionsAreBinomial(t *testing.T) {
	for _, rate := range []float64{0.03, 0.5, 0.98} {
		var one, all, n float64
		for seed := range int64(30) {
			cfg, does := usual()
			does.ConversionRate = rate
			cfg.Seed, cfg.Tenants, cfg.TenantConversionSpread, cfg.TenantErrorSpread = seeded(seed+1), 60, 1.06, 0.5
			f := flowOf(cfg, does, 150, time.Hour)
			m := ask(f, oldArm, 0, time.Hour, byTenant)
			rates := f.roster.appeals.levelled(rate, 1)
			sum, counted := 0.0, 0.0
			for i, c := range m.PerTenant {
				p, succeed := rates[f.roster.appeal[i]], float64(c.Requests-c.Errors-c.Timeouts)
				if p == 1 || succeed*p*(1-p) < 1 {
					continue
				}
				off := (float64(c.Conversions) - succeed*p) / math.Sqrt(succeed*p*(1-p))
				one, sum, counted = one+off*off, sum+off, counted+1
			}
			all, n = all+sum*sum, n+counted
		}
		if got, sd := one/n, math.Sqrt(2/n); math.Abs(got-1) > 4*sd {
			t.Errorf("rate %g: the variance of a tenant's residual is %.3f", rate, got)
		}
		if got := all / n; got < 0.35 || got > 2.2 {
			t.Errorf("rate %g: the variance of their sum is %.3f of what independent ones have", rate, got)
		}
	}
}

// The tenants that a version serves decide how often its requests convert.
func TestConversionsFollowTheirTenants(t *testing.T) {
	cfg, does := usual()
	cfg.TenantConversionSpread = 1.06
	f := flowOf(cfg, does, 1500, 2*time.Hour)
	luck := chance.StreamOf(5, chance.ForSwarm)
	some := map[int]bool{}
	serveSome(f, time.Minute, func(t int) bool {
		some[t] = luck.Below(20) == 0
		return some[t]
	})
	m := ask(f, newArm, time.Minute, 2*time.Hour, byTenant)
	weight, share := 0.0, 0.0
	for i := range cfg.Tenants {
		if some[i] {
			weight += f.roster.Weight(i)
			share += f.roster.Weight(i) * f.roster.appeals.values[f.roster.appeal[i]]
		}
	}
	want := 0.03 * 0.99 * share / weight
	got := float64(m.Conversions) / float64(m.Requests)
	if sd := math.Sqrt(want / float64(m.Requests)); math.Abs(got-want) > 5*sd {
		t.Errorf("%.5f of the requests of a few convert, and by its tenants %.5f should", got, want)
	}
}
