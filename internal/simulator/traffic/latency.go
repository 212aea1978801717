package traffic

import (
	"math"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Latencies are log-normal: the median and the 99th percentile of a behaviour say
// which. A request is slower than a bound with a chance that follows from them; each
// has a number of its own, uniform over 2^64, and is slower than all bounds whose
// chance is above that number.

// gridSize is the number of bounds on which the engine reads percentiles.
const gridSize = 46

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// latencies works out the law of b's latencies.
func (m *made) latencies(b *Service) {
	m.mu = chance.Log(b.LatencyP50Ms)
	m.sd = (chance.Log(b.LatencyP99Ms) - m.mu) / z99
	half := float64(m.sd * m.sd / 2)
	mean := chance.Exp(min(m.mu+half, 100))
	m.meanUs = float64(mean * 1000)
	m.spreadUs = float64(m.meanUs * math.Sqrt(max(0, chance.Exp(min(float64(2*half), 100))-1)))
}

// took draws how many microseconds n requests take together. A few are drawn one by one:
// their sum is not nearly normal.
func (m *made) took(s *chance.Stream, n int64) (sum int64) {
	const nearlyNormal = 16
	if n > nearlyNormal {
		return chance.About(s, n, m.meanUs, m.spreadUs)
	}
	if n > 0 && m.single == nil {
		m.single = singleOf(m.mu, m.sd)
	}
	word := uint64(0)
	for i := range n {
		if i%6 == 0 { // ten bits each
			word = s.Word()
		}
		sum += m.single[word%singles]
		word /= singles
	}
	return sum
}

// singles is in how many equal parts the latencies of single requests are divided.
const singles = 1024

// singleOf has the mean of each part of log-normal latencies, in microseconds: the sum of
// such means has the mean that there is, and next to its variance.
func singleOf(mu, sd float64) *[singles]int64 {
	law := [2]float64{mu, sd}
	if known, ok := singleLaws.Load(law); ok {
		return known.(*[singles]int64)
	}
	list := new([singles]int64)
	mean := float64(chance.Exp(min(mu+float64(sd*sd/2), 30)) * 1000)
	from := 1.0 // the part of the mean that is above the lower end
	for i := range list {
		to := 0.0
		if i+1 < singles {
			to = chance.UpperTail(quantileOf(float64(i+1)/singles) - sd)
		}
		list[i] = int64(math.Round(float64(mean * (from - to) * singles)))
		from = to
	}
	known, _ := singleLaws.LoadOrStore(law, list)
	return known.(*[singles]int64)
}

// quantileOf is the point below which a standard normal variate falls with a chance.
func quantileOf(p float64) float64 {
	low, high := -10.0, 10.0
	for range 60 {
		if middle := (low + high) / 2; 1-chance.UpperTail(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// singleLaws are what singleOf says, by the law of the latencies.
var singleLaws sync.Map

// above is the chance that a request takes longer than bound ms.
func (m *made) above(bound float64) float64 {
	if bound <= 0 {
		return 1
	}
	distance := chance.Log(bound) - m.mu
	if m.sd < 1e-9 {
		return cond(distance < 0, 1.0, 0.0)
	}
	return chance.UpperTail(distance / m.sd)
}

// onGrid has the chances of being above each bound of the grid.
func (m *made) onGrid() *[gridSize]uint64 {
	if m.grid == nil {
		law := [2]float64{m.mu, m.sd}
		grid, known := grids.Load(law)
		if !known {
			chances := new([gridSize]uint64)
			for i, bound := range engine.LatencyGrid()[:gridSize] {
				chances[i] = chance.Of(m.above(bound))
			}
			grid, _ = grids.LoadOrStore(law, chances)
		}
		m.grid = grid.(*[gridSize]uint64)
	}
	return m.grid
}

// grids are what onGrid says, by the law of the latencies: a campaign's runs have the
// same few.
var grids sync.Map

// boundSums counts the requests of a version that are slower than a bound.
type boundSums struct {
	bound  float64
	limits []uint64 // by class, plus 1, see above; 0: not known
	sums   sums[int64]
}

// maxBounds is how many bounds are remembered for each version, beside the grid and those
// of the meter's own.
const maxBounds = 16

// slowerThan says how many requests of a version in the windows [lo, hi) took longer
// than each of bounds. It holds until the next call.
func (f *Flow) slowerThan(s *series, bounds []float64, lo, hi int) []int64 {
	counts := zeros(f.ledger.slower, len(bounds))
	f.ledger.slower = counts
	if lo >= hi {
		return counts
	}
	for b, bound := range bounds {
		x := s.boundFor(bound, maxBounds+len(f.cfg.Bounds))
		before, after := x.sums.upto(lo, hi, func(i int, to *int64) { *to += f.slowerIn(i, s.version, x) })
		counts[b] = *after - *before
	}
	return counts
}

// boundFor finds or makes the count for a bound, of at most so many.
func (s *series) boundFor(bound float64, most int) *boundSums {
	for _, x := range s.bounds {
		if x.bound == bound {
			return x
		}
	}
	if len(s.bounds) == most {
		s.bounds = append(s.bounds[:0], s.bounds[1:]...)
	}
	s.bounds = append(s.bounds, &boundSums{bound: bound})
	return s.bounds[len(s.bounds)-1]
}

// slowerIn counts the requests of a version in window i that took longer than x's bound.
func (f *Flow) slowerIn(i int, version uint16, x *boundSums) int64 {
	win, count := &f.ledger.windows[i], int64(0)
	for k := win.from; k < win.to; k++ {
		p := &f.ledger.parts[k]
		if c := &f.classes[p.class]; c.Version == version && !c.Lost {
			for len(x.limits) <= int(p.class) {
				x.limits = append(x.limits, 0)
			}
			limit := &x.limits[p.class]
			if *limit == 0 {
				*limit = max(1, chance.Of(f.madeOf(p.class).above(x.bound)))
			}
			count += f.slowerOf(win, p, *limit)
		}
	}
	return count
}

// slowerOf counts the requests of a part that have a number below limit.
func (f *Flow) slowerOf(win *window, p *part, limit uint64) int64 {
	limits, counts := [1]uint64{limit}, [1]int64{}
	f.latenciesOf(win, p, limits[:], counts[:])
	return counts[0]
}

// latenciesOf adds to counts how many of a part's requests have a number below each
// of limits, which fall and are overwritten.
func (f *Flow) latenciesOf(win *window, p *part, limits []uint64, counts []int64) {
	base := chance.Mix(chance.Mix(f.cfg.Seed+uint64(chance.ForLatency)) ^ chance.Mix(uint64(win.start)^f.keyOf(p)))
	for len(limits) > 0 && limits[0] == chance.Certain {
		counts[0] += p.requests
		limits, counts = limits[1:], counts[1:]
	}
	if f.each {
		chance.CountEachBelow(base, p.requests, limits, counts)
		return
	}
	chance.CountBelow(base, p.requests, limits, counts)
}
