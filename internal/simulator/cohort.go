package simulator

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// cohort says who is served how in a segment.
type cohort struct {
	groups []group
	// scale is the traffic of all tenants, relative to what they usually send.
	scale float64
}

// group is the tenants of a class in a segment.
type group struct {
	class uint16
	size  int
	// weight is the group's share of the traffic, in units of the roster's weights;
	// share the chance that a request which is not of an earlier group is of this one.
	weight float64
	share  uint64
	// rate is the error rate of the group's requests, all tenants together, with the
	// chance of an error, and of a timeout where there is none.
	rate             float64
	errors, timeouts uint64
	// tempers has the share of the group's traffic by temper, see roster.
	tempers [len(quantiles)]float64
	// appeals has the same by appeal, where tenants differ in that.
	appeals  [len(quantiles)]float64
	converts converting // what it was last, see World.converts
	// members are the group's tenants, cell by cell, and upTo has where each cell
	// ends. They are listed when somebody asks who did what.
	members []int32
	upTo    [cells]int32
}

// tallied are numbers of tenants, by grade and temper.
type tallied [len(quantiles)][len(quantiles)]int32

// weigh makes g the tenants of a tally.
func (g *group) weigh(by *tallied, r *roster) {
	for grade, tempers := range by {
		for temper, n := range tempers {
			if n == 0 {
				continue
			}
			weight := float64(float64(n) * r.weights[grade])
			g.size, g.weight = g.size+int(n), g.weight+weight
			g.tempers[temper] += weight
		}
	}
	for i := range g.tempers {
		g.tempers[i] /= g.weight
	}
}

// cohortOf lists the groups of a segment.
func (w *World) cohortOf(segment int32) *cohort {
	l := &w.traffic
	if c := l.cohorts[segment]; c != nil {
		return c
	}
	if l.cohorts == nil {
		l.cohorts = map[int32]*cohort{}
	}
	counts := make([]*tallied, len(w.Classes))
	for t, k := range w.Segments[segment].Map {
		if counts[k] == nil {
			counts[k] = new(tallied)
		}
		counts[k][w.roster.grade[t]][w.roster.temper[t]]++
	}
	co := &cohort{}
	for k, by := range counts { // in the order of the classes
		if by == nil {
			continue
		}
		g := group{class: uint16(k)}
		g.weigh(by, &w.roster)
		if times := w.Classes[k].Times; times > 0 {
			g.weight = float64(g.weight * times)
		}
		g.rate = w.roster.rateOf(&g, &w.Classes[k], 1)
		g.errors, g.timeouts = chances(g.rate, w.Classes[k].Does.TimeoutRate)
		co.groups = append(co.groups, g)
	}
	w.appealsOf(segment, co)
	rest := 0.0
	for i := len(co.groups) - 1; i >= 0; i-- {
		g := &co.groups[i]
		rest += g.weight
		g.share = chance.Of(g.weight / rest)
	}
	co.scale = rest / w.roster.total
	l.cohorts[segment] = co
	return co
}

// rateOf is the error rate of a group of class c in a minute with a shock: that of
// its tenants, weighted by what they send.
func (r *roster) rateOf(g *group, c *class, shock float64) float64 {
	rate := 0.0
	for i, factor := range r.factors {
		rate += float64(g.tempers[i] * c.rateOf(factor, shock))
	}
	return rate
}

// rateOf is the error rate of a tenant of class c.
func (c *class) rateOf(factor, shock float64) float64 {
	usual := max(min(float64(c.Does.ErrorRate*factor), 1-c.Does.TimeoutRate), c.Least)
	return min(float64(usual*shock), 1-c.Does.TimeoutRate)
}

// list fills in g's members.
func (w *World) list(segment int32, g *group) {
	if g.members != nil {
		return
	}
	r, seats := &w.roster, w.Segments[segment].Map
	var at [cells]int32
	for t, k := range seats {
		if k == g.class {
			at[r.cell(t)]++
		}
	}
	end := int32(0)
	for cell, n := range at {
		at[cell] = end
		end += n
		g.upTo[cell] = end
	}
	g.members = make([]int32, end)
	for t, k := range seats {
		if k == g.class {
			cell := r.cell(t)
			g.members[at[cell]] = int32(t)
			at[cell]++
		}
	}
}

// cell is which members are of a cell: [from, to).
func (g *group) cell(cell int) (from, to int32) {
	if cell > 0 {
		from = g.upTo[cell-1]
	}
	return from, g.upTo[cell]
}

// cell is the cell of tenant t.
func (r *roster) cell(t int) int { return int(r.grade[t])*tempers + int(r.temper[t]) }
