package traffic

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// What strikes some tenants is nothing to the others. So those tenants stay in the group
// in which they would be, whose requests are drawn and dealt as if nothing had struck, and
// then some of what they sent fails as well.

// patient is a tenant and the class that serves it.
type patient struct {
	tenant int32
	class  uint16
}

// relapse is how many more of a tenant's requests of a part failed.
type relapse struct {
	tenant int32
	part   int32
	errors int64
}

// base is the class that k would be if no fault struck some tenants.
func (f *Flow) base(k uint16) uint16 {
	if of := f.classes[k].Of; of != 0 {
		return of
	}
	return k
}

// diagnose finds the patients of a segment's groups.
func (f *Flow) diagnose(segment int32, co *cohort, seats *seats) {
	if !f.singled {
		return
	}
	for t, k := range f.routing.Segments[segment].Map {
		of := f.base(k)
		if f.classes[k].Least <= f.classes[of].Least {
			continue
		}
		i := slices.IndexFunc(co.groups, func(g group) bool {
			return !g.more && g.class == of && int(g.appeal) == f.roster.appealOf(t) && g.strain == seats.strain(&f.roster, of, t)
		})
		co.groups[i].ill = append(co.groups[i].ill, patient{int32(t), k})
	}
}

// servedSince is since when tenants have been served as they are in segment k, but for what
// strikes some of them.
func (f *Flow) servedSince(k int) int64 {
	if !f.singled {
		return f.routing.Segments[k].Start
	}
	l := &f.ledger
	if at, known := l.since[int32(k)]; known {
		return at
	}
	at := f.routing.Segments[k].Start
	if k > 1 && f.routing.Segments[k-1].Start >= 0 && f.alike(&f.routing.Segments[k-1], &f.routing.Segments[k]) {
		at = f.servedSince(k - 1)
	}
	if l.since == nil {
		l.since = map[int32]int64{}
	}
	l.since[int32(k)] = at
	return at
}

// alike says whether two segments differ in nothing but what strikes some tenants.
func (f *Flow) alike(a, b *Segment) bool {
	if a.Rate != b.Rate {
		return false
	}
	for t, k := range a.Map {
		if f.base(k) != f.base(b.Map[t]) {
			return false
		}
	}
	return true
}

// suffers says whether a part is of a group with patients. Of what was served alike before,
// only those who sent more are in other groups.
func suffers(groups []group, p *part) bool {
	return int(p.member) < len(groups) && len(groups[p.member].ill) > 0 && !groups[p.member].more
}

// relapses lets fail what fails as well in window i, the last one, because of what
// strikes some tenants: of what each of them sent.
func (f *Flow) relapses(i int) {
	l := &f.ledger
	win := &l.windows[i]
	win.ills = int32(len(l.ills))
	groups := f.cohortOf(win.segment).groups
	mine := func(p *part) bool { return suffers(groups, p) }
	if !slices.ContainsFunc(l.parts[win.from:win.to], func(p part) bool { return mine(&p) }) {
		return
	}
	t := &l.sick
	if from := f.stretchFrom(i); t.requests == nil || l.sickOf != win.segment || t.at < from {
		t.timeouts, l.sickOf = []int64{}, win.segment
		t.beginAt(from, f.roster.ids.len())
	}
	t.count(f, i, mine)
	for k := win.from; k < win.to; k++ {
		p := &l.parts[k]
		if !mine(p) {
			continue
		}
		ill := groups[p.member].ill
		sent := make([]int64, len(ill))
		for at, who := range ill {
			sent[at] = -t.succeeded(who.tenant)
		}
		t.countPart(f, win, p)
		for at, who := range ill {
			if n := sent[at] + t.succeeded(who.tenant); n > 0 {
				if failed := f.relapse(win, p, who, n); failed > 0 {
					l.ills = append(l.ills, relapse{who.tenant, k, failed})
					p.errors, p.more = p.errors+failed, p.more+failed
				}
			}
		}
	}
	t.at = i + 1
}

// relapse draws how many of n requests that would succeed fail as well.
func (f *Flow) relapse(win *window, p *part, who patient, n int64) int64 {
	k, cell := who.class, f.cellOf(win)
	if p.over {
		k = f.classes[k].Over
	}
	temper := f.roster.temperOf(int(who.tenant))
	worse := f.ratesIn(k, cell)[temper]
	usual := f.ratesIn(p.class, cell)[temper]
	s := chance.StreamOf(f.cfg.Seed, chance.ForErrors, uint64(win.start), f.keyOf(p), uint64(who.tenant))
	return chance.Binomial(&s, n, chance.Of((worse-usual)/(1-usual-f.classes[k].Does.TimeoutRate)))
}

// succeeded is how many of a tenant's requests did.
func (t *tally) succeeded(tenant int32) int64 {
	return t.requests[tenant] - t.errors[tenant] - t.timeouts[tenant]
}
