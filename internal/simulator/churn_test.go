package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Tenants come and go: about as many are there at any time, the share of them that was
// asked for is replaced in a day, and who is not there sends nothing and is not listed.
func TestTenantsComeAndGo(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.TenantChurn, cfg.TenantSpread, cfg.TenantWeights = 200, 0.25, 0, []float64{50}
	cfg.RequestsPerSecond = 600
	w := enrolled(t, cfg)
	listed := func() map[string]engine.Tenant {
		all := map[string]engine.Tenant{}
		for _, tenant := range w.Snapshot().Tenants {
			all[tenant.ID] = tenant
		}
		return all
	}
	first := listed()
	newcomers, fewer := 0, 0
	for id, tenant := range first {
		switch {
		case tenant.PriorRequests == 0:
			newcomers++
		case tenant.PriorRequests < 600*86400/250/2:
			fewer++
		}
		if tenant.PriorRequests == 0 && id == "tenant-001" {
			t.Error("a tenant whose weight is listed comes and goes")
		}
	}
	if newcomers > 6 || fewer < 12 || fewer > 45 {
		t.Errorf("%d tenants have no day before, and %d less than half of one", newcomers, fewer)
	}
	replaced := 0
	for day := 1; day <= 4; day++ {
		before := listed()
		w.RunUntil(epoch.Add(time.Duration(day) * 24 * time.Hour))
		now := listed()
		if len(now) < 198 || len(now) > 202 {
			t.Errorf("day %d: there are %d tenants", day, len(now))
		}
		for id := range before {
			if _, still := now[id]; !still {
				replaced++
			}
		}
	}
	if replaced < 185 || replaced > 215 {
		t.Errorf("%d of 200 tenants were replaced in 4 days, and should be 200", replaced)
	}
	now := listed()
	m := ask(t, w, oldArm, w.Now().Add(-5*time.Minute), w.Now(), byTenant)
	for _, c := range m.PerTenant {
		if _, there := now[c.Tenant]; !there && w.traffic.Roster().Here(mustFind(t, w, c.Tenant), int64(96*time.Hour)-int64(6*time.Minute)) == false {
			t.Errorf("%s sends, and is not there", c.Tenant)
		}
	}
	if len(m.PerTenant) < 195 || float64(m.Requests) < 0.95*600*300 || float64(m.Requests) > 1.05*600*300 {
		t.Errorf("%d tenants sent %d requests", len(m.PerTenant), m.Requests)
	}
	data, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	other, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(epoch.Add(120 * time.Hour))
	other.RunUntil(epoch.Add(120 * time.Hour))
	if a, b := fmt.Sprint(w.Snapshot()), fmt.Sprint(other.Snapshot()); a != b {
		t.Error("saved and loaded, others come and go")
	}
}

func mustFind(t *testing.T, w *World, id string) int {
	t.Helper()
	i, ok := w.traffic.Roster().Find(id)
	if !ok {
		t.Fatal(id)
	}
	return i
}

// A tenant that comes while a rollout runs is in nobody's plan, and is served as its
// instance serves by default; rollouts of every strategy come to their end all the same.
func TestRolloutsWhileTenantsComeAndGo(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		cfg := installed(DefaultConfig())
		cfg.TenantChurn = 1
		r := begin(t, cfg, to(strategy))
		r.drive()
		s := r.runner.State()
		want := engine.Succeeded
		if strategy == engine.ABTesting {
			want = engine.Retained
		}
		if s.Outcome != want {
			t.Errorf("%s: %s", strategy, s)
		}
	}
}

// Room for tenants that come and go has an end.
func TestChurnNeedsRoom(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.TenantChurn = 200_000, 1
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "simulated.tenant_churn: 1 needs room for 1600000 tenants") {
		t.Error(err)
	}
	cfg.TenantChurn = 3
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "simulated.tenant_churn: 3 is not in 0..1") {
		t.Error(err)
	}
}
