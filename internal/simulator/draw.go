package simulator

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// draw draws what happened in win: how many requests each class took, and how many
// of them were errors and timeouts. That is one count for all classes together,
// dealt to them by their weights, and a share of each: who sent what is drawn only
// when somebody asks, see split.
func (w *World) draw(win *window) {
	l := &w.traffic
	co := w.cohortOf(win.segment)
	s := chance.StreamOf(w.seed(), chance.ForRequests, uint64(win.start))
	left := w.arrivals(&s, float64(w.rateIn(win)*co.scale)*win.seconds())
	win.from = int32(len(l.parts))
	for i := range co.groups {
		g := &co.groups[i]
		n := chance.Binomial(&s, left, g.share)
		left -= n
		c := &w.Classes[g.class]
		if c.Absent || w.lost(w.Names[c.Version], win.end) {
			continue
		}
		l.parts = append(l.parts, part{class: g.class, member: uint16(i), appeal: g.appeal, requests: n})
	}
	win.to = int32(len(l.parts))
	w.overload(win, l.parts[win.from:])
	for k := win.from; k < win.to; k++ {
		w.err(win, &l.parts[k], &co.groups[l.parts[k].member])
	}
}

// arrivals draws the requests of a window, mean of them on average. Most windows of a
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

// rateIn is how many requests there are per second in win, of all tenants as they
// usually are.
func (w *World) rateIn(win *window) float64 {
	rate := w.Segments[win.segment].Rate
	if swing := w.cfg.DailySwing; swing > 0 {
		hour := float64((win.start+win.end)/2%history) / float64(3600*second)
		rate = float64(rate * (1 + float64(swing*chance.Cosine((hour-w.cfg.DailyPeakHour)/24))))
	}
	return rate
}

// overload moves the parts of versions that get more than they can take in win to
// the classes that they become.
func (w *World) overload(win *window, parts []part) {
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
		parts[i].over = float64(n) > float64(c.Above*win.seconds())
	}
	for i := range parts {
		if parts[i].over {
			parts[i].class = w.Classes[parts[i].class].Over
		}
	}
}

// err draws how many of the requests of a part were errors and timeouts.
func (w *World) err(win *window, p *part, g *group) {
	c := &w.Classes[p.class]
	switch {
	case c.Lost:
		p.errors = p.requests
		return
	case p.requests == 0:
		return
	}
	errors, timeouts := g.errors, g.timeouts
	if w.cfg.MinuteNoise > 0 || p.over {
		errors, timeouts = chances(w.rateOf(g, p.class, w.shockOf(win)), c.Does.TimeoutRate)
	}
	s := chance.StreamOf(w.seed(), chance.ForErrors, uint64(win.start), w.keyOf(p))
	if w.each {
		p.errors, p.timeouts = w.errEach(&s, win, p, g)
		return
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

// shockOf is the factor on error rates in the minute in which win begins.
func (w *World) shockOf(win *window) float64 {
	noise, l := w.cfg.MinuteNoise, &w.traffic
	if noise <= 0 {
		return 1
	}
	if minute := win.start / (60 * second); l.shock == 0 || l.minute != minute {
		s := chance.StreamOf(w.seed(), chance.ForMinutes, uint64(minute))
		l.minute, l.shock = minute, chance.Exp(float64(noise*chance.Normal(&s))-float64(noise*noise/2))
	}
	return l.shock
}

// made is what follows from the behaviour of a class, worked out once.
type made struct {
	key              uint64
	conversions      []uint64 // by appeal
	surveys          uint64
	rates            []float64 // of errors, by temper
	meanUs, spreadUs float64
	mu, sd           float64 // of the logarithm of the latency in ms
	grid             *[gridSize]uint64
}

// keyOf names the stream of a part of a window.
func (w *World) keyOf(p *part) uint64 { return w.madeOf(p.class).key + uint64(p.appeal)*chance.Golden }

// madeOf works out what follows from the behaviour of class k.
func (w *World) madeOf(k uint16) *made {
	l := &w.traffic
	for len(l.made) <= int(k) {
		l.made = append(l.made, nil)
	}
	if m := l.made[k]; m != nil {
		return m
	}
	c, m := &w.Classes[k], &made{}
	b := &c.Does
	for _, v := range []float64{b.ErrorRate, b.TimeoutRate, b.LatencyP50Ms, b.LatencyP99Ms} {
		m.key = chance.Mix(m.key ^ math.Float64bits(v))
	}
	if b.ConversionRate != w.behaviourOf(w.Names[c.Version]).ConversionRate || c.Times > 0 { // else alike for this
		m.key = chance.Mix(chance.Mix(m.key^math.Float64bits(b.ConversionRate)) ^ math.Float64bits(c.Times))
	}
	if c.Least > 0 {
		m.key = chance.Mix(m.key ^ math.Float64bits(c.Least))
	}
	if c.Untold { // which has luck of its own
		m.key = chance.Mix(m.key + chance.Golden)
	}
	m.key ^= chance.Key(w.Names[c.Version])
	m.surveys = chance.Of(b.SurveyRate)
	for _, rate := range w.roster.appeals.levelled(b.ConversionRate, 1) {
		m.conversions = append(m.conversions, chance.Of(rate))
	}
	m.rates = c.ratesOf(&w.roster)
	m.latencies(b)
	l.made[k] = m
	return m
}
