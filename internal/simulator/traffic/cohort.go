package traffic

import (
	"cmp"
	"slices"
)

// cohort says who is served how in a segment.
type cohort struct {
	groups []group // first those of what tenants usually send
	usual  int     // how many those are
	// scale is the traffic of those, relative to what they usually send.
	scale float64
}

// group is the tenants of a class and an appeal in a segment, but for those that a shock may
// bring to the limit: those of a temper are a group.
type group struct {
	class  uint16
	appeal uint8
	strain uint8  // see strained
	more   bool   // what its tenants send beside what is usual, which is another group's
	key    uint64 // of its streams: it says what the group is
	size   int
	weight float64 // the group's share of the traffic, in units of the roster's weights
	rate   float64 // of errors, all tenants together, in a minute like any other
	// tempers has the share of the group's traffic by temper, see roster.
	tempers []float64
	// members are the group's tenants, kind by kind. They are listed when somebody asks
	// who did what.
	members []int32
	cells   []cell
	// ill are those of the members, with what serves them, of whose requests more fail.
	ill []patient
}

// cell is the members of a group, [from, to), that send and err alike.
type cell struct {
	at            int // see roster.cell
	grade, temper int
	from, to      int32
}

// weigh makes g the tenants of a tally by cells.
func (g *group) weigh(by []int32, r *Roster) {
	tempers := len(r.tempers.values)
	g.tempers = make([]float64, tempers)
	for at, n := range by {
		if n == 0 {
			continue
		}
		weight := float64(float64(n) * r.weights[at/tempers])
		g.size, g.weight = g.size+int(n), g.weight+weight
		g.tempers[at%tempers] += weight
	}
	for i := range g.tempers {
		g.tempers[i] /= g.weight
	}
}

// cohortOf lists the groups of a segment.
func (f *Flow) cohortOf(segment int32) *cohort {
	l, r := &f.ledger, &f.roster
	if c := l.cohorts[segment]; c != nil {
		return c
	}
	if l.cohorts == nil {
		l.cohorts = map[int32]*cohort{}
	}
	co, seats := &cohort{}, f.seats()
	for at, by := range f.seated(segment, &seats) { // in the order of the classes
		if by != nil && !f.classes[at/seats.appeals/seats.strains%len(f.classes)].Absent { // of whom nothing comes
			co.groups = append(co.groups, f.groupOf(at, by, &seats))
		}
	}
	slices.SortStableFunc(co.groups, func(a, b group) int {
		if a.more != b.more {
			return cond(a.more, 1, -1)
		}
		return cmp.Compare(a.key, b.key)
	})
	for i := range co.groups {
		if g := &co.groups[i]; !g.more {
			co.usual++
			co.scale += g.weight / r.usual
		}
	}
	f.diagnose(segment, co, &seats)
	l.cohorts[segment] = co
	return co
}

// seated counts the tenants of a segment by cell, for each group, and then for each where they
// send more than is usual.
func (f *Flow) seated(segment int32, seats *seats) [][]int32 {
	r := &f.roster
	groups, cells := len(f.classes)*seats.appeals*seats.strains, r.cells()
	counts := make([][]int32, 2*groups)
	bases, more := make([]uint16, len(f.classes)), false
	for k := range f.classes {
		bases[k] = f.base(uint16(k))
		more = more || f.classes[k].Times > 1
	}
	for t, k := range f.routing.Segments[segment].Map { // of which there may be very many
		at := seats.of(r, bases[k], t)
		by := counts[at]
		if by == nil {
			by = make([]int32, cells)
			counts[at] = by
		}
		by[r.cell(t)]++
	}
	if !more {
		return counts
	}
	for t, k := range f.routing.Segments[segment].Map {
		if f.classes[k].Times > 1 {
			at := groups + seats.of(r, k, t)
			if counts[at] == nil {
				counts[at] = make([]int32, cells)
			}
			counts[at][r.cell(t)]++
		}
	}
	return counts
}

// groupOf is the group at a position of a census.
func (f *Flow) groupOf(at int, by []int32, seats *seats) group {
	k := at / seats.strains / seats.appeals
	g := group{more: k >= len(f.classes), appeal: uint8(at / seats.strains % seats.appeals), strain: uint8(at % seats.strains)}
	g.class = uint16(k % len(f.classes))
	g.weigh(by, &f.roster)
	c, m := &f.classes[g.class], f.madeOf(g.class)
	if g.more {
		g.weight = float64(g.weight * (c.Times - 1))
	}
	for i, rate := range m.rates {
		g.rate += float64(g.tempers[i] * rate)
	}
	g.key = m.keyOf(g.appeal, g.strain)
	return g
}

// ratesOf are the error rates of tenants of class c by temper, in a minute like any other.
func (c *Class) ratesOf(r *Roster) []float64 {
	most := 1 - c.Does.TimeoutRate
	rates := r.tempers.levelled(c.Does.ErrorRate, most)
	for i := range rates {
		rates[i] = max(rates[i], c.Least)
	}
	return rates
}

// list fills in g's members.
func (f *Flow) list(segment int32, g *group) {
	if g.members != nil {
		return
	}
	r, classes, seats := &f.roster, f.routing.Segments[segment].Map, f.seats()
	mine := func(t int, k uint16) bool {
		return cond(g.more, k, f.base(k)) == g.class && r.appealOf(t) == int(g.appeal) && seats.strain(r, g.class, t) == g.strain
	}
	at := make([]int32, r.cells())
	for t, k := range classes {
		if mine(t, k) {
			at[r.cell(t)]++
		}
	}
	end, tempers := int32(0), len(r.tempers.values)
	for i, n := range at {
		at[i] = end
		if end += n; n > 0 {
			g.cells = append(g.cells, cell{at: i, grade: i / tempers, temper: i % tempers, from: end - n, to: end})
		}
	}
	g.members = make([]int32, end)
	for t, k := range classes {
		if mine(t, k) {
			i := r.cell(t)
			g.members[at[i]] = int32(t)
			at[i]++
		}
	}
}

// cell says which tenants send and err as t does: those with the same number.
func (r *Roster) cell(t int) int {
	if r.temper == nil {
		return int(r.grade[t])
	}
	return int(r.grade[t])*len(r.tempers.values) + int(r.temper[t])
}

// temperOf is the temper of tenant t.
func (r *Roster) temperOf(t int) int {
	if r.temper == nil {
		return 0
	}
	return int(r.temper[t])
}

// cells is how many kinds of tenants there are.
func (r *Roster) cells() int { return len(r.weights) * len(r.tempers.values) }

// appealOf is the appeal of tenant t.
func (r *Roster) appealOf(t int) int {
	if r.appeal == nil {
		return 0
	}
	return int(r.appeal[t])
}
