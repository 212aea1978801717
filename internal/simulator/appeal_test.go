package simulator

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A spread of the tenants' conversion rates bites: the rates differ as much as was
// asked for, each tenant's stays what it was, and neither their mean nor how often
// tenants err has anything to do with it.
func TestTenantsConvertUnlike(t *testing.T) {
	for _, perSecond := range []float64{60, 3000} { // few requests of each tenant in a window, and many
		cfg := installed(DefaultConfig())
		cfg.RequestsPerSecond = perSecond
		tell := func(cfg Config) (mean float64, before, after, errors []float64) {
			w, err := NewWorld(cfg, engine.Production, stripe)
			if err != nil {
				t.Fatal(err)
			}
			w.RunUntil(epoch.Add(24 * time.Hour))
			during := func(from, to time.Duration) engine.Measurement {
				m := ask(t, w, oldArm, epoch.Add(from), epoch.Add(to), byTenant)
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
		alike, before, after, _ := tell(cfg)
		if v, r := variation(after), correlation(before, after); v > 0.05 || math.Abs(r) > 0.3 {
			t.Errorf("%g per second, alike: they vary by %.3f, and correlate by %.3f", perSecond, v, r)
		}
		cfg.TenantErrorSpread, cfg.TenantConversionSpread = 0.83, 1.06
		unlike, before, after, errors := tell(cfg)
		if math.Abs(unlike/alike-1) > 0.1 { // by chance: 150 tenants of uneven traffic
			t.Errorf("%g per second: unlike tenants convert %.4f, and alike ones %.4f", perSecond, unlike, alike)
		}
		if v := variation(after); math.Abs(v-1.3) > 0.05 { // of 150 tenants: of very many by 1.44
			t.Errorf("%g per second: the rates vary by %.3f, and should by 1.3", perSecond, v)
		}
		if r := correlation(before, after); r < 0.97 {
			t.Errorf("%g per second: before and after correlate by %.3f", perSecond, r)
		}
		if r := correlation(after, errors); math.Abs(r) > 0.25 {
			t.Errorf("%g per second: conversions and errors correlate by %.3f", perSecond, r)
		}
	}
}

// The tenants that a version serves decide how often its requests convert.
func TestConversionsFollowTheirTenants(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.TenantConversionSpread, cfg.RequestsPerSecond = 1.06, 1500
	w, plan := canaryAtMinute(t, cfg)
	w.RunUntil(epoch.Add(2 * time.Hour))
	m := measure(t, w, plan, newArm, time.Minute, 2*time.Hour)
	weight, share := 0.0, 0.0
	for i, pin := range w.Pins {
		if w.Names[pin] == "1.6.0" {
			weight += w.roster.weight(i)
			share += w.roster.weight(i) * w.roster.appeals.values[w.roster.appeal[i]]
		}
	}
	want := 0.03 * 0.99 * share / weight
	got := float64(m.Conversions) / float64(m.Requests)
	if sd := math.Sqrt(want / float64(m.Requests)); math.Abs(got-want) > 5*sd {
		t.Errorf("%.5f of the canary's requests convert, and by its tenants %.5f should", got, want)
	}
}
