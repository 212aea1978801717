package traffic

import (
	"math"
	"math/bits"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// dealer deals requests to the tenants of a group by their weights. A weight is a part
// that goes by what a tenant sends, the same for all, and the rest: most requests are
// dealt by the first, for which there are few kinds of tenants.
type dealer struct {
	whole, even, rest hand
	share             uint64 // chance that a request is one of the even hand's
	room              *dealing
}

// dealing is the room that dealers deal in, one after the other.
type dealing struct {
	parts, counts []int64 // beside a group's members
	scatter       scatter
}

// hand is the tenants of a group with weights.
type hand struct {
	kinds  []kind
	sum    float64 // weight of all tenants
	least  float64 // weight of one
	law    uint64  // says which weights the cells have
	cells  int     // how many there are
	unit   float64 // that tables are for
	tables tables
	upTo   []uint64 // chance of a kind or one before it
	guide  []int32  // the first kind that a number may mean, by its first bits
	shift  int      // of the others
}

// kind is members that weigh the same, [from, to), the first of them of a cell.
type kind struct {
	from, to int32
	cell     int
	weight   float64
}

// reset makes d deal to g by weights: what tenants send times a factor by their temper.
// Where nobody weighs anything, all weigh what they send.
func (d *dealer) reset(r *Roster, g *group, by []float64) {
	d.room = &r.room
	least, most := slices.Min(by), 0.0
	for i := range g.cells {
		most = max(most, by[g.cells[i].temper])
	}
	law := r.law
	for _, factor := range by {
		law = chance.Mix(law ^ math.Float64bits(factor))
	}
	d.whole.reset(law, r.cells())
	d.even.reset(chance.Mix(r.law+uint64(len(by))), r.cells())
	d.rest.reset(chance.Mix(law), r.cells())
	for i := range g.cells {
		c := &g.cells[i]
		sends, factor := r.weights[c.grade], by[c.temper]
		if most == 0 {
			least, factor = 1, 1
		}
		d.whole.add(c, float64(factor*sends))
		d.even.add(c, sends)
		more := factor - least
		d.rest.add(c, cond(more > 1e-9*factor, float64(more*sends), 0)) // less is rounding
	}
	if d.share = chance.Certain; len(d.rest.kinds) > 0 {
		d.share = chance.Of(float64(least*d.even.sum) / d.whole.sum)
	}
}

func (h *hand) reset(law uint64, cells int) {
	*h = hand{kinds: h.kinds[:0], upTo: h.upTo[:0], guide: h.guide[:0], law: law, cells: cells}
}

func (h *hand) add(c *cell, weight float64) {
	if weight <= 0 {
		return
	}
	h.sum += float64(float64(c.to-c.from) * weight)
	h.least = cond(len(h.kinds) == 0, weight, min(h.least, weight))
	if last := len(h.kinds) - 1; last >= 0 && h.kinds[last].weight == weight && h.kinds[last].to == c.from {
		h.kinds[last].to = c.to
		return
	}
	h.kinds = append(h.kinds, kind{from: c.from, to: c.to, cell: c.at, weight: weight})
}

// one draws who sends one request: a position in the group's members.
func (h *hand) one(s *chance.Stream) int32 {
	if len(h.upTo) == 0 {
		h.lead()
	}
	x := s.Word()
	at := h.guide[x>>h.shift]
	for h.upTo[at] < x {
		at++
	}
	k := &h.kinds[at]
	return k.from + int32(s.Below(uint64(k.to-k.from)))
}

// lead readies h to draw one request after the other.
func (h *hand) lead() {
	sum := 0.0
	for _, k := range h.kinds {
		sum += float64(float64(k.to-k.from) * k.weight)
		h.upTo = append(h.upTo, chance.Of(sum/h.sum))
	}
	h.upTo[len(h.upTo)-1] = chance.Certain
	wide := min(bits.Len(uint(len(h.kinds)))+1, 14) // so that hardly any step is left to go
	h.shift = 64 - wide
	for at := int32(0); len(h.guide) < 1<<wide; {
		if from := uint64(len(h.guide)) << h.shift; h.upTo[at] < from {
			at++
		} else {
			h.guide = append(h.guide, at)
		}
	}
}

// deal deals n requests into counts, beside the group's members.
func (d *dealer) deal(s *chance.Stream, n int64, counts []int64) {
	even := chance.Binomial(s, n, d.share)
	d.dealBy(&d.even, s, even, counts)
	d.dealBy(&d.rest, s, n-even, counts)
}

// few is how many requests are quicker to deal one by one.
const few = 24

// dealBy deals n requests by the weights of h. Poisson counts that add up to something
// are dealt as if that had been dealt; so most are drawn as such counts with means a
// little too small, and the rest again.
func (d *dealer) dealBy(h *hand, s *chance.Stream, n int64, counts []int64) {
	for left := n; left > 0; {
		if left <= max(few, int64(len(counts))) {
			h.oneByOne(s, left, counts)
			return
		}
		if float64(h.least*(float64(left)/h.sum)) > tabled {
			h.inTurn(s, left, counts)
			return
		}
		h.prepare((float64(left) - 2*math.Sqrt(float64(left))) / h.sum)
		d.room.parts = zeros(d.room.parts, len(counts))
		dealt := int64(0)
		for i := range h.kinds {
			dealt += h.countInto(s, &h.kinds[i], d.room.parts)
		}
		if dealt > left {
			continue // too many: again
		}
		for i, c := range d.room.parts {
			counts[i] += c
		}
		left -= dealt
	}
}

// oneByOne deals n requests one by one.
func (h *hand) oneByOne(s *chance.Stream, n int64, counts []int64) {
	for ; n > 0 && n < few; n-- {
		counts[h.one(s)]++
	}
	var who [128]int32 // whose counts, which lie far apart, are waited for together
	for n > 0 {
		drawn := who[:min(n, int64(len(who)))]
		for i := range drawn {
			drawn[i] = h.one(s)
		}
		for _, at := range drawn {
			counts[at]++
		}
		n -= int64(len(drawn))
	}
}

// inTurn deals n requests, member by member: each gets its share of what is left.
func (h *hand) inTurn(s *chance.Stream, n int64, counts []int64) {
	rest, last := h.sum, h.kinds[len(h.kinds)-1].to-1
	for _, k := range h.kinds {
		for i := k.from; i < k.to; i++ {
			part := n
			if i != last {
				part = chance.Binomial(s, n, chance.Of(k.weight/rest))
			}
			counts[i] += part
			n, rest = n-part, rest-k.weight
		}
	}
}

// tabled is the greatest mean of counts that are drawn from a table of their own.
const tabled = 1 << 12

// prepare readies h for means of unit times its weights. The unit becomes the next lower
// one of sixteen between two powers of two: so worlds that are alike have the same tables.
func (h *hand) prepare(unit float64) {
	fraction, exponent := math.Frexp(unit)                           // 1/2 <= fraction < 1
	unit = math.Ldexp(math.Floor(float64(fraction*32))/32, exponent) // 16/32..31/32
	if h.unit != unit {
		h.unit, h.tables = unit, tablesOf(h.law, unit, h.cells)
	}
}

// countInto draws the requests of each member of a kind, and says how many they are.
func (h *hand) countInto(s *chance.Stream, k *kind, parts []int64) (sum int64) {
	mean := float64(h.unit * k.weight)
	if mean > tabled {
		for i := k.from; i < k.to; i++ {
			parts[i] = chance.Poisson(s, mean)
			sum += parts[i]
		}
		return sum
	}
	t := h.tables.table(k.cell, mean)
	for i := k.from; i < k.to; i++ {
		n := t.Draw(s)
		parts[i] = n
		sum += n
	}
	return sum
}
