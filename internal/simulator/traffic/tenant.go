package traffic

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// kindOf is requests that are alike but for who errs: those of the tenants of an appeal
// that a class serves.
type kindOf struct {
	class  uint16
	appeal uint8
}

func (k kindOf) has(p *part) bool { return p.class == k.class && p.appeal == k.appeal }

// deeds is what requests of a kind came to in some windows.
type deeds struct {
	kindOf
	requests, timeouts int64
	slower             int64 // than a bound
	rich               riches
}

// deedsOf lists what the kinds of a crowd did in the windows [lo, hi).
func (f *Flow) deedsOf(c *crowd, lo, hi int, bound float64) []deeds {
	appeals := len(f.roster.appeals.values)
	all, limits := make([]deeds, len(f.classes)*appeals), make([]uint64, len(f.classes))
	for k := range limits {
		limits[k] = chance.Of(f.madeOf(uint16(k)).above(bound))
	}
	for i := lo; i < hi; i++ {
		win := &f.ledger.windows[i]
		for j := win.from; j < win.to; j++ {
			p := &f.ledger.parts[j]
			d, class := &all[int(p.class)*appeals+int(p.appeal)], &f.classes[p.class]
			d.requests += p.requests
			d.timeouts += p.timeouts
			if p.requests == 0 || class.Lost || !c.mine(class) {
				continue
			}
			if bound > 0 {
				d.slower += f.slowerOf(win, p, limits[p.class])
			}
			if appeals > 1 {
				r := f.rich(win, p)
				d.rich.add(&r, 1)
			}
		}
	}
	return f.enrich(c, all, appeals, lo, hi)
}

// enrich lists those of all kinds that are a crowd's, with what became of their requests.
func (f *Flow) enrich(c *crowd, all []deeds, appeals, lo, hi int) []deeds {
	versions := make([]int, f.versions())
	for at := range all {
		all[at].kindOf = kindOf{uint16(at / appeals), uint8(at % appeals)}
		if all[at].requests > 0 {
			versions[f.classes[at/appeals].Version]++
		}
	}
	list := all[:0]
	for _, d := range all {
		class := &f.classes[d.class]
		switch {
		case d.requests == 0 || !c.mine(class):
			continue
		case appeals > 1:
		case versions[class.Version] == 1: // whose riches are counted already
			d.rich = f.richesOf(class.Version, lo, hi)
		default:
			d.rich = f.richesOfKind(d.kindOf, lo, hi)
		}
		list = append(list, d)
	}
	return list
}

// perTenant lists the tenants of a crowd that sent something in the windows [lo, hi), which
// are the crowd's, with all that came of it. It is dear, and drawn anew, the same, each
// time it is asked for.
func (f *Flow) perTenant(c *crowd, lo, hi int, bound float64) []engine.TenantCount {
	counts := meanwhile.Do(func() []engine.TenantCount { return c.counts(f.roster.ids) })
	kinds := f.deedsOf(c, lo, hi, bound)
	for i := range kinds {
		d, t := &kinds[i], &tally{requests: c.requests, errors: c.errors}
		if len(kinds) > 1 || d.timeouts > 0 { // else the crowd has counted it
			t = &f.ledger.kinds
			if t.timeouts == nil {
				t.timeouts = []int64{}
			}
			t.begin(f, lo, d.has)
			t.count(f, hi, d.has)
		}
		f.account(counts, c, d, t, lo, hi)
	}
	list := counts()
	for i := range list { // which were sums in units of their own
		t := &list[i]
		t.Latency.Sum /= 1e3
		t.Satisfaction.Sum += float64(t.Satisfaction.Count)
	}
	return list
}

// account spreads what came of the requests of a kind, which were counted, over the
// tenants that sent them. Requests, errors and timeouts are each window's; the rest is spread
// over the whole time at once, and fits each question, but not one question to another. Of very
// many the list is gone through as seldom as the order of the draws lets it.
func (f *Flow) account(list func() []engine.TenantCount, c *crowd, d *deeds, own *tally, lo, hi int) {
	sp := &f.ledger.split
	if f.classes[d.class].Lost {
		c.each(list(), func(at int, t *engine.TenantCount) { t.Timeouts += own.timeoutsOf(at) })
		return
	}
	m, sum := f.madeOf(d.class), &d.rich
	s := chance.StreamOf(f.cfg.Seed, chance.ForAccounts, uint64(f.ledger.windows[lo].start), uint64(f.ledger.windows[hi-1].end), m.key, uint64(d.appeal))
	sp.of(own.requests, &f.roster.room)
	sp.took(own.errors)
	sp.took(own.timeouts)
	converted := sp.pick(&s, sum.conversions)
	c.each(list(), func(at int, t *engine.TenantCount) {
		t.Timeouts += own.timeoutsOf(at)
		t.Conversions += converted[at]
	})
	sp.restore() // whoever was asked, or slow, may have erred or not
	surveys := append(f.ledger.surveys[:0], sp.pick(&s, sum.surveys)...)
	f.ledger.surveys = surveys
	sp.restore()
	slower, left, n := sp.pick(&s, d.slower), sum.latency, int64(0)
	c.each(list(), func(at int, t *engine.TenantCount) {
		t.Slower += slower[at]
		t.Satisfaction.Count += surveys[at]
		surveys[at] *= 4
		if k := own.requests[at]; k > 0 {
			sum := chance.About(&s, k, m.meanUs, m.spreadUs)
			t.Latency.Sum += float64(sum)
			t.Latency.Count += k
			left, n = left-sum, n+k
		}
	})
	sp.of(surveys, &f.roster.room)
	stars := sp.pick(&s, sum.stars)
	c.each(list(), func(at int, t *engine.TenantCount) {
		t.Satisfaction.Sum += float64(stars[at])
		// What is left over of the latencies, or missing, goes to all in proportion to their requests.
		if k := own.requests[at]; k > 0 {
			part := int64(float64(left) * (float64(k) / float64(n)))
			left, n = left-part, n-k
			if n == 0 {
				part += left
			}
			t.Latency.Sum += float64(part)
		}
	})
}
