package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
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
	pairs := meanwhile.Do(func() []Pair { return pairsOf(g, arms, r.plan.Tenants[:r.plan.Movable]) })
	e.Expected = r.expectedOf(&a)
	q.Candidate, q.From, q.To = 0, r.state.Started.Add(-beforeTest), r.state.Started
	var before []TenantCount
	if r.measure(ctx, &q, &a) == nil {
		before = a.Baseline.PerTenant
	}
	e.Pairs, e.Lots = pairs(), r.plan.newLots(g.Compare)
	remember(e.Pairs, before)
}

// pairsOf are those of the tenants to whom the test of g gave their variant by chance. Nothing can
// be told from the others: who joined since is served by A, who is pinned by somebody else by what
// that is, and both may be unlike those.
func pairsOf(g *Gate, arms [2][]TenantCount, tenants []Tenant) []Pair {
	list := newDirectory(tenants)
	pairs := make([]Pair, 0, min(len(tenants), len(arms[0])+len(arms[1])))
	var places [abreast]int32
	for arm, counts := range arms {
		for part := range slices.Chunk(counts, abreast) {
			list.find(part, &places)
			for i := range part {
				if at := places[i]; at >= 0 && armOf(int(at) < g.Compare.TenantsB) == arm {
					pairs = append(pairs, Pair{B: arm == 1, At: at, Now: &part[i]})
				}
			}
		}
	}
	return pairs
}

// remember puts what tenants did before beside what they do now.
func remember(pairs []Pair, before []TenantCount) {
	before = byName(before)
	meanwhile.Halves(len(pairs), func(from, to int) {
		find := finder(before)
		for i := from; i < to; i++ {
			if was := find(pairs[i].Now.Tenant); was != nil && was.Requests > 0 {
				pairs[i].Before = was
			}
		}
	})
}

// byName is a list in the order of the names.
func byName(list []TenantCount) []TenantCount {
	compare := func(a, b TenantCount) int { return strings.Compare(a.Tenant, b.Tenant) }
	if !slices.IsSortedFunc(list, compare) {
		list = slices.Clone(list)
		slices.SortFunc(list, compare)
	}
	return list
}

// finder finds tenants in a list that is in the order of their names; nil: it is not there. It is
// quick where they are asked for in that order.
func finder(list []TenantCount) func(name string) *TenantCount {
	at := -1
	return func(name string) *TenantCount {
		if at < 0 || at == len(list) || name < list[at].Tenant {
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
