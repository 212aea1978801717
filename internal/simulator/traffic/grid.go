package traffic

import (
	"math/bits"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// A percentile is read from how many requests were slower than each bound of a grid.
// Where requests behave alike it does not matter in which windows they came, so that
// the grid is drawn for all windows of a question at once, given how many requests
// were slower than the question's own bounds: those counts are the windows' and add
// up from one question to the next, and the grid fits between them.

// gridOf adds to grid how many requests of a version in the windows [lo, hi) took
// longer than each of its bounds. slower has the counts for bounds.
func (f *Flow) gridOf(version uint16, bounds []float64, slower []int64, lo, hi int, grid []int64) {
	counts := zeros(f.ledger.answered, len(f.classes)) // by class
	f.ledger.answered = counts
	classes := 0
	for i := lo; i < hi; i++ {
		win := &f.ledger.windows[i]
		for k := win.from; k < win.to; k++ {
			p := &f.ledger.parts[k]
			if c := &f.classes[p.class]; c.Version != version || c.Lost || p.requests == 0 {
				continue
			}
			if counts[p.class] == 0 {
				classes++
			}
			counts[p.class] += p.requests
			if f.each {
				limits := *f.madeOf(p.class).onGrid()
				f.latenciesOf(win, p, limits[:], grid)
			}
		}
	}
	for k, n := range counts {
		switch {
		case n == 0 || f.each:
		case classes == 1:
			f.gridFor(uint16(k), n, bounds, slower, lo, hi, grid)
		default:
			f.gridFor(uint16(k), n, bounds, f.slowerOfClass(uint16(k), bounds, lo, hi), lo, hi, grid)
		}
	}
}

// slowerOfClass says how many requests of class k in the windows [lo, hi) took longer than
// each of bounds.
func (f *Flow) slowerOfClass(k uint16, bounds []float64, lo, hi int) []int64 {
	counts := make([]int64, len(bounds))
	for b, bound := range bounds {
		limit := max(1, chance.Of(f.madeOf(k).above(bound)))
		for i := lo; i < hi; i++ {
			win := &f.ledger.windows[i]
			for j := win.from; j < win.to; j++ {
				if p := &f.ledger.parts[j]; p.class == k {
					counts[b] += f.slowerOf(win, p, limit)
				}
			}
		}
	}
	return counts
}

// gridFor adds to grid how many of n requests of class k took longer than each of its
// bounds, given how many took longer than bounds, which rise.
func (f *Flow) gridFor(k uint16, n int64, bounds []float64, slower []int64, lo, hi int, grid []int64) {
	m, l := f.madeOf(k), &f.ledger
	s := chance.StreamOf(f.cfg.Seed, chance.ForGrid, uint64(l.windows[lo].start), uint64(l.windows[hi-1].end), m.key)
	upper, above, at := uint64(chance.Certain), n, 0 // all numbers, and how many requests are below
	chances := m.onGrid()
	for b := 0; b <= len(bounds); b++ {
		lower, below := uint64(0), int64(0)
		if b < len(bounds) {
			lower, below = max(1, chance.Of(m.above(bounds[b]))), slower[b]
		}
		if lower >= upper {
			continue // nothing is between them
		}
		for ; at < gridSize && chances[at] >= upper; at++ {
			grid[at] += above
		}
		// Of those that are slower than a bound of the grid between the two, some are slower
		// than the next as well.
		for ; at < gridSize && chances[at] > lower; at++ {
			if chances[at] < upper {
				share, _ := bits.Div64(chances[at]-lower, 0, upper-lower)
				above, upper = below+chance.Binomial(&s, above-below, share), chances[at]
			}
			grid[at] += above
		}
		upper, above = lower, below
	}
}
