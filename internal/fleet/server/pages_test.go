package server_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// pages reads a list to its end.
func pages[T any](t *testing.T, r *rig, path string, between func()) (all []T, sizes []int) {
	t.Helper()
	for cursor := ""; ; {
		page := read[contract.Page[T]](t, r.want(t, 200, "GET", path+"&cursor="+url.QueryEscape(cursor), ""))
		all, sizes = append(all, page.Items...), append(sizes, len(page.Items))
		if cursor = page.Next; cursor == "" {
			return all, sizes
		}
		between()
	}
}

// TestPages reads lists page by page while the fleet changes: they are of one moment.
func TestPages(t *testing.T) {
	r := newRig(t, nil)
	want := r.world.Snapshot()
	p := r.plan(t, "r1", "1.6.0")
	pin := func() {
		o := engine.Order{Rollout: "r1", Seq: 1, Change: engine.Change{Kind: engine.Pin, Version: "1.5.0"}, Tenants: p.Tenants}
		if err := r.world.Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	tenants, sizes := pages[contract.Tenant](t, r, base+"/tenants?limit=100", pin)
	if !slices.Equal(tenants, want.Tenants) || len(sizes) != 22 || sizes[0] != 7 || sizes[21] != 3 {
		t.Errorf("%d tenants, in pages of %v", len(tenants), sizes)
	}
	instances, sizes := pages[contract.Instance](t, r, base+"/instances?limit=5", pin)
	if len(instances) != 10 || instances[9].ID != want.Instances[9].ID || fmt.Sprint(sizes) != "[5 5]" {
		t.Errorf("%+v, in pages of %v", instances, sizes)
	}
}

// TestExpired reads on where the list is not kept any more, or never was.
func TestExpired(t *testing.T) {
	r := newRig(t, nil)
	next := func() string {
		return read[contract.Page[contract.Tenant]](t, r.want(t, 200, "GET", base+"/tenants", "")).Next
	}
	old := next()
	r.refused(t, refusal{reason: contract.InvalidRequest, method: "GET", path: base + "/instances?cursor=" + old, says: "not a cursor of this list"})
	r.now = 4 * time.Minute
	r.want(t, 200, "GET", base+"/tenants?cursor="+old, "")
	r.now = 8 * time.Minute // within five of the last page
	r.want(t, 200, "GET", base+"/tenants?cursor="+old, "")
	for range 64 { // as many lists as there is room for
		next()
	}
	r.refused(t, refusal{reason: contract.SnapshotExpired, method: "GET", path: base + "/tenants?cursor=" + old})
	young := next()
	r.now = 14 * time.Minute
	r.refused(t, refusal{reason: contract.SnapshotExpired, method: "GET", path: base + "/tenants?cursor=" + young})
}

// TestMeasured asks by tenant: the pages together are the whole answer.
func TestMeasured(t *testing.T) {
	r := newRig(t, nil)
	q := contract.Question{
		Version: "1.6.0", From: r.world.Now().Add(-5 * time.Minute), To: r.world.Now(), Baseline: []string{"counts", "slower", "minutes", "histogram", "means", "tenants", "by_tenant", "of a newer client"},
		Bounds: []float64{100, 200},
	}
	first := read[contract.Answer](t, r.want(t, 200, "POST", base+"/measurements", text(q)))
	m := first.Baseline
	if m.Requests < 40_000 || len(m.Slower) != 2 || len(m.Minutes) == 0 || len(m.Histogram.Bounds) == 0 || m.Latency.Count != m.Requests-m.Timeouts && m.Latency.Count == 0 || m.Tenants != 150 || len(m.PerTenant) != 7 {
		t.Errorf("%+v", first)
	}
	seen, requests := map[string]bool{}, int64(0)
	for answer := first; ; {
		for _, tenant := range answer.Baseline.PerTenant {
			seen[tenant.Tenant], requests = true, requests+tenant.Requests
		}
		if answer.Next == "" {
			break
		}
		q.Cursor = answer.Next
		answer = read[contract.Answer](t, r.want(t, 200, "POST", base+"/measurements", text(q)))
		if answer.Baseline.Requests != m.Requests || answer.Baseline.Minutes != nil {
			t.Fatalf("a later page: %+v", answer.Baseline)
		}
	}
	if len(seen) != 150 || requests != m.Requests {
		t.Errorf("%d tenants sent %d of %d requests", len(seen), requests, m.Requests)
	}
	q.Version = "1.5.0"
	r.refused(t, refusal{reason: contract.InvalidRequest, method: "POST", path: base + "/measurements", body: text(q), says: "not a cursor of this list"})
}

// TestLeftOut leaves out what was not asked for, and what cannot be counted.
func TestLeftOut(t *testing.T) {
	r := newRig(t, func(_ *rig, cfg *simulator.Config, _ *server.World) {
		cfg.Can = map[engine.Capability]bool{engine.CanConversions: false, engine.CanSatisfaction: false}
		cfg.Faults = []simulator.Fault{{Kind: simulator.MetricsNaN, Absolute: true}}
	})
	at := r.world.Now()
	ask := func(want ...string) string {
		q := contract.Question{Version: "1.6.0", From: at.Add(-5 * time.Minute), To: at, Baseline: want}
		return r.want(t, 200, "POST", base+"/measurements", text(q)).Body.String()
	}
	for _, field := range []string{"latency", "conversions", "tenants", "minutes", "perTenant"} {
		if got := ask("counts"); strings.Contains(got, field) {
			t.Errorf("%s was not asked for: %s", field, got)
		}
	}
	got := ask("means", "tenants")
	for _, field := range []string{"latency", "conversions", "satisfaction"} { // the first one is no number
		if strings.Contains(got, field) {
			t.Errorf("%s cannot be counted: %s", field, got)
		}
	}
	if !strings.Contains(got, `"tenants":150`) {
		t.Error(got)
	}
}
