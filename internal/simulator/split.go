package simulator

import "slices"

// split is who sent the requests of a class, and picks among them. Requests of a
// tenant are alike, so that it is enough to know how many there are.
type split struct {
	tenants []int32 // by position
	counts  []int64 // requests, by position
	ends    []int64 // counts, added up
	taken   []int64 // of counts, what was picked
	got     []int64
	n, free int64 // requests, and those that were not picked
}

// newSplit is a split of requests, by tenant.
func newSplit(requests []int64) *split {
	sp := &split{}
	for t, n := range requests {
		if n > 0 {
			sp.tenants, sp.counts = append(sp.tenants, int32(t)), append(sp.counts, n)
			sp.n += n
		}
	}
	sp.ends = upTo(nil, sp.counts)
	sp.restore()
	return sp
}

// restore forgets what was picked.
func (sp *split) restore() {
	sp.free = sp.n
	sp.taken = zeros(sp.taken, len(sp.counts))
}

// took says that some requests were picked, by tenant.
func (sp *split) took(picked []int64) {
	for at, t := range sp.tenants {
		sp.taken[at] += picked[t]
		sp.free -= picked[t]
	}
}

// zeros is a list of n zeros in the room of list.
func zeros(list []int64, n int) []int64 {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}
