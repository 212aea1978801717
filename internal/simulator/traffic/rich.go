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
		for k := win.from; k < win.to; k++ {
			if p := &f.ledger.parts[k]; f.classes[p.class].Version == version {
				r := f.rich(win, p)
				to.add(&r, 1)
			}
		}
	})
	sum := *after
	sum.add(before, -1)
	return sum
}

// richesOfKind adds up what became of a kind's requests in the windows [lo, hi); alone says
// that there are no others of its version, which are counted already.
func (f *Flow) richesOfKind(k kindOf, alone bool, lo, hi int) (sum riches) {
	if alone {
		return f.richesOf(f.classes[k.class].Version, lo, hi)
	}
	for i := lo; i < hi; i++ {
		win := &f.ledger.windows[i]
		for j := win.from; j < win.to; j++ {
			if p := &f.ledger.parts[j]; p.requests > 0 && k.has(p) {
				r := f.rich(win, p)
				sum.add(&r, 1)
			}
		}
	}
	return sum
}

// rich draws what became of the requests of a part.
func (f *Flow) rich(win *window, p *part) (r riches) {
	c := &f.classes[p.class]
	if c.Lost {
		return r
	}
	m, n := f.madeOf(p.class), p.requests
	s := chance.StreamOf(f.cfg.Seed, chance.ForOutcomes, uint64(win.start), f.keyOf(p))
	r.conversions = chance.Binomial(&s, n-p.errors-p.timeouts, m.conversions[p.appeal])
	r.surveys = chance.Binomial(&s, n, m.surveys)
	r.stars = chance.Binomial(&s, 4*r.surveys, m.stars)
	r.latency = m.took(&s, n)
	r.execution = chance.About(&s, n, float64(c.Does.ExecutionTimeMs*1000), float64(c.Does.ExecutionTimeMs*300))
	load := chance.StreamOf(f.cfg.Seed, chance.ForLoad, uint64(win.start), m.key)
	r.samples = 1
	r.cpu = min(chance.About(&load, 1, float64(c.Does.CPU*1e6), 2e4), 1e6)
	r.memory = min(chance.About(&load, 1, float64(c.Does.Memory*1e6), 5e3), 1e6)
	return r
}
