package simulator

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
func (w *World) base(k uint16) uint16 {
	if of := w.Classes[k].Of; of != 0 {
		return of
	}
	return k
}

// diagnose finds the patients of a segment's groups.
func (w *World) diagnose(segment int32, co *cohort) {
	if !w.singled {
		return
	}
	for t, k := range w.Segments[segment].Map {
		of := w.base(k)
		if w.Classes[k].Least <= w.Classes[of].Least {
			continue
		}
		i := slices.IndexFunc(co.groups, func(g group) bool {
			return !g.more && g.class == of && int(g.appeal) == w.roster.appealOf(t)
		})
		co.groups[i].ill = append(co.groups[i].ill, patient{int32(t), k})
	}
}

// servedSince is since when tenants have been served as they are in segment k, but for what
// strikes some of them.
func (w *World) servedSince(k int) int64 {
	if !w.singled {
		return w.Segments[k].Start
	}
	l := &w.traffic
	if at, known := l.since[int32(k)]; known {
		return at
	}
	at := w.Segments[k].Start
	if k > 1 && w.Segments[k-1].Start >= 0 && w.alike(&w.Segments[k-1], &w.Segments[k]) {
		at = w.servedSince(k - 1)
	}
	if l.since == nil {
		l.since = map[int32]int64{}
	}
	l.since[int32(k)] = at
	return at
}

// alike says whether two segments differ in nothing but what strikes some tenants.
func (w *World) alike(a, b *segment) bool {
	if a.Rate != b.Rate {
		return false
	}
	for t, k := range a.Map {
		if w.base(k) != w.base(b.Map[t]) {
			return false
		}
	}
	return true
}

// relapses lets fail what fails as well in window i, the last one, because of what
// strikes some tenants: of what each of them sent.
func (w *World) relapses(i int) {
	l := &w.traffic
	win := &l.windows[i]
	win.ills = int32(len(l.ills))
	groups := w.cohortOf(win.segment).groups
	mine := func(p *part) bool { // of what was served alike before, only those who sent more are in other groups
		return int(p.member) < len(groups) && len(groups[p.member].ill) > 0 && !groups[p.member].more
	}
	if !slices.ContainsFunc(l.parts[win.from:win.to], func(p part) bool { return mine(&p) }) {
		return
	}
	t := &l.sick
	if from := w.stretchFrom(i); t.requests == nil || l.sickOf != win.segment || t.at < from {
		t.timeouts, l.sickOf = []int64{}, win.segment
		t.beginAt(from, w.roster.ids.len())
	}
	t.count(w, i, mine)
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
		t.countPart(w, win, p)
		for at, who := range ill {
			if n := sent[at] + t.succeeded(who.tenant); n > 0 {
				if failed := w.relapse(win, p, who, n); failed > 0 {
					l.ills = append(l.ills, relapse{who.tenant, k, failed})
					p.errors, p.more = p.errors+failed, p.more+failed
				}
			}
		}
	}
	t.at = i + 1
}

// relapse draws how many of n requests that would succeed fail as well.
func (w *World) relapse(win *window, p *part, who patient, n int64) int64 {
	k, cell := who.class, w.cellOf(win)
	if p.over {
		k = w.Classes[k].Over
	}
	temper := w.roster.temperOf(int(who.tenant))
	worse := w.ratesIn(k, cell)[temper]
	usual := w.ratesIn(p.class, cell)[temper]
	s := chance.StreamOf(w.seed(), chance.ForErrors, uint64(win.start), w.keyOf(p), uint64(who.tenant))
	return chance.Binomial(&s, n, chance.Of((worse-usual)/(1-usual-w.Classes[k].Does.TimeoutRate)))
}

// succeeded is how many of a tenant's requests did.
func (t *tally) succeeded(tenant int32) int64 {
	return t.requests[tenant] - t.errors[tenant] - t.timeouts[tenant]
}
