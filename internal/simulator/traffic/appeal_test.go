package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance/chancetest"
)

// A spread of the tenants' conversion rates bites: the rates differ as much as was
// asked for, each tenant's stays what it was, and neither their mean nor how often
// tenants err has anything to do with it.
func TestTenantsConvertUnlike(t *testing.T) {
	for _, perSecond := range []float64{60, 3000} { // few requests of each tenant in a window, and many
		cfg, does := usual()
		tell := func() (mean float64, before, after, errors []float64) {
			f := flowOf(cfg, does, perSecond, 24*time.Hour)
			during := func(from, to time.Duration) engine.Measurement {
				m := ask(f, oldArm, from, to, byTenant)
				sum := int64(0)
				for _, c := range m.PerTenant {
					sum += c.Conversions
				}
				if sum != m.Conversions {
					t.Errorf("the tenants have %d conversions, and there are %d", sum, m.Conversions)
				}
				return m
			}
			then, now := during(-24*time.Hour, 0), during(0, 24*time.Hour)
			for i := range then.PerTenant {
				b, a := &then.PerTenant[i], &now.PerTenant[i]
				before = append(before, float64(b.Conversions)/float64(b.Requests))
				after = append(after, float64(a.Conversions)/float64(a.Requests))
				errors = append(errors, float64(a.Errors)/float64(a.Requests))
			}
			return float64(now.Conversions) / float64(now.Requests), before, after, errors
		}
		alike, before, after, _ := tell()
		if v, r := chancetest.Variation(after), chancetest.Correlation(before, after); v > 0.05 || math.Abs(r) > 0.3 {
			t.Errorf("%g per second, alike: they vary by %.3f, and correlate by %.3f", perSecond, v, r)
		}
		cfg.TenantErrorSpread, cfg.TenantConversionSpread = 0.83, 1.06
		unlike, before, after, errors := tell()
		if math.Abs(unlike/alike-1) > 0.1 { // by chance: 150 tenants of uneven traffic
			t.Errorf("%g per second: unlike tenants convert %.4f, and alike ones %.4f", perSecond, unlike, alike)
		}
		if v := chancetest.Variation(after); math.Abs(v-1.3) > 0.05 { // of 150 tenants: of very many by 1.44
			t.Errorf("%g per second: the rates vary by %.3f, and should by 1.3", perSecond, v)
		}
		if r := chancetest.Correlation(before, after); r < 0.97 {
			t.Errorf("%g per second: before and after correlate by %.3f", perSecond, r)
		}
		if r := chancetest.Correlation(after, errors); math.Abs(r) > 0.25 {
			t.Errorf("%g per second: conversions and errors correlate by %.3f", perSecond, r)
		}
	}
}
