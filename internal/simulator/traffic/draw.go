package traffic

import (
	"math"
	"math/bits"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Requests are drawn for whole cells of the clock's grid. A window that is only a part of
// a cell has those of the cell's requests that come in it: each has a moment of its own.
// So nobody's luck depends on where a change cuts a cell, nor on how finely others look.

// gridCell is a time for which requests are drawn at once.
type gridCell struct{ start, end int64 }

// gridded is how long a cell is, but for those of the history, which are windows.
const gridded = 10 * second

// grainOf is how long a window is that begins long after a change: a cell, or where counters are
// read more often than that, no longer than from one scrape to the next; cells have a whole
// number of them.
func grainOf(resolution time.Duration) int64 {
	switch every := int64(resolution); {
	case every == 0 || every >= gridded:
		return gridded
	case every >= 5*second:
		return 5 * second
	case every >= 2*second:
		return 2 * second
	}
	return second
}

// cellOf is the cell of a window.
func (f *Flow) cellOf(win *window) gridCell {
	if f.past(win) {
		return gridCell{win.start, win.end}
	}
	start := win.start / gridded * gridded
	return gridCell{start, start + gridded}
}

// seconds is how long a cell is.
func (c gridCell) seconds() float64 { return float64(c.end-c.start) / 1e9 }

// drawn is what happened in the cell that was drawn last.
type drawn struct {
	known   bool
	cell    gridCell
	segment int32
	parts   []part
	at      int64  // a time in the cell, and what of the parts came before it
	before  []part // empty: nothing did
}

// draw draws what happened in win: how many requests each class took, and how many
// of them were errors and timeouts. Who sent what is drawn only when somebody asks, see
// turns.
func (f *Flow) draw(win *window) {
	l, cell := &f.ledger, f.cellOf(win)
	d := &l.drawn
	if !d.known || d.cell != cell || d.segment != win.segment {
		d.known, d.cell, d.segment = true, cell, win.segment
		d.parts = f.drawCell(d.parts[:0], cell, win.segment)
		d.at, d.before = cell.start, d.before[:0]
	}
	whole, gaps := cell.start == win.start && cell.end == win.end, f.gaps()
	win.from = int32(len(l.parts))
	for i := range d.parts {
		p := d.parts[i]
		if !whole {
			p = f.cut(i, cell, win)
		}
		if !f.lost(gaps, f.classes[p.class].Version, win.end) {
			l.parts = append(l.parts, p)
		}
	}
	d.at = win.end
	win.to = int32(len(l.parts))
}

// cut is what of part i of the cell that was drawn last comes in a window.
func (f *Flow) cut(i int, cell gridCell, win *window) part {
	d := &f.ledger.drawn
	if len(d.before) <= i {
		d.before = append(d.before, part{})
	}
	if d.at != win.start {
		d.before[i] = f.earlier(&d.parts[i], cell, win.start)
	}
	p, was := f.earlier(&d.parts[i], cell, win.end), d.before[i]
	d.before[i] = p
	p.requests, p.errors, p.timeouts = p.requests-was.requests, p.errors-was.errors, p.timeouts-was.timeouts
	return p
}

// earlier is what of a part of a cell comes before a time.
func (f *Flow) earlier(p *part, cell gridCell, at int64) part {
	of := *p
	if at == cell.end {
		return of
	}
	base := chance.Mix(chance.Mix(f.cfg.Seed+uint64(chance.ForMoments)) ^ chance.Mix(uint64(cell.start)^f.keyOf(p)))
	limit, _ := bits.Div64(uint64(at-cell.start), 0, uint64(cell.end-cell.start))
	good := chance.CountLower(base, p.requests-p.errors-p.timeouts, limit)
	of.errors = chance.CountLower(base+1, p.errors, limit)
	of.timeouts = chance.CountLower(base+2, p.timeouts, limit)
	of.requests = good + of.errors + of.timeouts
	return of
}

// drawCell draws what would happen in a cell if a segment lasted for all of it: how many
// requests come, how many of them fail, and whose those are that do and that do not. So
// who is served by which version changes little of when something fails.
func (f *Flow) drawCell(parts []part, cell gridCell, segment int32) []part {
	co, usual := f.cohortOf(segment), f.rateIn(cell, segment)
	rates := f.cellRates(co, cell)
	bad, good := 0.0, 0.0 // what weighs on requests that fail, and that do not, from a group on
	for i := range co.groups {
		if g := &co.groups[i]; !g.more {
			bad, good = bad+float64(g.weight*rates[i]), good+float64(g.weight*(1-rates[i]))
		}
	}
	s := chance.StreamOf(f.cfg.Seed, chance.ForRequests, uint64(cell.start))
	goods := f.arrivals(&s, float64(usual*co.scale)*cell.seconds())
	s = chance.StreamOf(f.cfg.Seed, chance.ForErrors, uint64(cell.start))
	fails := chance.Binomial(&s, goods, chance.Of(bad/(bad+good)))
	goods -= fails
	for i := range co.groups {
		g := &co.groups[i]
		p := part{class: g.class, member: uint16(i), appeal: g.appeal, strain: g.strain}
		switch {
		case g.more:
			s := chance.StreamOf(f.cfg.Seed, chance.ForRequests, uint64(cell.start), g.key)
			p.requests = chance.Poisson(&s, float64(float64(usual*g.weight)/f.roster.usual)*cell.seconds())
			f.err(cell, &p, rates[i])
		case i == co.usual-1: // the last one
			p.errors, p.requests = fails, fails+goods
			f.timeOut(cell, &p, rates[i])
		default:
			s := chance.StreamOf(f.cfg.Seed, chance.ForRequests, uint64(cell.start), g.key)
			ofBad, ofGood := float64(g.weight*rates[i]), float64(g.weight*(1-rates[i]))
			p.errors = chance.Binomial(&s, fails, chance.Of(ofBad/bad))
			served := chance.Binomial(&s, goods, chance.Of(ofGood/good))
			p.requests = served + p.errors
			goods, fails, good, bad = goods-served, fails-p.errors, good-ofGood, bad-ofBad
			f.timeOut(cell, &p, rates[i])
		}
		parts = append(parts, p)
	}
	f.overload(parts, cell, co)
	if f.each {
		f.errEach(parts, cell, co)
	}
	return parts
}

// cellRates are the error rates of groups in a cell, all their tenants together. They hold
// until the next call.
func (f *Flow) cellRates(co *cohort, cell gridCell) []float64 {
	rates := f.ledger.shares[:0]
	for i := range co.groups {
		switch g := &co.groups[i]; {
		case f.classes[g.class].Lost:
			rates = append(rates, 1)
		case f.cfg.MinuteNoise > 0:
			rates = append(rates, f.rateOf(g, g.class, cell))
		default:
			rates = append(rates, g.rate)
		}
	}
	f.ledger.shares = rates
	return rates
}

// arrivals draws the requests of a cell, mean of them on average. Most cells of a
// world without a daily swing have the same mean.
func (f *Flow) arrivals(s *chance.Stream, mean float64) int64 {
	if f.cfg.DailySwing > 0 || !(mean > 0) || mean > 4*tabled {
		return chance.Poisson(s, mean)
	}
	if l := &f.ledger; l.usual == nil || l.mean != mean {
		l.mean, l.usual = mean, sharedTable(mean)
	}
	return f.ledger.usual.Draw(s)
}

// rateIn is how many requests there are per second in a cell, of all tenants as they
// usually are.
func (f *Flow) rateIn(cell gridCell, segment int32) float64 {
	return float64(f.routing.Segments[segment].Rate * f.swing(cell.start, cell.end))
}

// swing is the mean, from one time to another, of how many times as many requests there
// are as all day long.
func (f *Flow) swing(from, to int64) float64 {
	swing := f.cfg.DailySwing
	if swing == 0 {
		return 1
	}
	const day = float64(History)
	turns := func(at int64) float64 { return float64(at)/day - f.cfg.DailyPeakHour/24 }
	if to-from <= 3600*second {
		return 1 + float64(swing*chance.Cosine(float64((turns(from)+turns(to))/2)))
	}
	sine := func(at int64) float64 { return chance.Cosine(turns(at) - 0.25) }
	return 1 + float64(swing*(sine(to)-sine(from)))/float64(2*math.Pi*float64(to-from)/day)
}

// overload moves the parts of versions that get more than they can take in a cell to
// the classes that they become, and draws anew how many of their requests fail.
func (f *Flow) overload(parts []part, cell gridCell, co *cohort) {
	for i := range parts {
		c := &f.classes[parts[i].class]
		if c.Above == 0 {
			continue
		}
		n := int64(0)
		for k := range parts {
			if f.classes[parts[k].class].Version == c.Version {
				n += parts[k].requests
			}
		}
		parts[i].over = float64(n) > float64(c.Above*cell.seconds())
	}
	for i := range parts {
		if p := &parts[i]; p.over {
			p.class = f.classes[p.class].Over
			f.err(cell, p, f.rateOf(&co.groups[p.member], p.class, cell))
		}
	}
}

// err draws how many of the requests of a part were errors, of a rate, and timeouts.
func (f *Flow) err(cell gridCell, p *part, rate float64) {
	s := chance.StreamOf(f.cfg.Seed, chance.ForErrors, uint64(cell.start), f.keyOf(p))
	p.errors = chance.Binomial(&s, p.requests, chance.Of(rate))
	f.timeOut(cell, p, rate)
}

// timeOut draws how many of the requests of a part that were not errors, of a rate, were
// timeouts.
func (f *Flow) timeOut(cell gridCell, p *part, rate float64) {
	if timeouts := f.classes[p.class].Does.TimeoutRate; timeouts > 0 && rate < 1 {
		s := chance.StreamOf(f.cfg.Seed, chance.ForTimeouts, uint64(cell.start), f.keyOf(p))
		p.timeouts = chance.Binomial(&s, p.requests-p.errors, chance.Of(timeouts/(1-rate)))
	}
}
