package simulator

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// crowd is the traffic per tenant of one arm over the windows [lo, hi). It slides
// forward with the questions that are asked.
type crowd struct {
	version  uint16
	baseline bool // everything but version
	lo, hi   int
	requests []int64
	errors   []int64
	seen     int // tenants with requests
}

// maxCrowds is how many crowds are remembered: two arms, over the bake and over
// the windows of the guards.
const maxCrowds = 4

// crowdOf is the traffic per tenant of an arm over the windows [lo, hi). It holds
// until the next call.
func (w *World) crowdOf(version uint16, baseline bool, lo, hi int) *crowd {
	l := &w.traffic
	best := -1
	for i, c := range l.crowds {
		if c.version != version || c.baseline != baseline || c.lo > lo || c.hi > hi || lo > c.hi {
			continue
		}
		if (lo-c.lo)+(hi-c.hi) < hi-lo && (best < 0 || c.lo > l.crowds[best].lo) {
			best = i
		}
	}
	if best < 0 {
		n := len(w.roster.ids)
		c := &crowd{version: version, baseline: baseline, lo: lo, hi: lo, requests: make([]int64, n), errors: make([]int64, n)}
		if len(l.crowds) == maxCrowds {
			copy(l.crowds, l.crowds[1:])
			l.crowds = l.crowds[:maxCrowds-1]
		}
		l.crowds = append(l.crowds, c)
		best = len(l.crowds) - 1
	}
	c := l.crowds[best]
	copy(l.crowds[best:], l.crowds[best+1:]) // the last one used is forgotten last
	l.crowds[len(l.crowds)-1] = c
	for ; c.lo < lo; c.lo++ {
		c.count(w, c.lo, -1)
	}
	for ; c.hi < hi; c.hi++ {
		c.count(w, c.hi, 1)
	}
	return c
}

// count adds window i to c, or takes it away: sign is 1 or -1.
func (c *crowd) count(w *World, i int, sign int64) {
	win := &w.traffic.windows[i]
	for k := win.from; k < win.to; k++ {
		p := &w.traffic.parts[k]
		if !c.mine(&w.Classes[p.class]) || p.requests == 0 {
			continue
		}
		sp := w.splitOf(win, p)
		sp.each(func(t int32, n int64) {
			was := c.requests[t]
			c.requests[t] += sign * n
			if was == 0 {
				c.seen++
			} else if c.requests[t] == 0 {
				c.seen--
			}
		})
		sp.blame(win, p, func(t int32, n int64) { c.errors[t] += sign * n })
	}
}

// mine says whether a class belongs to c's arm. What nobody serves is not the
// candidate's.
func (c *crowd) mine(cl *class) bool { return (cl.Version == c.version && !cl.Lost) != c.baseline }

// blame picks the errors of a part, and tells whose they are.
func (sp *split) blame(win *window, p *part, tell func(tenant int32, n int64)) {
	w := sp.w
	s := streamOf(w.seed(), forBlame, uint64(win.start), uint64(p.member))
	var factors []float64
	if c := &w.Classes[p.class]; !c.Lost && len(w.roster.factors) > 1 {
		for _, f := range w.roster.factors {
			factors = append(factors, c.rateOf(f, w.shockOf(win)))
		}
		if slices.Max(factors) == 0 {
			factors = nil
		}
	}
	sp.pick(&s, p.errors, trait{factors, w.roster.temper, &sp.g.tempers}, tell)
}

// leastRequests is how many requests a tenant needs to be the worst one.
const leastRequests = 20

// worst is the tenant with the highest error rate among those with enough
// requests, the first where several tie; nil: none has enough.
func (c *crowd) worst(ids []string) *engine.TenantCount {
	best := -1
	for t, n := range c.requests {
		if n < leastRequests {
			continue
		}
		if best < 0 || c.errors[t]*c.requests[best] > c.errors[best]*n {
			best = t
		}
	}
	if best < 0 {
		return nil
	}
	return &engine.TenantCount{Tenant: ids[best], Requests: c.requests[best], Errors: c.errors[best]}
}

// counts lists the tenants that sent something, with their requests and errors.
func (c *crowd) counts(ids []string) []engine.TenantCount {
	list := make([]engine.TenantCount, 0, c.seen)
	for t, n := range c.requests {
		if n > 0 {
			list = append(list, engine.TenantCount{Tenant: ids[t], Requests: n, Errors: c.errors[t]})
		}
	}
	return list
}
