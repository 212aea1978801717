package simulator

import (
	"math"
	"sync"
)

// cells are the kinds of tenants that send and err alike: by grade, and by temper.
const cells = len(quantiles) * tempers

// tempers is how many factors on the error rate there are at most.
const tempers = len(quantiles) / 2

// dealer deals requests to the tenants of a group by their weights. A weight is a part
// that goes by what a tenant sends, the same for all, and the rest: most requests are
// dealt by the first, for which worlds that are alike share their tables.
type dealer struct {
	whole, even, rest hand
	share             uint64 // chance that a request is one of the even hand's

	parts, moved, ends []int64 // room
}

// hand is the tenants of a group with weights.
type hand struct {
	kinds    []kind
	sum      float64 // weight of all tenants
	greatest float64 // weight of one
	roster   *roster // whose weights they are; nil: others
	unit     float64 // that the tables are for
	who      *table  // draws the kind of one; nil: not made yet
}

// kind is the members of a cell, [from, to), the weight of each, and what draws their
// counts at the hand's unit; nil: there is no table.
type kind struct {
	from, to int32
	grade    int
	weight   float64
	table    *table
}

// reset makes d deal to g by weights, cell by cell. Where nobody weighs anything, all
// weigh what they send.
func (d *dealer) reset(r *roster, g *group, weights *[cells]float64) {
	d.whole.reset(nil)
	d.even.reset(r)
	d.rest.reset(nil)
	least, any := math.Inf(1), false // weight for what a tenant sends
	for cell, w := range weights {
		if from, to := g.cell(cell); from < to {
			least, any = min(least, w/r.weights[cell/tempers]), any || w > 0
		}
	}
	for cell, w := range weights {
		from, to := g.cell(cell)
		if from == to {
			continue
		}
		sends := r.weights[cell/tempers]
		if !any {
			least, w = 1, sends
		}
		d.whole.add(from, to, cell, w)
		d.even.add(from, to, cell, sends)
		if more := w - float64(least*sends); more > 1e-9*w { // less is rounding
			d.rest.add(from, to, cell, more)
		}
	}
	if d.share = certain; len(d.rest.kinds) > 0 {
		d.share = chance(float64(least*d.even.sum) / d.whole.sum)
	}
}

func (h *hand) reset(r *roster) {
	h.kinds, h.sum, h.greatest, h.roster, h.unit, h.who = h.kinds[:0], 0, 0, r, 0, nil
}

func (h *hand) add(from, to int32, cell int, weight float64) {
	if weight > 0 {
		h.kinds = append(h.kinds, kind{from: from, to: to, grade: cell / tempers, weight: weight})
		h.sum += float64(float64(to-from) * weight)
		h.greatest = max(h.greatest, weight)
	}
}

// one draws who sends one request: a position in the group's members.
func (h *hand) one(s *stream) int32 {
	if h.who == nil {
		weights := make([]float64, len(h.kinds))
		for i, k := range h.kinds {
			weights[i] = float64(float64(k.to-k.from) * k.weight)
		}
		h.who = newTable(0, weights)
	}
	k := &h.kinds[h.who.draw(s)]
	return k.from + int32(s.below(uint64(k.to-k.from)))
}

// deal deals n requests into counts, beside the group's members.
func (d *dealer) deal(s *stream, n int64, counts []int64) {
	even := binomial(s, n, d.share)
	d.dealBy(&d.even, s, even, counts)
	d.dealBy(&d.rest, s, n-even, counts)
}

// dealBy deals n requests by the weights of h. Poisson counts that add up to something
// are dealt as if that had been dealt; so most are drawn as such counts with means a
// little too small, and the rest again.
func (d *dealer) dealBy(h *hand, s *stream, n int64, counts []int64) {
	for left := n; left > 0; {
		if left <= max(few, int64(len(counts))) {
			for ; left > 0; left-- {
				counts[h.one(s)]++
			}
			return
		}
		h.prepare((float64(left) - 2*math.Sqrt(float64(left))) / h.sum)
		d.parts = zeros(d.parts, len(counts))
		dealt := int64(0)
		for _, k := range h.kinds {
			mean := float64(h.unit * k.weight)
			for i := k.from; i < k.to; i++ {
				if k.table != nil {
					d.parts[i] = k.table.draw(s)
				} else {
					d.parts[i] = poisson(s, mean)
				}
				dealt += d.parts[i]
			}
		}
		if dealt > left {
			continue // too many: again
		}
		for i, c := range d.parts {
			counts[i] += c
		}
		left -= dealt
	}
}

// tabled is the greatest mean that is drawn from a table of its own.
const tabled = 1280

// prepare readies h for means of unit times its weights. Where they are drawn from
// tables, the unit becomes the next lower one of sixteen between two powers of two: so
// worlds that are alike have the same tables.
func (h *hand) prepare(unit float64) {
	tables := h.roster != nil && float64(unit*h.greatest) <= tabled
	if tables {
		fraction, exponent := math.Frexp(unit)                           // 1/2 <= fraction < 1
		unit = math.Ldexp(math.Floor(float64(fraction*32))/32, exponent) // 16/32..31/32
	}
	if h.unit == unit {
		return
	}
	h.unit = unit
	for i := range h.kinds {
		if k := &h.kinds[i]; tables {
			k.table = h.roster.tableOf(unit, k.grade)
		} else {
			k.table = nil
		}
	}
}

// tableOf is the table of counts of a tenant of a grade, with a mean of unit times its
// weight.
func (r *roster) tableOf(unit float64, grade int) *table {
	if r.draws == nil {
		r.draws = map[float64]*[len(quantiles)]*table{}
	}
	t := r.draws[unit]
	if t == nil {
		t = new([len(quantiles)]*table)
		r.draws[unit] = t
	}
	if t[grade] == nil {
		t[grade] = sharedTable(float64(unit * r.weights[grade]))
	}
	return t[grade]
}

// shared are tables by their means: a campaign's runs have the same ones.
var shared struct {
	sync.RWMutex
	tables map[float64]*table
}

// maxShared is how many tables are remembered.
const maxShared = 1 << 12

// sharedTable is poissonTable, remembered.
func sharedTable(mean float64) *table {
	shared.RLock()
	t := shared.tables[mean]
	shared.RUnlock()
	if t != nil {
		return t
	}
	t = poissonTable(mean)
	shared.Lock()
	defer shared.Unlock()
	if shared.tables == nil || len(shared.tables) == maxShared {
		shared.tables = map[float64]*table{}
	}
	shared.tables[mean] = t
	return t
}
