package simulator

import (
	"math"
	"sync"
)

// cells are the kinds of tenants that send and err alike: by grade, and by temper.
const cells = len(quantiles) * tempers

// tempers is how many factors on the error rate there are at most.
const tempers = len(quantiles) / 2

// dealer deals requests to the tenants of a group by their weights.
type dealer struct {
	kinds    []kind
	sum      float64 // weight of all tenants
	greatest float64 // weight of one
	alike    *roster // whose weights they are; nil: others
	who      *table  // draws the kind of one; nil: not made yet
	unit     float64

	parts, moved, ends []int64 // room
}

// kind is the members of a cell, [from, to), the weight of each, and what draws their
// counts at unit; nil: there is no table.
type kind struct {
	from, to int32
	grade    int
	weight   float64
	table    *table
}

// reset makes d deal to g by weights, cell by cell. Where nobody weighs anything, all
// weigh what they send.
func (d *dealer) reset(r *roster, g *group, weights *[cells]float64) {
	d.kinds, d.sum, d.greatest, d.who, d.unit, d.alike = d.kinds[:0], 0, 0, nil, 0, nil
	if len(r.factors) == 1 {
		d.alike = r // what matters is how the weights compare
	}
	for _, instead := range []bool{false, true} {
		for cell, w := range weights {
			if instead || d.alike != nil {
				w = r.weights[cell/tempers]
			}
			if from, to := g.cell(cell); from < to && w > 0 {
				d.kinds = append(d.kinds, kind{from: from, to: to, grade: cell / tempers, weight: w})
				d.sum += float64(float64(to-from) * w)
				d.greatest = max(d.greatest, w)
			}
		}
		if d.sum > 0 {
			return
		}
	}
}

// next draws who sends one request: a position in the group's members.
func (d *dealer) next(s *stream) int32 {
	if d.who == nil {
		weights := make([]float64, len(d.kinds))
		for i, k := range d.kinds {
			weights[i] = float64(float64(k.to-k.from) * k.weight)
		}
		d.who = newTable(0, weights)
	}
	k := &d.kinds[d.who.draw(s)]
	return k.from + int32(s.below(uint64(k.to-k.from)))
}

// deal deals n requests into counts, beside the group's members. Poisson counts that
// add up to something are dealt as if that had been dealt; so most are drawn as such
// counts with means a little too small, and the rest again.
func (d *dealer) deal(s *stream, n int64, counts []int64) {
	for left := n; left > 0; {
		if left <= max(few, int64(len(counts))) {
			for ; left > 0; left-- {
				counts[d.next(s)]++
			}
			return
		}
		d.prepare((float64(left) - 2*math.Sqrt(float64(left))) / d.sum)
		d.parts = zeros(d.parts, len(counts))
		dealt := int64(0)
		for _, k := range d.kinds {
			mean := float64(d.unit * k.weight)
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

// prepare readies the tables of counts with means of unit times the weights. Where
// they are drawn from tables, the unit becomes the next lower one of sixteen between
// two powers of two: so worlds that are alike have the same tables.
func (d *dealer) prepare(unit float64) {
	most := float64(unit*d.greatest) <= tabled
	if most {
		fraction, exponent := math.Frexp(unit)                           // 1/2 <= fraction < 1
		unit = math.Ldexp(math.Floor(float64(fraction*32))/32, exponent) // 16/32..31/32
	}
	if d.unit == unit {
		return
	}
	d.unit = unit
	for i := range d.kinds {
		switch k := &d.kinds[i]; {
		case !most:
			k.table = nil
		case d.alike != nil:
			k.table = d.alike.tableOf(unit, k.grade)
		default:
			k.table = sharedTable(float64(unit * k.weight))
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
