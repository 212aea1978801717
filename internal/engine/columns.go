package engine

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// columns lists one metric after the other of the same tenants, in the same room.
type columns struct {
	pairs   []Pair
	lots    *Lots
	metrics []Metric // that are asked for, in this order
	room    []float64
	b       []bool
	ordered bool // the arms follow one another

	coming func() rated // of a metric, which is looked up meanwhile
	of     Metric
	turn   int // which half of the room for pasts that takes
}

// rated is a metric of tenants in the time before.
type rated struct {
	rates []float64 // of each pair; NaN where it is not known
	y, x  float64   // of all of them together
}

// part is an empty list with room for all pairs.
func (cs *columns) part(i int) []float64 {
	n := len(cs.pairs)
	if cs.room == nil {
		cs.room, cs.b = make([]float64, 4*n), make([]bool, n)
		cs.ordered = slices.IsSortedFunc(cs.pairs, func(a, b Pair) int { return armOf(a.B) - armOf(b.B) })
	}
	return cs.room[i*n : i*n : (i+1)*n]
}

// column is that of m. It holds until the next one, whose past is looked up meanwhile.
func (cs *columns) column(m Metric) *column {
	was := cs.past(m)
	c, past := &column{y: cs.part(0), x: cs.part(1), b: cs.b[:0], lots: cs.lots}, was.rates[:0]
	for i := range cs.pairs {
		p, rate := &cs.pairs[i], was.rates[i]
		if y, x := fractionOf(m, p.Now); x > 0 {
			c.y, c.x, c.b, past = append(c.y, y), append(c.x, x), append(c.b, p.B), append(past, rate)
			if c.n[armOf(p.B)]++; c.lots != nil {
				c.at = append(c.at, p.At)
			}
		}
	}
	if c.usual = over(was.y, was.x); was.x > 0 {
		c.past = past
		for i, rate := range past {
			if math.IsNaN(rate) {
				past[i] = c.usual
			}
		}
	}
	if c.z, c.prior = c.x, past; c.counted() || !cs.ordered { // else it is split once, in place
		room := make([]float64, 2*len(c.y))
		c.z, c.prior = room[:len(c.y)], room[len(c.y):]
	}
	return c
}

// ofB is m of those that have B, by themselves and whatever they did before. It holds until the
// next column.
func (cs *columns) ofB(m Metric) sample {
	c := &column{y: cs.part(0), x: cs.part(1), b: cs.b[:0]}
	for i := range cs.pairs {
		if p := &cs.pairs[i]; p.B {
			if y, x := fractionOf(m, p.Now); x > 0 {
				c.y, c.x, c.b = append(c.y, y), append(c.x, x), append(c.b, true)
			}
		}
	}
	c.z = c.x
	return c.arms()[1]
}

// past is that of m, and begins with that of the metric after it.
func (cs *columns) past(m Metric) rated {
	if cs.coming == nil || cs.of != m {
		cs.see(m)
	}
	was := cs.coming()
	cs.coming = nil
	if next := slices.Index(cs.metrics, m) + 1; next > 0 && next < len(cs.metrics) {
		cs.see(cs.metrics[next])
	}
	return was
}

// see begins to look up the past of m.
func (cs *columns) see(m Metric) {
	cs.of, cs.turn = m, 1-cs.turn
	was := rated{rates: cs.part(2 + cs.turn)[:len(cs.pairs)]}
	cs.coming = meanwhile.Do(func() rated {
		for i := range cs.pairs {
			rate := math.NaN()
			if p := cs.pairs[i].Before; p != nil {
				y, x := fractionOf(m, p)
				was.y, was.x = was.y+y, was.x+x
				if x > 0 {
					rate = y / x
				}
			}
			was.rates[i] = rate
		}
		return was
	})
}
