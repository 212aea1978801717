package traffic

import "slices"

// split is who sent some requests, and picks among them. Requests of a tenant are alike, so
// that it is enough to know how many there are.
type split struct {
	counts  []int64 // requests, by tenant
	ends    []int64 // counts, added up to the end of each step of them
	senders int     // tenants with requests
	n, free int64   // requests, and those that were not picked
	guide   []int32 // the step of each number that has only zeros in its last bits
	bits    int     // so many
	room    *dealing
	// taken is what of counts was picked, and got what is picked now. Both have the room of
	// who deals, which nobody does meanwhile.
	taken, got []int64
}

// step is of how many tenants requests are added up at once, so that the sums of very many
// stay near at hand.
const step = 8

// of makes sp a split of requests, by tenant.
func (sp *split) of(requests []int64, room *dealing) {
	sp.room = room
	sp.counts, sp.n, sp.senders = requests, 0, 0
	sp.ends = slices.Grow(sp.ends[:0], len(requests)/step+1)
	for t, n := range requests {
		if n > 0 {
			sp.senders++
		}
		if sp.n += n; t%step == step-1 || t == len(requests)-1 {
			sp.ends = append(sp.ends, sp.n)
		}
	}
	sp.lead()
	sc := &room.scatter
	sc.reset(sp.n, len(requests))
	for i, number := range sc.starts { // a tenant is in one neighbourhood
		if number < sp.n {
			at, after := sp.whose(number)
			sc.starts[i] -= sp.counts[at] - after
		}
	}
	sp.restore()
}

// lead makes the guide, of about as many numbers as there are steps.
func (sp *split) lead() {
	for sp.bits = 0; sp.n>>sp.bits > int64(len(sp.ends)); sp.bits++ {
	}
	sp.guide = slices.Grow(sp.guide[:0], int(sp.n>>sp.bits)+1)
	for at, end := range sp.ends {
		for int64(len(sp.guide))<<sp.bits < end {
			sp.guide = append(sp.guide, int32(at))
		}
	}
}

// restore forgets what was picked.
func (sp *split) restore() {
	sp.free = sp.n
	sp.room.counts = zeros(sp.room.counts, len(sp.counts))
	sp.taken = sp.room.counts
}

// took says that some requests were picked, by tenant.
func (sp *split) took(picked []int64) {
	for t, n := range picked {
		sp.taken[t] += n
		sp.free -= n
	}
}

// whose is the tenant that sent the request with a number, and how many of its requests have that
// number or a higher one.
func (sp *split) whose(number int64) (tenant int, left int64) {
	at := sp.guide[number>>sp.bits]
	for sp.ends[at] <= number {
		at++
	}
	tenant, end := int(at)*step, int64(0)
	if at > 0 {
		end = sp.ends[at-1]
	}
	for {
		if end += sp.counts[tenant]; end > number {
			return tenant, end - number
		}
		tenant++
	}
}

// zeros is a list of n zeros in the room of list.
func zeros(list []int64, n int) []int64 {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}
