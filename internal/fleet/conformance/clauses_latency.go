package conformance

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func latencyClauses() []Clause {
	needs := []engine.Capability{engine.CanTraffic, engine.CanLatency}
	after := []string{"traffic.counts"}
	return []Clause{
		{ID: "latency.slower", Says: "`slower` has a number for each of `bounds`, none greater than the one before, nor than all requests.", Needs: needs, After: after, try: (*trial).slower},
		{ID: "latency.histogram", Says: "A histogram has a number for each of its bounds, which ascend, none greater than the one before.", Needs: needs, After: after, try: (*trial).histogram},
		{ID: "latency.mean", Says: "A mean is a sum and of how many values; of latencies no more than there are requests.", Needs: needs, After: after, try: (*trial).mean},
	}
}

func byTenantClauses() []Clause {
	needs := []engine.Capability{engine.CanTraffic, engine.CanByTenant}
	after := []string{"traffic.counts"}
	return []Clause{
		{ID: "by_tenant.sum", Says: "The tenants of an arm have all together what the arm has, but for what is rounded.", Needs: needs, After: after, try: (*trial).tenantSum},
		{ID: "by_tenant.once", Says: "Each tenant is on one page of the answer, once in an arm.", Needs: needs, After: after, try: (*trial).tenantOnce},
		{ID: "by_tenant.worst", Says: "`worst` is a tenant with at least 20 requests.", Needs: needs, After: after, try: (*trial).worst},
		{ID: "tenants_seen.count", Says: "`tenants` is how many sent at least one request: no more than there are.", Needs: []engine.Capability{engine.CanTraffic, engine.CanTenants, engine.CanTenantsSeen}, After: after, try: (*trial).tenantsSeen},
	}
}

// falls says whether none of the counts is greater than the one before.
func falls(n []int64) bool {
	return slices.IsSortedFunc(n, func(a, b int64) int { return int(min(1, max(-1, b-a))) })
}

func (t *trial) slower() {
	q := t.ofAll([]string{"counts", "slower"})
	m := t.measure(q).Baseline
	t.must(len(m.Slower) == len(q.Bounds), "there are %d numbers, and %d bounds were asked for", len(m.Slower), len(q.Bounds))
	t.must(falls(m.Slower) && (len(m.Slower) == 0 || m.Slower[0] <= m.Requests), "slower than %v are %v of %d requests", q.Bounds, m.Slower, m.Requests)
}

func (t *trial) histogram() {
	m := t.measure(t.ofAll([]string{"counts", "histogram"})).Baseline
	h := m.Histogram
	t.must(len(h.Bounds) > 0 && len(h.Bounds) == len(h.Slower), "there are %d bounds and %d numbers", len(h.Bounds), len(h.Slower))
	t.must(slices.IsSorted(h.Bounds) && falls(h.Slower) && h.Slower[0] <= m.Requests, "slower than %v are %v of %d requests", h.Bounds, h.Slower, m.Requests)
}

func (t *trial) mean() {
	m := t.measure(t.ofAll([]string{"counts", "means"})).Baseline
	t.must(m.Latency.Count > 0 && m.Latency.Count <= m.Requests && m.Latency.Sum > 0 && !math.IsInf(m.Latency.Sum, 0), "latencies of %d requests are %g in all, of %d", m.Requests, m.Latency.Sum, m.Latency.Count)
}

func (t *trial) tenantSum() {
	m := t.measure(t.ofAll(byTenant)).Baseline
	var requests, errors int64
	for _, of := range m.PerTenant {
		requests, errors = requests+of.Requests, errors+of.Errors
	}
	t.must(requests <= m.Requests && requests >= m.Requests-m.Requests/50 && errors <= m.Errors, "the tenants have %d requests and %d errors, and the arm %d and %d", requests, errors, m.Requests, m.Errors)
}

func (t *trial) tenantOnce() {
	m := t.measure(t.ofAll(byTenant))
	for _, arm := range []contract.Measurement{m.Candidate, m.Baseline} {
		seen := map[string]bool{}
		for _, of := range arm.PerTenant {
			t.must(!seen[of.Tenant], "tenant %q is there twice", of.Tenant)
			seen[of.Tenant] = true
		}
	}
}

// leastOfWorst is how many requests a tenant needs to be the worst.
const leastOfWorst = 20

func (t *trial) worst() {
	w := t.measure(t.ofAll([]string{"counts", "tenants"})).Baseline.Worst
	t.must(w == nil || w.Requests >= leastOfWorst && w.Errors <= w.Requests, "the worst is %+v", w)
}

func (t *trial) tenantsSeen() {
	m := t.measure(t.ofAll([]string{"counts", "tenants"})).Baseline
	t.must(m.Tenants >= 1 && m.Tenants <= len(t.box.tenants), "%d tenants sent requests, of %d", m.Tenants, len(t.box.tenants))
}
