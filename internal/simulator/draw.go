package simulator

import (
	"math"
	"math/bits"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Requests are drawn for whole cells of the clock's grid. A window that is only a part of
// a cell has those of the cell's requests that come in it: each has a moment of its own.
// So nobody's luck depends on where a change cuts a cell, nor on how finely others look.

// gridCell is a time for which requests are drawn at once.
type gridCell struct{ start, end int64 }

// gridded is how long a cell is, but for those of the history, which are windows.
const gridded = 10 * second

// cellOf is the cell of a window.
func (w *World) cellOf(win *window) gridCell {
	if w.past(win) {
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
}

// draw draws what happened in win: how many requests each class took, and how many
// of them were errors and timeouts. Who sent what is drawn only when somebody asks, see
// turns.
func (w *World) draw(win *window) {
	l, cell := &w.traffic, w.cellOf(win)
	if d := &l.drawn; !d.known || d.cell != cell || d.segment != win.segment {
		d.known, d.cell, d.segment = true, cell, win.segment
		d.parts = w.drawCell(d.parts[:0], cell, win.segment)
	}
	win.from = int32(len(l.parts))
	for _, p := range l.drawn.parts {
		c := &w.Classes[p.class]
		if c.Absent || w.lost(w.Names[c.Version], win.end) {
			continue
		}
		if cell.start != win.start || cell.end != win.end {
			w.cut(&p, cell, win)
		}
		l.parts = append(l.parts, p)
	}
	win.to = int32(len(l.parts))
}

// cut leaves of a part of a cell what comes in a window.
func (w *World) cut(p *part, cell gridCell, win *window) {
	base := chance.Mix(chance.Mix(w.seed()+uint64(chance.ForMoments)) ^ chance.Mix(uint64(cell.start)^w.keyOf(p)))
	within := func(kind uint64, n int64) int64 {
		if n == 0 {
			return 0
		}
		return before(base+kind, n, cell, win.end) - before(base+kind, n, cell, win.start)
	}
	good := within(0, p.requests-p.errors-p.timeouts)
	p.errors, p.timeouts = within(1, p.errors), within(2, p.timeouts)
	p.requests = good + p.errors + p.timeouts
}

// before is how many of the n requests of a cell come before a time.
func before(base uint64, n int64, cell gridCell, at int64) int64 {
	switch at {
	case cell.start:
		return 0
	case cell.end:
		return n
	}
	var limits [1]uint64
	var counts [1]int64
	limits[0], _ = bits.Div64(uint64(at-cell.start), 0, uint64(cell.end-cell.start))
	chance.CountBelow(base, n, limits[:], counts[:])
	return counts[0]
}

// drawCell draws what would happen in a cell if a segment lasted for all of it. That is
// one count for all groups together, dealt to them by their weights, and a share of each.
func (w *World) drawCell(parts []part, cell gridCell, segment int32) []part {
	co, usual := w.cohortOf(segment), w.rateIn(cell, segment)
	s := chance.StreamOf(w.seed(), chance.ForRequests, uint64(cell.start))
	left := w.arrivals(&s, float64(usual*co.scale)*cell.seconds())
	for i := range co.groups {
		g := &co.groups[i]
		p := part{class: g.class, member: uint16(i), appeal: g.appeal}
		s := chance.StreamOf(w.seed(), chance.ForRequests, uint64(cell.start), g.key)
		if g.more {
			p.requests = chance.Poisson(&s, float64(float64(usual*g.weight)/w.roster.total)*cell.seconds())
		} else {
			p.requests = chance.Binomial(&s, left, g.share)
			left -= p.requests
		}
		parts = append(parts, p)
	}
	w.overload(parts, cell)
	for k := range parts {
		w.err(cell, &parts[k], &co.groups[parts[k].member])
	}
	return parts
}

// arrivals draws the requests of a cell, mean of them on average. Most cells of a
// world without a daily swing have the same mean.
func (w *World) arrivals(s *chance.Stream, mean float64) int64 {
	if w.cfg.DailySwing > 0 || !(mean > 0) || mean > 4*tabled {
		return chance.Poisson(s, mean)
	}
	if l := &w.traffic; l.usual == nil || l.mean != mean {
		l.mean, l.usual = mean, sharedTable(mean)
	}
	return w.traffic.usual.Draw(s)
}

// rateIn is how many requests there are per second in a cell, of all tenants as they
// usually are.
func (w *World) rateIn(cell gridCell, segment int32) float64 {
	return float64(w.Segments[segment].Rate * w.swing(cell.start, cell.end))
}

// swing is the mean, from one time to another, of how many times as many requests there
// are as all day long.
func (w *World) swing(from, to int64) float64 {
	swing := w.cfg.DailySwing
	if swing == 0 {
		return 1
	}
	const day = float64(history)
	turns := func(at int64) float64 { return float64(at)/day - w.cfg.DailyPeakHour/24 }
	if to-from <= 3600*second {
		return 1 + float64(swing*chance.Cosine((turns(from)+turns(to))/2))
	}
	sine := func(at int64) float64 { return chance.Cosine(turns(at) - 0.25) }
	return 1 + float64(swing*(sine(to)-sine(from)))/float64(2*math.Pi*float64(to-from)/day)
}

// overload moves the parts of versions that get more than they can take in a cell to
// the classes that they become.
func (w *World) overload(parts []part, cell gridCell) {
	for i := range parts {
		c := &w.Classes[parts[i].class]
		if c.Above == 0 {
			continue
		}
		n := int64(0)
		for k := range parts {
			if w.Classes[parts[k].class].Version == c.Version {
				n += parts[k].requests
			}
		}
		parts[i].over = float64(n) > float64(c.Above*cell.seconds())
	}
	for i := range parts {
		if parts[i].over {
			parts[i].class = w.Classes[parts[i].class].Over
		}
	}
}

// err draws how many of the requests of a part were errors and timeouts.
func (w *World) err(cell gridCell, p *part, g *group) {
	c := &w.Classes[p.class]
	switch {
	case c.Lost:
		p.errors = p.requests
		return
	case c.Absent || p.requests == 0:
		return
	}
	s := chance.StreamOf(w.seed(), chance.ForErrors, uint64(cell.start), w.keyOf(p))
	if w.each {
		p.errors, p.timeouts = w.errEach(&s, cell, p, g)
		return
	}
	errors, timeouts := g.errors, g.timeouts
	if w.cfg.MinuteNoise > 0 || p.over {
		errors, timeouts = chances(w.rateOf(g, p.class, cell), c.Does.TimeoutRate)
	}
	p.errors = chance.Binomial(&s, p.requests, errors)
	p.timeouts = chance.Binomial(&s, p.requests-p.errors, timeouts)
}

// chances turns an error rate and a timeout rate into the chance of an error, and
// that of a timeout where there is none.
func chances(rate, timeout float64) (errors, timeouts uint64) {
	if rate < 1 {
		timeouts = chance.Of(timeout / (1 - rate))
	}
	return chance.Of(rate), timeouts
}
