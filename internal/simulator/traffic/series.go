package traffic

import "slices"

// basics is what a version did, added up from the ledger's first window on.
type basics struct {
	requests, errors, timeouts int64
	answered                   int64 // requests that somebody served
	nan                        int64 // windows whose sums are not numbers
}

func (b *basics) add(c *basics, sign int64) {
	b.requests += sign * c.requests
	b.errors += sign * c.errors
	b.timeouts += sign * c.timeouts
	b.answered += sign * c.answered
	b.nan += sign * c.nan
}

// series is what is known of a version, window by window.
type series struct {
	version uint16
	first   int      // window in which the version was first seen
	basics  []basics // after window first+i
	rich    sums[riches]
	bounds  []*boundSums
}

// at is what happened before window i.
func (s *series) at(i int) basics {
	if i <= s.first {
		return basics{}
	}
	return s.basics[i-1-s.first]
}

// total is what happened in the windows [lo, hi).
func (s *series) total(lo, hi int) (sum basics) {
	if hi > s.first {
		sum = s.basics[hi-1-s.first]
	}
	if lo > s.first {
		sum.add(&s.basics[lo-1-s.first], -1)
	}
	return sum
}

// sums adds up what is drawn only when it is asked for, from window first on.
type sums[T any] struct {
	first int
	list  []T // before window first+i
}

// upto makes sure that s reaches from window lo to hi, and gives what there was
// before each of them. add adds what happened in a window.
func (s *sums[T]) upto(lo, hi int, add func(i int, to *T)) (before, after *T) {
	if len(s.list) == 0 || lo < s.first || lo >= s.first+len(s.list) {
		s.first, s.list = lo, append(s.list[:0], *new(T))
	}
	s.list = slices.Grow(s.list, max(0, hi-s.first+1-len(s.list)))
	for i := s.first + len(s.list) - 1; i < hi; i++ {
		s.list = append(s.list, s.list[len(s.list)-1])
		add(i, &s.list[len(s.list)-1])
	}
	return &s.list[lo-s.first], &s.list[hi-s.first]
}
