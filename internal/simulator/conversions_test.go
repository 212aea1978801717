package simulator

import (
	"math"
	"testing"
	"time"
)

// Given how many of its requests succeed, a tenant's conversions are binomial, with its
// own rate, and those of tenants have nothing to do with each other: the residuals in
// units of their deviations have a variance of 1, and their sum one of their number.
func TestConversionsAreBinomial(t *testing.T) {
	for _, rate := range []float64{0.03, 0.5, 0.98} {
		var one, all, n float64
		for seed := range int64(30) {
			cfg := behaves(installed(DefaultConfig()), func(*Behaviour) {})
			b := DefaultBehaviour()
			b.ConversionRate = rate
			cfg.Versions["1.5.0"] = b
			cfg.Seed, cfg.Tenants, cfg.TenantConversionSpread, cfg.TenantErrorSpread = seed+1, 60, 1.06, 0.5
			w := enrolled(t, cfg)
			w.RunUntil(epoch.Add(time.Hour))
			m := ask(t, w, oldArm, epoch, w.Now(), byTenant)
			rates := w.roster.appeals.levelled(rate, 1)
			sum, counted := 0.0, 0.0
			for i, c := range m.PerTenant {
				p, succeed := rates[w.roster.appeal[i]], float64(c.Requests-c.Errors-c.Timeouts)
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
