package simulator

import (
	"math"
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
	want := 150 / w.traffic.Roster().Total()
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
