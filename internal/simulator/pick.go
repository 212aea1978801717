package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// trait is something in which tenants differ, such as their appeal: how likely a
// request is picked by grade of the trait, and the grade of each tenant. Without rates
// all are alike.
type trait struct {
	rates []float64
	of    []uint8
}

// pick takes k of the requests that were not picked yet, each as likely as its
// tenant's rate is high, and tells whose they are.
//
// Most of k are picked as a share of each tenant's requests, and the rest one by one:
// shares that add up to whatever they add up to are as likely as if all had been
// picked one by one.
func (sp *split) pick(s *chance.Stream, k int64, by trait, tell func(tenant int32, n int64)) {
	if k = min(k, sp.free); k <= 0 {
		return
	}
	mark := min(k, sp.free-k)
	sp.got = zeros(sp.got, len(sp.counts))
	left, l := mark, sp.leanOf(by, k, 1)
	if left > int64(len(sp.counts)) || l.later != nil && left > 16 {
		shrink := 1.0
		for left = -1; left < 0; shrink *= 0.9 {
			l, left = sp.leanOf(by, k, shrink), mark
			for at, n := range sp.counts {
				sp.got[at] = chance.Binomial(s, n-sp.taken[at], sp.firstOf(at, &l))
				left -= sp.got[at]
			}
		}
	}
	for left > 0 {
		i := int64(s.Below(uint64(sp.n)))
		at := whose(sp.ends, i)
		if sp.ends[at]-i <= sp.taken[at]+sp.got[at] || !sp.comes(s, at, &l) {
			continue
		}
		sp.got[at]++
		left--
	}
	sp.take(k, mark != k, tell)
}

// take takes the k requests that were picked; others says that those were marked that are not.
func (sp *split) take(k int64, others bool, tell func(tenant int32, n int64)) {
	for at, n := range sp.got {
		if others {
			n = sp.counts[at] - sp.taken[at] - n
		}
		if n > 0 {
			sp.taken[at] += n
			tell(sp.tenants[at], n)
		}
	}
	sp.free -= k
}

// lean says how much likelier some requests are to be picked. Each request has a clock
// that rings at an exponential time, so that by the time 1 as many have rung as fail;
// those that ring first are picked. Most of them are those that ring before a time a
// little earlier; the rest ring one by one.
type lean struct {
	of    []uint8  // the grade of each tenant
	first []uint64 // chance by grade to ring before that time
	later []uint64 // chance to ring next when looked at; nil: certain
}

// leanOf works out the lean of picking k requests.
func (sp *split) leanOf(by trait, k int64, shrink float64) (l lean) {
	turned := k > sp.free/2 // where most are picked, the others are
	mark := float64(min(k, sp.free-k))
	most := max(0, float64(shrink*(mark-float64(3*math.Sqrt(mark))))) / float64(sp.free)
	l.of = by.of
	if len(by.rates) < 2 {
		l.first = []uint64{chance.Of(most)}
		return l
	}
	var shares [len(quantiles)]float64
	for at, t := range sp.tenants {
		shares[by.of[t]] += float64(sp.counts[at]) / float64(sp.n)
	}
	var clocks [len(quantiles)]float64
	mean, rate := 0.0, 0.0
	for i, r := range by.rates {
		r = min(max(cond(turned, 1-r, r), 1e-6), 0.999)
		clocks[i] = -chance.Log(1 - r)
		mean += float64(shares[i] * clocks[i])
		rate += float64(shares[i] * r)
	}
	// A few that are nearly certain would keep the others from coming up.
	greatest := min(slices.Max(clocks[:len(by.rates)]), 20*mean)
	for _, clock := range clocks[:len(by.rates)] {
		clock = min(clock, greatest)
		l.first = append(l.first, chance.Of(1-chance.Exp(-float64(clock*most)/rate)))
		l.later = append(l.later, chance.Of(clock/greatest))
	}
	return l
}

// firstOf is the chance that a request of the tenant at a position is one of most of
// those picked.
func (sp *split) firstOf(at int, l *lean) uint64 {
	if len(l.first) == 1 {
		return l.first[0]
	}
	return l.first[l.of[sp.tenants[at]]]
}

// comes says whether a request of the tenant at a position is taken.
func (sp *split) comes(s *chance.Stream, at int, l *lean) bool {
	return l.later == nil || s.Happens(l.later[l.of[sp.tenants[at]]])
}
