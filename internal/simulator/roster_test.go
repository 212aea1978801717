package simulator

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func enrolled(t *testing.T, cfg Config) *World {
	t.Helper()
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// What tenants send is log-normal up to the largest of them, whatever their number.
func TestWeightsAreLogNormal(t *testing.T) {
	for _, tenants := range []int{20, 150, 1000, 100_000} {
		cfg := installed(DefaultConfig())
		cfg.Tenants, cfg.TenantSpread = tenants, 1.5
		w := enrolled(t, cfg)
		weights := make([]float64, tenants)
		for i := range weights {
			weights[i] = w.roster.weight(i)
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

// A list gives the first tenants their weights.
func TestWeightsAreListed(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.TenantWeights = []float64{150, 0.25, 7.3, 0.25}
	w := enrolled(t, cfg)
	for i, want := range cfg.TenantWeights {
		if got := w.Snapshot().Tenants[i].Weight; got != want {
			t.Errorf("tenant %d weighs %g, not %g", i, got, want)
		}
	}
	w.RunUntil(epoch.Add(time.Hour))
	m := ask(t, w, oldArm, epoch, w.Now(), byTenant)
	want := 150 / w.roster.total
	if got := float64(m.PerTenant[0].Requests) / float64(m.Requests); math.Abs(got/want-1) > 0.01 {
		t.Errorf("the whale sends %.4f of all, not %.4f", got, want)
	}
	cfg.Tenants, cfg.TenantWeights = 2, []float64{1, 0, math.Inf(1)}
	err := cfg.Validate()
	for _, want := range []string{
		"simulated.tenant_weights: 3 weights are more than there are tenants, 2",
		"simulated.tenant_weights[1]: 0 is not in 0.000001..1000000",
		"simulated.tenant_weights[2]: +Inf is not in 0.000001..1000000",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// However unlike tenants are, and however often a version errs, as many requests fail as
// were asked for.
func TestUnlikeTenantsErrAsOftenInAll(t *testing.T) {
	for _, rate := range []float64{0.01, 0.3, 0.7, 0.95} {
		for _, spread := range []float64{0, 1.06, 2} {
			cfg := behaves(installed(DefaultConfig()), func(*Behaviour) {})
			b := DefaultBehaviour()
			b.ErrorRate, b.TimeoutRate, b.ConversionRate = rate, 0.05, rate
			cfg.Versions["1.5.0"] = b
			cfg.TenantSpread, cfg.TenantErrorSpread, cfg.TenantConversionSpread = 0, spread, spread
			w := enrolled(t, cfg)
			w.RunUntil(epoch.Add(time.Hour))
			m := ask(t, w, oldArm, epoch, w.Now(), engine.WantCounts|engine.WantMeans)
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
