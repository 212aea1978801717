package simulator

import (
	"math"
	"slices"
	"sync"
)

// split says who sent the requests of a part, and picks among them. It is a
// function of the window and of who was in the group: what became of the requests
// does not count. Requests of a tenant are alike, so that it is enough to know how
// many there are; where there are few, they are listed one by one.
type split struct {
	w       *World
	g       *group
	segment int32
	n       int64
	list    []int32 // who sent request i, as a position in g.members; nil: see counts
	marks   []uint64
	counts  []int64 // beside g.members
	ends    []int64 // counts, added up
	taken   []int64 // of counts, what was picked
	got     []int64
	free    int64 // requests that were not picked
}

// scratch is room that is used again for every window.
type scratch struct{ split split }

// splitOf splits part p of window win. It holds until the next call.
func (w *World) splitOf(win *window, p *part) *split {
	g := &w.cohortOf(win.segment).groups[p.member]
	w.list(win.segment, g)
	sp := &w.traffic.scratch.split
	sp.w, sp.g, sp.segment, sp.n, sp.list = w, g, win.segment, p.requests, sp.list[:0]
	s := streamOf(w.seed(), forTenants, uint64(win.start), uint64(p.member))
	if sp.listed() {
		sp.list = slices.Grow(sp.list, int(sp.n))[:sp.n]
		for i := range sp.list {
			sp.list[i] = g.one(&s)
		}
	} else {
		sp.counts = zeros(sp.counts, len(g.members))
		if p.dealt == nil {
			w.roster.deal(&s, sp.n, g, sp.counts)
			w.traffic.keep(p, sp.counts)
		} else {
			for i, c := range p.dealt {
				sp.counts[i] = int64(c)
			}
		}
		sp.ends = sp.ends[:0]
		sum := int64(0)
		for _, c := range sp.counts {
			sum += c
			sp.ends = append(sp.ends, sum)
		}
	}
	sp.restore()
	return sp
}

// mostKept is how many counts parts remember in all.
const mostKept = 1 << 22

// keep remembers how the requests of p were dealt, while there is room: who asks for
// one thing about tenants often asks for another.
func (l *ledger) keep(p *part, counts []int64) {
	if l.kept+len(counts) > mostKept || p.requests > math.MaxUint32 {
		return
	}
	l.kept += len(counts)
	p.dealt = make([]uint32, len(counts))
	for i, c := range counts {
		p.dealt[i] = uint32(c)
	}
}

// zeros is a list of n zeros in the room of list.
func zeros(list []int64, n int) []int64 {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}

// listed says whether the requests are listed one by one.
func (sp *split) listed() bool { return sp.n <= fewFor(len(sp.g.members)) }

// fewFor is how many requests of so many tenants are quicker to deal one by one.
func fewFor(tenants int) int64 { return max(2*int64(tenants), 24) }

// restore forgets what was picked.
func (sp *split) restore() {
	sp.free = sp.n
	if sp.listed() {
		words := int(sp.n+63) / 64
		sp.marks = slices.Grow(sp.marks[:0], words)[:words]
		clear(sp.marks)
		return
	}
	sp.taken = zeros(sp.taken, len(sp.counts))
}

// each tells who sent how many requests; a tenant may be told of several times.
func (sp *split) each(tell func(tenant int32, n int64)) {
	if sp.listed() {
		for _, at := range sp.list {
			tell(sp.g.members[at], 1)
		}
		return
	}
	for at, n := range sp.counts {
		if n > 0 {
			tell(sp.g.members[at], n)
		}
	}
}

// deal deals n requests to the tenants of g by their weights, into counts. Poisson
// counts that add up to something are dealt as if that had been dealt; so most are
// drawn as such counts with means a little too small, and the rest again.
func (r *roster) deal(s *stream, n int64, g *group, counts []int64) []int64 {
	for left := n; left > 0; {
		if left <= fewFor(len(counts)) {
			for ; left > 0; left-- {
				counts[g.one(s)]++
			}
			break
		}
		unit := (float64(left) - 2*math.Sqrt(float64(left))) / r.weighs(g)
		dealt, parts := int64(0), zeros(r.parts, len(counts))
		r.parts = parts
		draws := r.tables(&unit)
		grade := 0
		for at := range parts {
			for int32(at) >= g.upTo[grade] {
				grade++
			}
			if draws != nil {
				parts[at] = draws[grade].draw(s)
			} else {
				parts[at] = poisson(s, float64(unit*r.weights[grade]))
			}
			dealt += parts[at]
		}
		if dealt > left {
			continue // too many: again
		}
		for at, c := range parts {
			counts[at] += c
		}
		left -= dealt
	}
	return counts
}

// weighs is the weight of all members of g.
func (r *roster) weighs(g *group) float64 {
	sum, from := 0.0, int32(0)
	for grade, to := range g.upTo {
		sum += float64(float64(to-from) * r.weights[grade])
		from = to
	}
	return sum
}

// tabled is the greatest mean of a tenant of weight 1 that is drawn from tables.
const tabled = 256

// tables are what draws the counts of tenants, by grade, for means of unit times
// their weights; unit becomes the next lower one that there are tables for. nil:
// there are none for so many.
func (r *roster) tables(unit *float64) *[len(quantiles)]*table {
	if !(*unit <= tabled) {
		return nil
	}
	fraction, exponent := math.Frexp(*unit)              // 1/2 <= fraction < 1
	sixteenth := int(math.Floor(float64(fraction * 32))) // 16..31
	*unit = math.Ldexp(float64(sixteenth)/32, exponent)
	key := exponent*16 + sixteenth - 16
	if t := r.draws[key]; t != nil {
		return t
	}
	t := new([len(quantiles)]*table)
	for grade, weight := range r.weights {
		t[grade] = sharedTable(float64(*unit * weight))
	}
	if r.draws == nil {
		r.draws = map[int]*[len(quantiles)]*table{}
	}
	r.draws[key] = t
	return t
}

// shared are tables by their means. Worlds that are alike draw from the same ones: a
// campaign's runs have the same means.
var shared struct {
	sync.Mutex
	tables map[float64]*table
}

// maxShared is how many tables are remembered.
const maxShared = 1 << 12

// sharedTable is poissonTable, remembered.
func sharedTable(mean float64) *table {
	shared.Lock()
	defer shared.Unlock()
	t := shared.tables[mean]
	if t == nil {
		if t = poissonTable(mean); shared.tables == nil || len(shared.tables) == maxShared {
			shared.tables = map[float64]*table{}
		}
		shared.tables[mean] = t
	}
	return t
}
