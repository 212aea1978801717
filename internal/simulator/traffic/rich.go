package traffic

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// riches is what became of requests beside errors and timeouts. Sums are whole
// numbers, so that the difference of two is exact.
type riches struct {
	conversions, surveys int64
	stars                int64 // of four that a survey has beside the first
	latency, execution   int64 // microseconds
	samples, cpu, memory int64 // millionths
}

func (r *riches) add(o *riches, sign int64) {
	r.conversions += sign * o.conversions
	r.surveys += sign * o.surveys
	r.stars += sign * o.stars
	r.latency += sign * o.latency
	r.execution += sign * o.execution
	r.samples += sign * o.samples
	r.cpu += sign * o.cpu
	r.memory += sign * o.memory
}

// richesOf adds up what became of a version's requests in the windows [lo, hi).
func (f *Flow) richesOf(version uint16, lo, hi int) riches {
	s := f.ledger.of(version)
	if s == nil || lo >= hi {
		return riches{}
	}
	before, after := s.rich.upto(lo, hi, func(i int, to *riches) {
		win := &f.ledger.windows[i]
		last := -1 // class whose load was counted
		for k := win.from; k < win.to; k++ {
			p := &f.ledger.parts[k]
			c := &f.classes[p.class]
			if c.Version != version || c.Lost {
				continue
			}
			r := f.rich(win, p)
			if last != int(p.class) { // its instances have one, whoever sends the requests
				last = int(p.class)
				f.load(win, p, &r)
			}
			to.add(&r, 1)
		}
	})
	sum := *after
	sum.add(before, -1)
	return sum
}

// rich draws what became of the requests of a part, but for the load that they were.
func (f *Flow) rich(win *window, p *part) (r riches) {
	c := &f.classes[p.class]
	if c.Lost || p.requests == 0 {
		return r
	}
	m, n := f.madeOf(p.class), p.requests
	s := chance.StreamOf(f.cfg.Seed, chance.ForOutcomes, uint64(win.start), f.keyOf(p))
	r.conversions = chance.Binomial(&s, n-p.errors-p.timeouts, m.conversions[p.appeal])
	r.surveys = chance.Binomial(&s, n, m.surveys)
	r.stars = chance.Binomial(&s, 4*r.surveys, m.stars)
	r.latency = m.took(&s, n)
	r.execution = chance.About(&s, n, float64(c.Does.ExecutionTimeMs*1000), float64(c.Does.ExecutionTimeMs*300))
	return r
}

// load draws the load of a class in a window.
func (f *Flow) load(win *window, p *part, r *riches) {
	c := &f.classes[p.class]
	s := chance.StreamOf(f.cfg.Seed, chance.ForLoad, uint64(win.start), f.madeOf(p.class).key)
	r.samples = 1
	r.cpu = min(chance.About(&s, 1, float64(c.Does.CPU*1e6), 2e4), 1e6)
	r.memory = min(chance.About(&s, 1, float64(c.Does.Memory*1e6), 5e3), 1e6)
}

// richesOfKind adds up what became of a kind's requests in the windows [lo, hi).
func (f *Flow) richesOfKind(k kindOf, lo, hi int) (sum riches) {
	for i := lo; i < hi; i++ {
		win := &f.ledger.windows[i]
		for j := win.from; j < win.to; j++ {
			if p := &f.ledger.parts[j]; k.has(p) {
				r := f.rich(win, p)
				sum.add(&r, 1)
			}
		}
	}
	return sum
}
