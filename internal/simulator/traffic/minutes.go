package traffic

import (
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Minutes differ in how often requests fail: each has a shock, a factor on all error
// rates, whoever serves and whatever version.

const minute = 60 * second

// shocks are the factors that minutes can have, by the heads of 256 coins: a log-normal
// law in small steps.
type shocks [257]float64

// shocksOf are those of a noise, which a campaign's runs have in common.
func shocksOf(noise float64) *shocks {
	known, ok := shocksKnown.Load(noise)
	if !ok {
		all := new(shocks)
		for heads := range all {
			all[heads] = chance.Exp(float64(noise*float64(heads-128)/8) - float64(noise*noise/2))
		}
		known, _ = shocksKnown.LoadOrStore(noise, all)
	}
	return known.(*shocks)
}

var shocksKnown sync.Map

// shockOf is the factor on error rates in minute number m of the clock.
func (f *Flow) shockOf(m int64) float64 {
	if f.cfg.MinuteNoise <= 0 {
		return 1
	}
	l := &f.ledger
	if l.shock == 0 || l.minute != m {
		if l.shocks == nil {
			l.shocks = shocksOf(f.cfg.MinuteNoise)
		}
		s := chance.StreamOf(f.cfg.Seed, chance.ForMinutes, uint64(m))
		l.minute, l.shock = m, l.shocks[chance.Halves(&s, 256)]
	}
	return l.shock
}

// ratesIn are the error rates of tenants that class k serves in a cell, by temper: the
// mean over its minutes, by what is sent in each. They hold until the next call.
func (f *Flow) ratesIn(k uint16, cell gridCell) []float64 {
	usual, most := f.madeOf(k).rates, 1-f.classes[k].Does.TimeoutRate
	if f.cfg.MinuteNoise <= 0 {
		return usual
	}
	rates := append(f.ledger.rates[:0], usual...)
	f.ledger.rates = rates
	first, last := cell.start/minute, (cell.end-1)/minute
	if cell.start < 0 { // which begins and ends with a minute
		last = cell.end/minute - 1
	}
	if first == last {
		worsened(rates, f.shockOf(first), most)
		return rates
	}
	clear(rates)
	room, sum := make([]float64, len(rates)), 0.0
	for m := first; m <= last; m++ {
		sent := f.swing(m*minute, (m+1)*minute)
		copy(room, usual)
		worsened(room, f.shockOf(m), most)
		for i, rate := range room {
			rates[i] += float64(rate * sent)
		}
		sum += sent
	}
	for i := range rates {
		rates[i] /= sum
	}
	return rates
}

// worsened makes of usual rates those in a minute with a shock.
func worsened(rates []float64, shock, most float64) {
	for i, rate := range rates {
		rates[i] = min(float64(rate*shock), most)
	}
}

// rateOf is the error rate of the requests of a group in a cell when class k serves it:
// that of its tenants, weighted by what they send.
func (f *Flow) rateOf(g *group, k uint16, cell gridCell) float64 {
	rate := 0.0
	for i, r := range f.ratesIn(k, cell) {
		rate += float64(g.tempers[i] * r)
	}
	return rate
}

// minutes counts an arm's requests by the minutes in which their windows begin, or the
// time between two scrapes that tells of them; those of the history from a time on.
func (f *Flow) minutes(of Arm, lo, hi int, from int64) []engine.MinuteCount {
	var list []engine.MinuteCount
	for i := lo; i < hi; i++ {
		win := &f.ledger.windows[i]
		if f.past(win) {
			list = append(list, f.minutesOf(win, of, from)...)
			continue
		}
		start := win.start
		if s := f.scrapes; s != nil {
			start = s.upTo(win.end - 1)
		}
		c := engine.MinuteCount{Start: f.clock(start - (start%minute+minute)%minute)}
		for k := win.from; k < win.to; k++ {
			if p := &f.ledger.parts[k]; of.has(f.classes[p.class].Version) {
				c.Requests, c.Errors = c.Requests+p.requests, c.Errors+p.errors
			}
		}
		switch n := len(list); {
		case c.Requests == 0:
		case n > 0 && list[n-1].Start.Equal(c.Start):
			list[n-1].Requests, list[n-1].Errors = list[n-1].Requests+c.Requests, list[n-1].Errors+c.Errors
		default:
			list = append(list, c)
		}
	}
	return list
}

// minutesOf counts an arm's requests in a window of the history minute by minute, from a
// time on: the window's requests and errors are dealt to its minutes, which nobody mostly
// asks about.
func (f *Flow) minutesOf(win *window, of Arm, from int64) []engine.MinuteCount {
	first, n := win.start/minute, int((win.end-win.start)/minute)
	list := make([]engine.MinuteCount, n)
	good, bad := make([]float64, n), make([]float64, n)
	for k := win.from; k < win.to; k++ {
		p := &f.ledger.parts[k]
		if !of.has(f.classes[p.class].Version) || p.requests == 0 {
			continue
		}
		g := &f.cohortOf(win.segment).groups[p.member]
		for i := range n {
			at := (first + int64(i)) * minute
			sent, rate := f.swing(at, at+minute), f.rateOf(g, p.class, gridCell{at, at + minute})
			good[i], bad[i] = float64(sent*(1-rate)), float64(sent*rate)
		}
		s := chance.StreamOf(f.cfg.Seed, chance.ForMinutes, uint64(win.start), f.keyOf(p))
		dealOut(&s, p.requests-p.errors, good, func(i int, k int64) { list[i].Requests += k })
		dealOut(&s, p.errors, bad, func(i int, k int64) {
			list[i].Requests += k
			list[i].Errors += k
		})
	}
	told := list[:0]
	for i, c := range list {
		if start := (first + int64(i)) * minute; c.Requests > 0 && start+minute > from {
			c.Start = f.clock(start)
			told = append(told, c)
		}
	}
	return told
}

// dealOut deals n things by weights, one after the other.
func dealOut(s *chance.Stream, n int64, weights []float64, tell func(i int, k int64)) {
	rest := 0.0
	for _, weight := range weights {
		rest += weight
	}
	for i, weight := range weights {
		k := n
		if i < len(weights)-1 {
			k = chance.Binomial(s, n, chance.Of(weight/rest))
		}
		tell(i, k)
		n, rest = n-k, rest-weight
	}
}
