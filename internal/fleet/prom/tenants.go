package prom

import (
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// leastWorst is how many requests a tenant needs to be the one that fares worst.
const leastWorst = 20

// tenants counts an arm's requests tenant by tenant.
func (w *work) tenants(m *engine.Measurement, want engine.Want, baseline bool) {
	requests := w.m.fs[queryTenantRequests]
	if requests == nil {
		return
	}
	all := map[string]*engine.TenantCount{}
	w.byTenant(requests, baseline, func(t *engine.TenantCount, k cellKey, n float64) {
		c := whole(n)
		t.Requests += c
		switch {
		case requests.by == "":
		case k.part == OutcomeError:
			t.Errors += c
		case k.part == OutcomeTimeout:
			t.Timeouts += c
		}
	}, all)
	w.byTenant(w.m.fs[queryTenantErrors], baseline, func(t *engine.TenantCount, _ cellKey, n float64) { t.Errors += whole(n) }, all)
	w.byTenant(w.m.fs[queryTenantTimeouts], baseline, func(t *engine.TenantCount, _ cellKey, n float64) { t.Timeouts += whole(n) }, all)
	list := make([]engine.TenantCount, 0, len(all))
	for _, t := range all {
		if t.Requests > 0 {
			t.Errors = min(t.Errors, t.Requests)
			t.Timeouts = min(t.Timeouts, t.Requests-t.Errors)
			list = append(list, *t)
		}
	}
	slices.SortFunc(list, func(a, b engine.TenantCount) int { return strings.Compare(a.Tenant, b.Tenant) })
	m.Tenants, m.Worst = len(list), worst(list)
	if want&engine.WantByTenant != 0 {
		if want&engine.WantMeans != 0 {
			w.enrich(list, baseline)
		}
		m.PerTenant = list
	}
}

// byTenant calls f with what a follower counted of each tenant of an arm.
func (w *work) byTenant(of *follower, baseline bool, f func(*engine.TenantCount, cellKey, float64), all map[string]*engine.TenantCount) {
	if of == nil {
		return
	}
	for _, k := range of.keys() {
		if !w.has(k.version, baseline) {
			continue
		}
		t := all[k.tenant]
		if t == nil {
			t = &engine.TenantCount{Tenant: k.tenant}
			all[k.tenant] = t
		}
		f(t, k, of.cells[k].between(w.from, w.to))
	}
}

// enrich adds to tenants what there is of them beside requests.
func (w *work) enrich(list []engine.TenantCount, baseline bool) {
	all := make(map[string]*engine.TenantCount, len(list))
	for i := range list {
		all[list[i].Tenant] = &list[i]
	}
	sums := func(query string, f func(*engine.TenantCount, float64)) {
		w.byTenant(w.m.fs[query], baseline, func(t *engine.TenantCount, _ cellKey, n float64) { f(t, n) }, all)
	}
	scale := w.m.inMs()
	sums(queryTenantConversions, func(t *engine.TenantCount, n float64) { t.Conversions += whole(n) })
	sums(queryTenantSatisfaction+"_sum", func(t *engine.TenantCount, n float64) { t.Satisfaction.Sum += n })
	sums(queryTenantSatisfaction+"_count", func(t *engine.TenantCount, n float64) { t.Satisfaction.Count += whole(n) })
	sums(queryTenantDuration+"_sum", func(t *engine.TenantCount, n float64) { t.Latency.Sum += n * scale })
	sums(queryTenantDuration+"_count", func(t *engine.TenantCount, n float64) { t.Latency.Count += whole(n) })
	requests := make(map[string]int64, len(list))
	for i := range list {
		list[i].Conversions = min(list[i].Conversions, list[i].Requests)
		requests[list[i].Tenant] = list[i].Requests
	}
	if w.tenantDuration == nil {
		return
	}
	slower := w.tenantDuration.slower(w, baseline, []float64{w.q.TenantBound}, requests)
	for i := range list {
		if s := slower[list[i].Tenant]; s != nil {
			list[i].Slower = s[0]
		}
	}
}

func rate(t *engine.TenantCount) float64 { return float64(t.Errors) / float64(t.Requests) }

// worst is the tenant with the highest error rate of those with enough requests; the first
// of equals.
func worst(list []engine.TenantCount) *engine.TenantCount {
	var of *engine.TenantCount
	for i := range list {
		t := &list[i]
		if t.Requests >= leastWorst && (of == nil || rate(t) > rate(of)) {
			of = t
		}
	}
	if of == nil {
		return nil
	}
	return &engine.TenantCount{Tenant: of.Tenant, Requests: of.Requests, Errors: of.Errors}
}
