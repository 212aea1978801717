package prom

import (
	"slices"
	"sort"
)

// cellKey is what things are counted by. part is an outcome, a bound or a kind of number,
// as the query has it.
type cellKey struct{ version, tenant, part string }

// entry is what was added between two samples.
type entry struct {
	begin, end int64 // Unix ms: after begin, up to end
	n          float64
}

// cell is all that was added under a key, by when it ended. Sums of it are differences.
type cell struct {
	grain   int64 // times are rounded down to its multiples, so that there are few; 0: they are not
	entries []entry
	sums    []float64 // sums[i] is that of entries[:i+1]; as long as it is in order
}

// add adds an entry. Most come in order; one that does not has the sums made anew.
func (c *cell) add(e entry) {
	e.begin, e.end = c.coarse(e.begin), c.coarse(e.end)
	n := len(c.entries)
	if n == 0 || c.entries[n-1].end <= e.end {
		if n > 0 && c.entries[n-1].begin == e.begin && c.entries[n-1].end == e.end {
			c.entries[n-1].n += e.n
			c.sums = c.sums[:min(len(c.sums), n-1)]
			return
		}
		c.entries = append(c.entries, e)
		return
	}
	at := sort.Search(n, func(i int) bool { return c.entries[i].end >= e.end })
	for i := at; i < n && c.entries[i].end == e.end; i++ {
		if c.entries[i].begin == e.begin {
			c.entries[i].n += e.n
			c.sums = c.sums[:min(len(c.sums), i)]
			return
		}
	}
	c.entries = slices.Insert(c.entries, at, e)
	c.sums = c.sums[:min(len(c.sums), at)]
}

// coarse is the time as the cell knows it.
func (c *cell) coarse(at int64) int64 {
	if c.grain <= 1 {
		return at
	}
	return at - at%c.grain
}

// upTo is the sum of the first n entries.
func (c *cell) upTo(n int) float64 {
	if n == 0 {
		return 0
	}
	for i := len(c.sums); i < n; i++ {
		before := 0.0
		if i > 0 {
			before = c.sums[i-1]
		}
		c.sums = append(c.sums, before+c.entries[i].n)
	}
	return c.sums[n-1]
}

// between is what was added in (from, to], each entry as a whole at its end: the counter as it
// was known at to, less what it was known to be at from. Times that meet share nothing and
// leave nothing out.
func (c *cell) between(from, to int64) float64 {
	lo, hi := c.find(from), c.find(to)
	if lo >= hi {
		return 0
	}
	return c.upTo(hi) - c.upTo(lo)
}

// find is where the entries begin that end after a time.
func (c *cell) find(at int64) int {
	at = c.coarse(at)
	return sort.Search(len(c.entries), func(i int) bool { return c.entries[i].end > at })
}

// each calls f with the entries of (from, to].
func (c *cell) each(from, to int64, f func(entry)) {
	for _, e := range c.entries[c.find(from):max(c.find(from), c.find(to))] {
		f(e)
	}
}
