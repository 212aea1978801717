package simulator

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// account is what one tenant did, beside its requests and errors.
type account struct {
	timeouts, conversions, slower int64
	latency, answered             int64 // microseconds
	score, surveys                int64 // thousandths
}

// accounts says what the tenants of an arm did in the windows [lo, hi), by position.
// It spreads what each version did in a window over the tenants that it served; it
// is dear, and drawn anew, the same, each time it is asked for.
func (w *World) accounts(c *crowd, lo, hi int, bound float64) []account {
	list := make([]account, len(w.roster.ids))
	for i := lo; i < hi; i++ {
		win := &w.traffic.windows[i]
		reqs, _ := w.remembered(win)
		co := w.cohortOf(win.segment)
		var versions []uint16
		for _, k := range co.classes {
			cl := &w.Classes[k]
			if !cl.Lost && !cl.Absent && c.mine(cl) && !slices.Contains(versions, cl.Version) {
				versions = append(versions, cl.Version)
			}
		}
		for _, v := range versions {
			w.account(list, i, v, co, reqs, bound)
		}
	}
	return list
}

// account spreads what version v did in window i.
func (w *World) account(list []account, i int, v uint16, co *cohort, reqs []uint32, bound float64) {
	t := w.traffic.total(v, i, i+1)
	if t.answered == 0 {
		return // nothing happened, or the samples were lost
	}
	var members []int32
	var does *Behaviour
	for j, k := range co.classes {
		if cl := &w.Classes[k]; cl.Version == v && !cl.Lost && !cl.Absent {
			members = append(members, co.members[j]...)
			does = &cl.Does
		}
	}
	sc, start := &w.traffic.scratch, uint64(w.traffic.windows[i].start)
	each := func(what uint64, k int64, field func(a *account) *int64) {
		s := streamOf(w.seed(), forTenants, start, name(w.Names[v]), what)
		sc.spread(&s, k, t.answered, members, reqs, func(tenant int32, n uint32) { *field(&list[tenant]) += int64(n) })
	}
	each(0, t.timeouts, func(a *account) *int64 { return &a.timeouts })
	each(1, t.conversions, func(a *account) *int64 { return &a.conversions })
	if bound > 0 {
		each(2, w.slowerThan(v, bound, i, i+1), func(a *account) *int64 { return &a.slower })
	}
	surveys := make([]int64, len(members))
	was := make([]int64, len(members))
	for j, m := range members {
		was[j] = list[m].surveys
	}
	each(3, t.surveys, func(a *account) *int64 { return &a.surveys })
	answered := make([]int64, len(members))
	for j, m := range members {
		surveys[j], answered[j] = list[m].surveys-was[j], int64(reqs[m])
		list[m].answered += answered[j]
	}
	s := streamOf(w.seed(), forTenants, start, name(w.Names[v]), 4)
	made := w.madeOf(w.classOf(class{Version: v, Does: *does}))
	for j, part := range parts(&s, t.latency, answered, made.meanUs, made.spreadUs) {
		list[members[j]].latency += part
	}
	for j, part := range parts(&s, t.score, surveys, float64(does.Satisfaction*1000), 800) {
		list[members[j]].score += part
	}
}

// parts draws, for each count, the sum of so many values with a mean and a
// deviation, so that they are total in all.
func parts(s *stream, total int64, counts []int64, mean, deviation float64) []int64 {
	sums := make([]int64, len(counts))
	left, n := total, int64(0)
	for i, k := range counts {
		sums[i] = about(s, k, mean, deviation)
		left -= sums[i]
		n += k
	}
	if n == 0 {
		return sums
	}
	// What is left over, or missing, goes to all in proportion to their counts.
	for i, k := range counts {
		part := int64(float64(left) * (float64(k) / float64(n)))
		left, n = left-part, n-k
		sums[i] += part
		if n == 0 {
			sums[i] += left
			break
		}
	}
	return sums
}

// perTenant lists the tenants of an arm that sent something.
func (w *World) perTenant(c *crowd, lo, hi int, bound float64) []engine.TenantCount {
	accounts := w.accounts(c, lo, hi, bound)
	list := make([]engine.TenantCount, 0, c.seen)
	for t, n := range c.requests {
		if n == 0 {
			continue
		}
		a := &accounts[t]
		list = append(list, engine.TenantCount{
			Tenant: w.roster.ids[t], Requests: n, Errors: c.errors[t],
			Timeouts: a.timeouts, Conversions: a.conversions, Slower: a.slower,
			Latency: mean(a.latency, 1e3, a.answered, 0), Satisfaction: mean(a.score, 1e3, a.surveys, 0),
		})
	}
	return list
}
