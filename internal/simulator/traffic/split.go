package traffic

import "slices"

// split is who sent some requests, and picks among them. Requests of a tenant are alike, so
// that it is enough to know how many there are.
type split struct {
	counts  []int64 // requests, by tenant
	ends    []int64 // counts, added up to the end of each step of them
	senders int     // tenants with requests
	n, free int64   // requests, and those that were not picked
	blocks  []int   // the first step of each neighbourhood of the room's scatter
	room    *dealing
	// taken is what of counts was picked, and got what is picked now. Both have the room of
	// who deals, which nobody does meanwhile.
	taken, got []int64
}

// step is of how many tenants requests are added up at once, so that the sums of very many
// stay near at hand.
const step = 16

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
	sc := &room.scatter
	sc.reset(sp.n, len(requests))
	sp.blocks = sp.blocks[:0]
	for i, number := range sc.starts { // a tenant is in one neighbourhood
		block := min(whose(sp.ends, number), len(sp.ends)-1)
		if sp.blocks = append(sp.blocks, block); number < sp.n {
			at, after := sp.whose(block, number)
			sc.starts[i] -= sp.counts[at] - after
			sp.blocks[i] = at / step
		}
	}
	sp.restore()
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

// whose is the tenant that sent the request with a number, of a step or one after it, and how
// many of its requests have that number or a higher one.
func (sp *split) whose(block int, number int64) (tenant int, left int64) {
	tenant, end := block*step, int64(0)
	if block > 0 {
		end = sp.ends[block-1]
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
