package traffic

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// scrapes are the moments at which the counters of a fleet are read: all instances at
// once, from a phase on that the seed gives. Counters of a single instance are not kept,
// see ledger, so that there is one phase, and a scrape that is lost is lost of all.
type scrapes struct {
	seed         uint64
	every, phase int64
	missing      uint64 // chance that one is lost
}

func newScrapes(cfg *Config) *scrapes {
	s := chance.StreamOf(cfg.Seed, chance.ForScrapes)
	every := int64(cfg.Resolution)
	return &scrapes{seed: cfg.Seed, every: every, phase: int64(s.Below(uint64(every))), missing: chance.Of(cfg.Missing)}
}

// read says whether scrape k is not lost.
func (s *scrapes) read(k int64) bool {
	if s.missing == 0 {
		return true
	}
	luck := chance.StreamOf(s.seed, chance.ForScrapes, uint64(k))
	return !luck.Happens(s.missing)
}

// at is when scrape k is.
func (s *scrapes) at(k int64) int64 { return s.phase + k*s.every }

// number is the last scrape at or before x, read or lost.
func (s *scrapes) number(x int64) int64 {
	k := (x - s.phase) / s.every
	if s.at(k) > x {
		k--
	}
	return k
}

// upTo is when the last scrape was that was read at or before x.
func (s *scrapes) upTo(x int64) int64 {
	k := s.number(x)
	for !s.read(k) {
		k--
	}
	return s.at(k)
}

// from is when the first scrape is that is read at or after x.
func (s *scrapes) from(x int64) int64 {
	k := s.number(x-1) + 1
	for !s.read(k) {
		k++
	}
	return s.at(k)
}

// told is of which time a meter has samples that is asked about [from, to): from the
// first scrape in it to the last one that has arrived. What was before the clock's start
// was counted long ago.
func (f *Flow) told(from, to int64) (int64, int64) {
	if to <= 0 {
		return from, to
	}
	to = min(to, f.fleet.Time()-int64(f.cfg.Delay))
	if s := f.scrapes; s != nil {
		return s.from(from), s.upTo(to)
	}
	return from, to
}

// resets are when counters began anew between two scrapes.
type resets struct {
	from, to int64
	at       []int64
}

// tell takes out of the parts of win, which are the last ones, what is never told: what
// those did that do not report, and what was counted and lost with a reset.
func (f *Flow) tell(win *window) {
	if f.exact || f.whole {
		return
	}
	l := &f.ledger
	parts := slices.DeleteFunc(l.parts[win.from:], func(p part) bool { return f.classes[p.class].Untold })
	l.parts = l.parts[:int(win.from)+len(parts)]
	win.to = int32(len(l.parts))
	share := f.reset(win)
	if share == 0 {
		return
	}
	for i := range parts {
		p := &parts[i]
		s := chance.StreamOf(f.cfg.Seed, chance.ForResets, uint64(win.start), f.keyOf(p))
		good := p.requests - p.errors - p.timeouts
		p.errors -= chance.Binomial(&s, p.errors, share)
		p.timeouts -= chance.Binomial(&s, p.timeouts, share)
		p.requests = good - chance.Binomial(&s, good, share) + p.errors + p.timeouts
	}
}

// reset is the chance that what was counted in win was lost: the share of the instances
// whose counters began anew after it and before the next scrape.
func (f *Flow) reset(win *window) uint64 {
	m, scrapes := &f.cfg, f.scrapes
	if scrapes == nil || m.Resets == 0 || f.past(win) {
		return 0
	}
	r := &f.ledger.resets
	if from := scrapes.upTo(win.end - 1); r.to == 0 || r.from != from {
		r.from, r.to = from, scrapes.from(win.end)
		s := chance.StreamOf(f.cfg.Seed, chance.ForResets, uint64(from))
		hours := float64(r.to-r.from) / 3600e9
		r.at = r.at[:0]
		for range chance.Binomial(&s, int64(f.cfg.Instances), chance.Of(1-chance.Exp(-float64(m.Resets*hours)))) {
			r.at = append(r.at, from+int64(s.Below(uint64(r.to-r.from))))
		}
	}
	lost := 0
	for _, at := range r.at {
		if at >= win.end {
			lost++
		}
	}
	return chance.Of(math.Min(1, float64(lost)/float64(f.cfg.Instances)))
}
