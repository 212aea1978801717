package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestArmsAreStrainedAlike: in a bad minute those that err the most cannot err more, which is
// theirs alone: tenants that err alike do so in two arms that do the same, whoever is with them.
func TestArmsAreStrainedAlike(t *testing.T) {
	cfg, does := usual()
	cfg.Tenants, cfg.TenantErrorSpread, cfg.MinuteNoise = 400, 1.27, 0.5
	does.ErrorRate = 0.12
	const length = 3 * time.Hour
	f := flowOf(cfg, does, 4000, 0)
	tempers := len(f.roster.tempers.values)
	serveSome(f, 0, func(tenant int) bool { // those that err the most, and every fourth of the others
		return f.roster.temperOf(tenant) > tempers/2 || tenant%4 == 0
	})
	f.fleet.(*still).now = int64(length)
	errors, requests := make([][2]float64, tempers), make([][2]float64, tempers)
	for arm, of := range []Arm{oldArm, newArm} {
		for _, c := range ask(f, of, 0, length, engine.WantByTenant).PerTenant {
			tenant, _ := f.roster.Find(c.Tenant)
			temper := f.roster.temperOf(tenant)
			errors[temper][arm] += float64(c.Errors)
			requests[temper][arm] += float64(c.Requests)
		}
	}
	compared := 0
	for temper := range tempers {
		e, n := errors[temper], requests[temper]
		if n[0] == 0 || n[1] == 0 {
			continue
		}
		compared++
		p := (e[0] + e[1]) / (n[0] + n[1])
		apart := (e[0]/n[0] - e[1]/n[1]) / math.Sqrt(p*(1-p)*(1/n[0]+1/n[1]))
		if math.Abs(apart) > 4 {
			t.Errorf("tenants that fail %.2g of their requests as a rule: %.4f in the old arm and %.4f in the new one, %.1f deviations apart",
				f.madeOf(2).rates[temper], e[0]/n[0], e[1]/n[1], apart)
		}
	}
	if compared < 5 {
		t.Errorf("only %d kinds of tenants were in both arms", compared)
	}
}
