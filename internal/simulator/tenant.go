package simulator

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// account is what one tenant did.
type account struct {
	requests, errors, timeouts, conversions, slower int64
	latency, answered                               int64 // microseconds
	stars, surveys                                  int64 // stars as riches have them
}

// accounts says what the tenants of an arm did in the windows [lo, hi), by position.
// It is dear, and drawn anew, the same, each time it is asked for.
func (w *World) accounts(c *crowd, lo, hi int, bound float64) []account {
	list := make([]account, len(w.roster.ids))
	for k := range w.Classes {
		if cl := &w.Classes[k]; cl.Absent || !c.mine(cl) {
			continue
		}
		for appeal := range w.roster.appeals.values {
			w.account(list, kindOf{uint16(k), uint8(appeal)}, lo, hi, bound)
		}
	}
	return list
}

// kindOf is requests that are alike but for who errs: those of the tenants of an appeal
// that a class serves.
type kindOf struct {
	class  uint16
	appeal uint8
}

func (k kindOf) has(p *part) bool { return p.class == k.class && p.appeal == k.appeal }

// account spreads what came of the requests of a kind over the tenants that sent them.
// Requests, errors and timeouts are each window's; the rest is spread over the whole time
// at once, and fits each question, but not one question to another.
func (w *World) account(list []account, k kindOf, lo, hi int, bound float64) {
	c, m := &w.Classes[k.class], w.madeOf(k.class)
	requests, slow, limit := int64(0), int64(0), chance.Of(m.above(bound))
	alone := len(w.roster.appeals.values) == 1 // of its version
	for i := lo; i < hi; i++ {
		win := &w.traffic.windows[i]
		for j := win.from; j < win.to; j++ {
			p := &w.traffic.parts[j]
			switch {
			case p.requests == 0:
			case !k.has(p):
				alone = alone && w.Classes[p.class].Version != c.Version
			default:
				requests += p.requests
				if bound > 0 && !c.Lost {
					slow += w.slowerOf(win, p, limit)
				}
			}
		}
	}
	if requests == 0 {
		return
	}
	var t tally
	t.timeouts = []int64{}
	t.countFrom(w, lo, hi, k.has)
	for at, n := range t.requests {
		list[at].requests += n
		list[at].errors += t.errors[at]
		list[at].timeouts += t.timeouts[at]
	}
	if c.Lost {
		return
	}
	sum := w.richesOfKind(k, alone, lo, hi)
	s := chance.StreamOf(w.seed(), chance.ForAccounts, uint64(w.traffic.windows[lo].start), uint64(w.traffic.windows[hi-1].end), m.key, uint64(k.appeal))
	sp := newSplit(t.requests)
	sp.took(t.errors)
	sp.took(t.timeouts)
	sp.pick(&s, sum.conversions, func(t int32, n int64) { list[t].conversions += n })
	sp.restore() // whoever was asked, or slow, may have erred or not
	surveys := zeros(t.errors, len(list))
	sp.pick(&s, sum.surveys, func(t int32, n int64) { surveys[t] += n })
	sp.restore()
	sp.pick(&s, slow, func(t int32, n int64) { list[t].slower += n })
	parts(&s, sum.latency, t.requests, m.meanUs, m.spreadUs, func(t int, part int64) { list[t].latency += part })
	for at := range list {
		list[at].answered += t.requests[at]
		list[at].surveys += surveys[at]
		surveys[at] *= 4
	}
	newSplit(surveys).pick(&s, sum.stars, func(t int32, n int64) { list[t].stars += n })
}

// parts draws, for each count, the sum of so many values with a mean and a
// deviation, so that they are total in all.
func parts(s *chance.Stream, total int64, counts []int64, mean, deviation float64, tell func(i int, part int64)) {
	left, n := total, int64(0)
	for i, k := range counts {
		if k > 0 {
			sum := chance.About(s, k, mean, deviation)
			tell(i, sum)
			left, n = left-sum, n+k
		}
	}
	// What is left over, or missing, goes to all in proportion to their counts.
	for i, k := range counts {
		if k > 0 {
			part := int64(float64(left) * (float64(k) / float64(n)))
			left, n = left-part, n-k
			if n == 0 {
				part += left
			}
			tell(i, part)
		}
	}
}

// perTenant lists the tenants of an arm that sent something.
func (w *World) perTenant(c *crowd, lo, hi int, bound float64) []engine.TenantCount {
	accounts := w.accounts(c, lo, hi, bound)
	n := 0
	for t := range accounts {
		if accounts[t].requests > 0 {
			n++
		}
	}
	list := make([]engine.TenantCount, 0, n)
	for t := range accounts {
		a := &accounts[t]
		if a.requests == 0 {
			continue
		}
		list = append(list, engine.TenantCount{
			Tenant: w.roster.ids[t], Requests: a.requests, Errors: a.errors,
			Timeouts: a.timeouts, Conversions: a.conversions, Slower: a.slower,
			Latency: mean(a.latency, 1e3, a.answered, 0), Satisfaction: mean(a.surveys+a.stars, 1, a.surveys, 0),
		})
	}
	return list
}

// worstOf is the tenant of list with the highest error rate among those with enough
// requests, the first where several tie; nil: none has enough.
func worstOf(list []engine.TenantCount) *engine.TenantCount {
	var worst *engine.TenantCount
	for i := range list {
		if t := &list[i]; t.Requests >= leastRequests && (worst == nil || t.Errors*worst.Requests > worst.Errors*t.Requests) {
			worst = t
		}
	}
	if worst == nil {
		return nil
	}
	return &engine.TenantCount{Tenant: worst.Tenant, Requests: worst.Requests, Errors: worst.Errors}
}
