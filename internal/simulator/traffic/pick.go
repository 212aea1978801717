package traffic

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// pick takes k of the requests that were not picked yet, each as likely as any other, and
// counts them by tenant. The counts hold until the next pick.
//
// Most of k are picked as a share of each tenant's requests, and the rest one by one:
// shares that add up to whatever they add up to are as likely as if all had been
// picked one by one.
func (sp *split) pick(s *chance.Stream, k int64) []int64 {
	sp.room.parts = zeros(sp.room.parts, len(sp.counts))
	sp.got = sp.room.parts
	if k = min(k, sp.free); k <= 0 {
		return sp.got
	}
	left := min(k, sp.free-k) // where most are picked, the others are marked
	others := left != k
	if least := sure(left); int64(least) > int64(sp.senders) {
		left = sp.shares(s, left, least)
	}
	for left > 0 {
		left -= sp.mark(s, left)
	}
	sp.take(k, others)
	return sp.got
}

// mark draws some of k requests, each as likely as any other, and says how many of them were
// not picked or marked before: a tenant with so many of those left has its last ones left.
func (sp *split) mark(s *chance.Stream, k int64) (marked int64) {
	sc := &sp.room.scatter
	numbers := sc.room(k)
	for i := range numbers {
		numbers[i] = int64(s.Below(uint64(sp.n)))
	}
	for _, number := range sc.gathered() {
		if at, after := sp.whose(number); after > sp.taken[at]+sp.got[at] {
			sp.got[at]++
			marked++
		}
	}
	return marked
}

// sure is a little less than k: shares of as many on average hardly ever come to more than k.
func sure(k int64) float64 { return float64(k) - float64(3*math.Sqrt(float64(k))) }

// shares marks a share of each tenant's requests, that is least of all on average, and says
// how many of k are left.
func (sp *split) shares(s *chance.Stream, k int64, least float64) (left int64) {
	for shrink := 1.0; ; shrink *= 0.9 {
		share := chance.Of(float64(shrink*least) / float64(sp.free))
		left = k
		for at, n := range sp.counts {
			sp.got[at] = chance.Binomial(s, n-sp.taken[at], share)
			left -= sp.got[at]
		}
		if left >= 0 {
			return left
		}
	}
}

// take takes the k requests that were picked; others says that those were marked that are not.
func (sp *split) take(k int64, others bool) {
	for at, n := range sp.got {
		if others {
			n = sp.counts[at] - sp.taken[at] - n
			sp.got[at] = n
		}
		sp.taken[at] += n
	}
	sp.free -= k
}
