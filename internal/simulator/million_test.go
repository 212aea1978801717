package simulator

import (
	"runtime"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A day of an A/B test over a million tenants, whole, allocates no more than so many bytes for
// each of them. The lists that are handed over take 240 of those: tenants, and what each did in the
// test and in the day before it.
func TestMillionTenantsInBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const bound = 496
	cfg := installed(DefaultConfig())
	cfg.Tenants = 1_000_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rollOut(t, cfg, to(engine.ABTesting))
	runtime.ReadMemStats(&after)
	if each := float64(after.TotalAlloc-before.TotalAlloc) / float64(cfg.Tenants); each > bound {
		t.Errorf("%.1f bytes are allocated for each tenant, more than %d", each, bound)
	}
}
