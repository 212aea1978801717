package simulator

// requests draws how many requests each tenant sends in win. It depends on the
// traffic alone, not on who serves it: strategies can be compared on the same
// requests.
func (w *World) requests(win *window) []uint32 {
	s := streamOf(w.seed(), forRequests, uint64(win.start))
	rate := w.Segments[win.segment].Rate
	reqs := w.traffic.room(len(w.roster.grade))
	if rate <= 0 {
		return reqs
	}
	tables := w.countTables(rate, win.full)
	for t, g := range w.roster.grade {
		if tab := tables.draws[g]; tab != nil {
			reqs[t] = uint32(tab.draw(&s))
		} else {
			reqs[t] = uint32(poisson(&s, tables.means[g]))
		}
	}
	if length := win.end - win.start; length < win.full {
		part := chance(float64(length) / float64(win.full))
		for t, n := range reqs {
			reqs[t] = uint32(binomial(&s, int64(n), part))
		}
	}
	return reqs
}

// counts draws the requests of a tenant of each grade in windows of one length. A
// mean that is too great for a table has none.
type counts struct {
	rate  float64
	full  int64
	means [len(quantiles)]float64
	draws [len(quantiles)]*table
}

// greatestTable is the greatest mean that is drawn from a table of its own.
const greatestTable = 4096

// countTables is how many requests tenants send in windows of a length.
func (w *World) countTables(rate float64, full int64) *counts {
	l := &w.traffic
	for _, c := range l.counts {
		if c.rate == rate && c.full == full {
			return c
		}
	}
	c := &counts{rate: rate, full: full}
	for g, weight := range w.roster.weights {
		c.means[g] = float64(rate*float64(full)/1e9) * weight / w.roster.total
		if c.means[g] <= greatestTable {
			c.draws[g] = poissonTable(c.means[g])
		}
	}
	const remembered = 32 // lengths, times the rates that there were
	if len(l.counts) == remembered {
		l.counts = l.counts[:0]
	}
	l.counts = append(l.counts, c)
	return c
}

// room is a list of n zeros, cut from a larger piece.
func (l *ledger) room(n int) []uint32 {
	if len(l.piece) < n {
		l.piece = make([]uint32, max(n, 1<<13))
	}
	list := l.piece[:n:n]
	l.piece = l.piece[n:]
	return list
}
