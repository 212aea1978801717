package traffic

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What tenants send is log-normal up to the largest of them, whatever their number.
func TestWeightsAreLogNormal(t *testing.T) {
	for _, tenants := range []int{20, 150, 1000, 100_000} {
		cfg, _ := usual()
		cfg.Tenants, cfg.TenantSpread = tenants, 1.5
		var r Roster
		r.enrol(&cfg)
		weights := make([]float64, tenants)
		for i := range weights {
			weights[i] = r.Weight(i)
		}
		slices.Sort(weights)
		total, lawful := 0.0, 0.0
		law := func(i int) float64 {
			return math.Exp(1.5 * math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(tenants)-1))
		}
		for i, weight := range weights {
			total, lawful = total+weight, lawful+law(i)
		}
		for _, top := range []int{1, 2, 5, tenants / 10, tenants / 2} {
			got, want := 0.0, 0.0
			for i := tenants - top; i < tenants; i++ {
				got, want = got+weights[i]/total, want+law(i)/lawful
			}
			if math.Abs(got/want-1) > 0.05 {
				t.Errorf("the largest %d of %d tenants send %.4f of all, and in law %.4f", top, tenants, got, want)
			}
		}
	}
}

// However unlike tenants are, and however often a version errs, as many requests fail as
// were asked for.
func TestUnlikeTenantsErrAsOftenInAll(t *testing.T) {
	for _, rate := range []float64{0.01, 0.3, 0.7, 0.95} {
		for _, spread := range []float64{0, 1.06, 2} {
			cfg, does := usual()
			does.ErrorRate, does.TimeoutRate, does.ConversionRate = rate, 0.05, rate
			cfg.TenantSpread, cfg.TenantErrorSpread, cfg.TenantConversionSpread = 0, spread, spread
			m := ask(flowOf(cfg, does, 150, time.Hour), oldArm, 0, time.Hour, engine.WantCounts|engine.WantMeans)
			if got := float64(m.Errors) / float64(m.Requests); math.Abs(got-rate) > 5*math.Sqrt(rate/float64(m.Requests)) {
				t.Errorf("rate %g, spread %g: %.4f of the requests fail", rate, spread, got)
			}
			succeed := float64(m.Requests - m.Errors - m.Timeouts)
			if succeed == 0 {
				continue
			}
			if got := float64(m.Conversions) / succeed; math.Abs(got-rate) > 0.01*rate+5*math.Sqrt(rate/succeed) && spread == 0 {
				t.Errorf("rate %g, spread %g: %.4f of those that succeed convert", rate, spread, got)
			}
		}
	}
}
