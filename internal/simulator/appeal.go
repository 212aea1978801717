package simulator

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// Tenants differ in how often their requests convert, as they do in how often they
// err: each has a factor of its own on the version's rate, its appeal, which stays
// with it whoever serves it, and has nothing to do with how often it errs.

// enrolAppeals gives each of n tenants an appeal, as many one as any other, in the
// order in which they are dealt after a shuffle for that.
func (r *roster) enrolAppeals(spread float64, shuffle func(chance.Purpose)) {
	r.appeals = factorsOf(spread)
	if len(r.appeals) == 1 {
		return
	}
	shuffle(chance.ForAppeals)
	r.appeal = make([]uint8, len(r.dealt))
	for i, t := range r.dealt {
		r.appeal[t] = uint8(i % len(r.appeals))
	}
}

// appealsOf fills in which share of the traffic of a segment's groups comes from
// tenants of each appeal.
func (w *World) appealsOf(segment int32, co *cohort) {
	if len(w.roster.appeals) == 1 {
		return
	}
	at := make([]*group, len(w.Classes))
	for i := range co.groups {
		at[co.groups[i].class] = &co.groups[i]
	}
	for t, k := range w.Segments[segment].Map {
		at[k].appeals[w.roster.appeal[t]] += w.roster.weight(t)
	}
	for i := range co.groups {
		g, sum := &co.groups[i], 0.0
		for _, weight := range g.appeals {
			sum += weight
		}
		for k := range g.appeals {
			g.appeals[k] /= sum
		}
	}
}

// conversionsOf are the conversion rates of class k by appeal; nil: all are alike.
func (w *World) conversionsOf(k uint16) []float64 {
	if len(w.roster.appeals) == 1 {
		return nil
	}
	rates := make([]float64, len(w.roster.appeals))
	for i, factor := range w.roster.appeals {
		rates[i] = min(1, float64(w.Classes[k].Does.ConversionRate*factor))
	}
	return rates
}

// converts is the chance that a request of p which succeeds converts.
func (w *World) converts(win *window, p *part) uint64 {
	if len(w.roster.appeals) == 1 {
		return w.madeOf(p.class).conversions
	}
	g := &w.cohortOf(win.segment).groups[p.member]
	if c := &g.converts; !c.known || c.class != p.class {
		rate := 0.0
		for i, r := range w.conversionsOf(p.class) {
			rate += float64(g.appeals[i] * r)
		}
		*c = converting{true, p.class, chance.Of(rate)}
	}
	return g.converts.chance
}

// converting remembers the chance that a request of a class converts.
type converting struct {
	known  bool
	class  uint16
	chance uint64
}
