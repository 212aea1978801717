package simulator

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// pick takes k of the requests that were not picked yet, each as likely as any other, and
// tells whose they are.
//
// Most of k are picked as a share of each tenant's requests, and the rest one by one:
// shares that add up to whatever they add up to are as likely as if all had been
// picked one by one.
func (sp *split) pick(s *chance.Stream, k int64, tell func(tenant int32, n int64)) {
	if k = min(k, sp.free); k <= 0 {
		return
	}
	mark := min(k, sp.free-k) // where most are picked, the others are marked
	sp.got = zeros(sp.got, len(sp.counts))
	left := mark
	if sure := float64(mark) - float64(3*math.Sqrt(float64(mark))); int64(sure) > int64(len(sp.counts)) {
		shrink := 1.0
		for left = -1; left < 0; shrink *= 0.9 {
			share := chance.Of(float64(shrink*sure) / float64(sp.free))
			left = mark
			for at, n := range sp.counts {
				sp.got[at] = chance.Binomial(s, n-sp.taken[at], share)
				left -= sp.got[at]
			}
		}
	}
	for left > 0 {
		i := int64(s.Below(uint64(sp.n)))
		at := whose(sp.ends, i)
		if sp.ends[at]-i <= sp.taken[at]+sp.got[at] {
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
