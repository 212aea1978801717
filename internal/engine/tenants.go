package engine

import (
	"context"
	"slices"
	"strings"
	"time"
)

// beforeTest is how far an A/B test looks back for each tenant's own time before.
const beforeTest = 24 * time.Hour

// byTenant adds to e what decides an A/B test that is over: the errors to be expected of
// each arm, and the tenants with all that came of them. It is dear.
func (r *Runner) byTenant(ctx context.Context, g *Gate, e *Evidence, q Question) {
	q.Candidate = WantCounts | WantByTenant | WantMeans
	q.TenantBound = e.Baseline.percentile() * (1 + g.Margin)
	if bound, ok := boundAbove(r.plan.Pace.LatencyBounds, q.TenantBound); !ok || !finite(bound) {
		q.TenantBound = 0
	} else {
		q.TenantBound = bound
	}
	q.Baseline = q.Candidate
	var a Answer
	if r.measure(ctx, &q, &a) != nil || a.Baseline.PerTenant == nil || a.Candidate.PerTenant == nil {
		return
	}
	arms := [2][]TenantCount{a.Baseline.PerTenant, a.Candidate.PerTenant}
	e.Expected = r.expectedOf(&a)
	q.Candidate, q.From, q.To = 0, r.state.Started.Add(-beforeTest), r.state.Started
	var before []TenantCount
	if r.measure(ctx, &q, &a) == nil {
		before = a.Baseline.PerTenant
	}
	e.Pairs, e.Lots = r.pairsOf(g, arms, before), r.plan.newLots(g.Compare)
}

// pairsOf are the tenants to whom the test of g gave their variant by chance, what each does now
// beside what it did before. Nothing can be told from the others: who joined since is served by
// A, who is pinned by somebody else by what that is, and both may be unlike those.
func (r *Runner) pairsOf(g *Gate, arms [2][]TenantCount, before []TenantCount) []Pair {
	list, find := newDirectory(r.plan.Tenants[:r.plan.Movable]), finder(before)
	pairs := make([]Pair, 0, min(len(list.tenants), len(arms[0])+len(arms[1])))
	for arm, counts := range arms {
		for i := range counts {
			now := &counts[i]
			at := list.find(now.Tenant)
			if given := armOf(at < g.Compare.TenantsB); at < 0 || given != arm {
				continue
			}
			p := Pair{B: arm == 1, At: int32(at), Now: now}
			if was := find(now.Tenant); was != nil && was.Requests > 0 {
				p.Before = was
			}
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// finder finds tenants in a list by their names; nil: it is not there. It is quick where
// the list is in the order of the names and they are asked for in that order.
func finder(list []TenantCount) func(name string) *TenantCount {
	byName := func(a, b TenantCount) int { return strings.Compare(a.Tenant, b.Tenant) }
	if !slices.IsSortedFunc(list, byName) {
		list = slices.Clone(list)
		slices.SortFunc(list, byName)
	}
	at := 0
	return func(name string) *TenantCount {
		if at == len(list) || at > 0 && name < list[at].Tenant {
			at, _ = slices.BinarySearchFunc(list, name, func(t TenantCount, name string) int { return strings.Compare(t.Tenant, name) })
		}
		for at < len(list) && list[at].Tenant < name {
			at++
		}
		if at < len(list) && list[at].Tenant == name {
			return &list[at]
		}
		return nil
	}
}
