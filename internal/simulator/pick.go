package simulator

import (
	"math"
	"slices"
)

// trait is something in which tenants differ, such as their temper: how likely a
// request is picked by grade of the trait, the grade of each tenant, and the share of
// the group's traffic by grade. Without rates all are alike.
type trait struct {
	rates  []float64
	of     []uint8
	shares *[len(quantiles)]float64
}

// pick takes k of the requests that were not picked yet, each as likely as its
// tenant's rate is high, and tells whose they are.
func (sp *split) pick(s *stream, k int64, by trait, tell func(tenant int32, n int64)) {
	if k = min(k, sp.free); k <= 0 {
		return
	}
	if sp.listed() {
		sp.pickListed(s, k, by, tell)
	} else {
		sp.pickCounted(s, k, by, tell)
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
		l.first = []uint64{chance(most)}
		return l
	}
	var clocks [len(quantiles)]float64
	mean, rate := 0.0, 0.0
	for i, r := range by.rates {
		r = min(max(cond(turned, 1-r, r), 1e-6), 0.999)
		clocks[i] = -natural(1 - r)
		mean += float64(by.shares[i] * clocks[i])
		rate += float64(by.shares[i] * r)
	}
	// A few that are nearly certain would keep the others from coming up.
	greatest := min(slices.Max(clocks[:len(by.rates)]), 20*mean)
	for _, clock := range clocks[:len(by.rates)] {
		clock = min(clock, greatest)
		l.first = append(l.first, chance(1-exponential(-float64(clock*most)/rate)))
		l.later = append(l.later, chance(clock/greatest))
	}
	return l
}

// firstOf is the chance that a request of the tenant at a position is one of most of
// those picked.
func (sp *split) firstOf(at int, l *lean) uint64 {
	if len(l.first) == 1 {
		return l.first[0]
	}
	return l.first[l.of[sp.g.members[at]]]
}

// comes says whether a request of the tenant at a position is taken.
func (sp *split) comes(s *stream, at int32, l *lean) bool {
	return l.later == nil || s.happens(l.later[l.of[sp.g.members[at]]])
}

// whose is the position of the tenant that sent request i.
func (sp *split) whose(i int64) int {
	at, end := 0, len(sp.ends)
	for at < end {
		if middle := (at + end) / 2; sp.ends[middle] > i {
			end = middle
		} else {
			at = middle + 1
		}
	}
	return at
}

func (sp *split) pickListed(s *stream, k int64, by trait, tell func(tenant int32, n int64)) {
	left := min(k, sp.free-k)
	var spared []uint64
	if left != k {
		spared = make([]uint64, len(sp.marks))
	}
	l := sp.leanOf(by, k, 1)
	if l.later != nil && left > 16 {
		left = sp.pickFirst(s, k, by, spared, tell)
	}
	for left > 0 {
		i := s.below(uint64(sp.n))
		word, bit := i>>6, uint64(1)<<(i&63)
		if sp.marks[word]&bit != 0 || spared != nil && spared[word]&bit != 0 || !sp.comes(s, sp.list[i], &l) {
			continue
		}
		left--
		if spared != nil {
			spared[word] |= bit
			continue
		}
		sp.marks[word] |= bit
		tell(sp.g.members[sp.list[i]], 1)
	}
	if spared == nil {
		return
	}
	for i, at := range sp.list {
		if bit := uint64(1) << (i & 63); (sp.marks[i>>6]|spared[i>>6])&bit == 0 {
			sp.marks[i>>6] |= bit
			tell(sp.g.members[at], 1)
		}
	}
}

// pickFirst picks most of what is to be picked among listed requests, each by its own
// chance, into spared or where that is nil for good, and says how many are left.
func (sp *split) pickFirst(s *stream, k int64, by trait, spared []uint64, tell func(tenant int32, n int64)) (left int64) {
	tried := make([]uint64, len(sp.marks))
	shrink := 1.0
	for left = -1; left < 0; shrink *= 0.9 {
		l := sp.leanOf(by, k, shrink)
		left = min(k, sp.free-k)
		clear(tried)
		for i, at := range sp.list {
			if bit := uint64(1) << (i & 63); sp.marks[i>>6]&bit == 0 && s.happens(sp.firstOf(int(at), &l)) {
				tried[i>>6] |= bit
				left--
			}
		}
	}
	for i, at := range sp.list {
		switch bit := uint64(1) << (i & 63); {
		case tried[i>>6]&bit == 0:
		case spared != nil:
			spared[i>>6] |= bit
		default:
			sp.marks[i>>6] |= bit
			tell(sp.g.members[at], 1)
		}
	}
	return left
}

// pickCounted picks most of k as a share of each tenant's requests, and the rest one
// by one: shares that add up to whatever they add up to are as likely as if all had
// been picked one by one.
func (sp *split) pickCounted(s *stream, k int64, by trait, tell func(tenant int32, n int64)) {
	mark := min(k, sp.free-k)
	sp.got = zeros(sp.got, len(sp.counts))
	left, l := mark, sp.leanOf(by, k, 1)
	if left > fewFor(len(sp.counts)) || l.later != nil && left > 16 {
		shrink := 1.0
		for left = -1; left < 0; shrink *= 0.9 {
			l, left = sp.leanOf(by, k, shrink), mark
			for at, n := range sp.counts {
				sp.got[at] = binomial(s, n-sp.taken[at], sp.firstOf(at, &l))
				left -= sp.got[at]
			}
		}
	}
	for left > 0 {
		i := int64(s.below(uint64(sp.n)))
		at := sp.whose(i)
		if int64(s.below(uint64(sp.counts[at]))) < sp.taken[at]+sp.got[at] || !sp.comes(s, int32(at), &l) {
			continue
		}
		sp.got[at]++
		left--
	}
	for at, n := range sp.got {
		if mark != k {
			n = sp.counts[at] - sp.taken[at] - n
		}
		if n > 0 {
			sp.taken[at] += n
			tell(sp.g.members[at], n)
		}
	}
}
