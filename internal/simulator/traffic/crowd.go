package traffic

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// crowd is the traffic per tenant of one arm over the windows [lo, hi). It slides
// forward with the questions that are asked.
type crowd struct {
	version          uint16
	baseline         bool // everything but version
	started          bool
	from             int // window from which low and high count
	low, high        tally
	sliding          bool // low has counted something
	requests, errors []int64
	seen             int     // tenants with requests
	room             []int64 // for requests and errors while c slides
}

// maxCrowds is how many crowds are remembered: two arms, over the bake and over
// the windows of the guards.
const maxCrowds = 4

// crowdOf is the traffic per tenant of an arm over the windows [lo, hi). It holds
// until the next call.
func (f *Flow) crowdOf(version uint16, baseline bool, lo, hi int) *crowd {
	c := f.crowdFor(version, baseline, lo, hi)
	c.slide(f, lo, hi)
	return c
}

// crowdFor is the crowd of an arm that is to be that over the windows [lo, hi). The last two
// that were given are not given again for others.
func (f *Flow) crowdFor(version uint16, baseline bool, lo, hi int) *crowd {
	l := &f.ledger
	best, over := l.nearest(version, baseline, lo, hi)
	switch {
	case best >= 0:
	case over >= 0: // nobody asks about what is over again
		best = over
		l.crowds[best].restart(version, baseline)
	case len(l.crowds) < maxCrowds:
		l.crowds = append(l.crowds, &crowd{version: version, baseline: baseline})
		best = len(l.crowds) - 1
	default: // the one that was used the longest ago
		best = 0
		l.crowds[best].restart(version, baseline)
	}
	c := l.crowds[best]
	copy(l.crowds[best:], l.crowds[best+1:]) // the last one used is forgotten last
	l.crowds[len(l.crowds)-1] = c
	if c.high.room = nil; baseline && f.roster.Len() >= meanwhile.Few { // see Beside
		c.high.room = &l.beside
	}
	return c
}

// nearest is the crowd of an arm that the fewest windows make that of [lo, hi), and one that
// ends before them; -1: there is none.
func (l *ledger) nearest(version uint16, baseline bool, lo, hi int) (best, over int) {
	best, over = -1, -1
	for i, c := range l.crowds {
		switch {
		case c.version != version || c.baseline != baseline:
		case c.high.at < lo:
			over = i
		case c.low.at > lo || c.high.at > hi:
		case (lo-c.low.at)+(hi-c.high.at) < hi-lo && (best < 0 || c.low.at > l.crowds[best].low.at):
			best = i
		}
	}
	return best, over
}

// restart makes c another crowd, in the same room.
func (c *crowd) restart(version uint16, baseline bool) {
	c.version, c.baseline, c.started = version, baseline, false
}

// slide makes c the windows [lo, hi). As long as they begin where c began, there is
// nothing before them to be counted.
func (c *crowd) slide(f *Flow, lo, hi int) {
	mine := func(p *part) bool { return c.mine(&f.classes[p.class]) }
	if p := &f.ledger.priors; !c.started && f.isPrior(c, lo, hi) {
		c.low.at, c.high.at = lo, hi
		c.requests, c.errors = p.requests, p.errors
		c.see()
		return
	}
	c.start(f, lo)
	if lo > c.from && !c.sliding {
		c.sliding = true
		c.low.begin(f, c.from, mine)
	}
	c.high.count(f, hi, mine)
	c.requests, c.errors = c.high.requests, c.high.errors
	if c.sliding {
		c.low.count(f, lo, mine)
		n := len(c.requests)
		c.room = zeros(c.room, 2*n)
		c.requests, c.errors = c.room[:n], c.room[n:]
		for t, sent := range c.high.requests {
			c.requests[t], c.errors[t] = sent-c.low.requests[t], c.high.errors[t]-c.low.errors[t]
		}
	}
	c.see()
}

// start makes a crowd that is none yet one that begins with window lo.
func (c *crowd) start(f *Flow, lo int) {
	if !c.started {
		c.started, c.sliding, c.from = true, false, lo
		c.low.at = lo
		c.high.begin(f, lo, func(p *part) bool { return c.mine(&f.classes[p.class]) })
	}
}

// see counts who sent something.
func (c *crowd) see() {
	c.seen = 0
	for _, sent := range c.requests {
		if sent > 0 {
			c.seen++
		}
	}
}

// isPrior says whether a crowd over the windows [lo, hi) is what tenants sent before the clock's
// start, which has been counted: it is over all of that time, and as much.
func (f *Flow) isPrior(c *crowd, lo, hi int) bool {
	l := &f.ledger
	if l.priors.requests == nil || lo >= hi || l.windows[lo].start != f.routing.Segments[0].Start || l.windows[hi-1].end != 0 {
		return false
	}
	var sent, failed int64
	for _, p := range l.parts[l.windows[lo].from:l.windows[hi-1].to] {
		if c.mine(&f.classes[p.class]) {
			sent, failed = sent+p.requests, failed+p.errors
		}
	}
	return sent == l.priors.sent && failed == l.priors.failed
}

// mine says whether a class belongs to c's arm. What nobody serves is not the
// candidate's.
func (c *crowd) mine(cl *Class) bool { return (cl.Version == c.version && !cl.Lost) != c.baseline }

// leastRequests is how many requests a tenant needs to be the worst one.
const leastRequests = 20

// worst is the tenant with the highest error rate among those with enough
// requests, the first where several tie; nil: none has enough.
func (c *crowd) worst(ids names) *engine.TenantCount {
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
	return &engine.TenantCount{Tenant: ids.of(best), Requests: c.requests[best], Errors: c.errors[best]}
}

// counts lists the tenants that sent something, with their requests and errors.
func (c *crowd) counts(ids names) []engine.TenantCount {
	list, i := make([]engine.TenantCount, c.seen), 0
	for at, n := range c.requests {
		if n > 0 {
			t := &list[i]
			t.Tenant, t.Requests, t.Errors = ids.of(at), n, c.errors[at]
			i++
		}
	}
	return list
}

// each goes through a list that counts made, with the position of each one's tenant.
func (c *crowd) each(list []engine.TenantCount, tell func(at int, t *engine.TenantCount)) {
	i := 0
	for at, n := range c.requests {
		if n > 0 {
			tell(at, &list[i])
			i++
		}
	}
}
