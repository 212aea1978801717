package traffic

import (
	"sort"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// asked is how many seconds of a stretch somebody mostly asks about: a bake.
const asked = 900

// tally counts, tenant by tenant, what an arm did in windows, one after the other.
type tally struct {
	at               int     // windows before it are counted
	passing          bool    // what is counted is not ours
	stretch          int64   // that the lines are of
	lines            []*line // under way
	spare            []*line
	requests, errors []int64  // by tenant
	timeouts         []int64  // the same; nil: they are not wanted
	room             *dealing // of its own; nil: all others'
}

// line is what comes of a group in a stretch: of requests that succeed, fail and time
// out, how many are to be counted next.
type line struct {
	member             uint16
	over               bool
	only               int32 // segment whose group it is; -1: all of the stretch
	good, bad, late    turns
	goods, fails, lags int64
}

// begin empties t, to count each tenant from window lo on. What its stretch had before is
// passed over: turns go on from where they are there.
func (t *tally) begin(f *Flow, lo int, mine func(*part) bool) {
	t.beginAt(f.stretchFrom(lo), f.roster.ids.len())
	t.passing = true
	t.count(f, lo, mine)
	t.passing = false
}

// beginAt empties t, to count n tenants from a window on with which a stretch begins.
func (t *tally) beginAt(at, n int) {
	t.spare, t.lines = append(t.spare, t.lines...), t.lines[:0]
	t.at, t.requests, t.errors = at, zeros(t.requests, n), zeros(t.errors, n)
	if t.timeouts != nil {
		t.timeouts = zeros(t.timeouts, n)
	}
}

// stretchFrom is the first window of the stretch of window lo.
func (f *Flow) stretchFrom(lo int) int {
	l := &f.ledger
	if lo == len(l.windows) {
		return lo
	}
	start := f.stretchOf(&l.windows[lo])
	return sort.Search(lo, func(i int) bool { return l.windows[i].start >= start })
}

// stretchOf is the start of the stretch of time of a window, in which turns go on:
// while tenants are served as they are, day by day. Windows of the
// history are counted by themselves.
func (f *Flow) stretchOf(win *window) int64 {
	if f.past(win) {
		return win.start
	}
	start := f.servedSince(int(win.segment))
	return start + (win.start-start)/History*History
}

// past says whether a window is of the history, whose windows are long and never
// asked about in parts.
func (f *Flow) past(win *window) bool { return f.routing.Segments[win.segment].Start < 0 }

// count counts the windows up to that one, of the parts that are mine.
func (t *tally) count(f *Flow, to int, mine func(*part) bool) {
	t.gather(f, to, mine)
	t.flush()
}

// gather does the same but for the requests of the last stretch, which it puts in lines.
func (t *tally) gather(f *Flow, to int, mine func(*part) bool) {
	l := &f.ledger
	for ; t.at < to; t.at++ {
		win := &l.windows[t.at]
		for k := win.from; k < win.to; k++ {
			if p := &l.parts[k]; p.requests > 0 && mine(p) {
				t.line(f, win, p)
			}
		}
		for _, r := range l.ills[win.ills:l.illsUpTo(t.at)] {
			if !t.passing && mine(&l.parts[r.part]) {
				t.errors[r.tenant] += r.errors
			}
		}
	}
}

// illsUpTo is where the relapses of window i end.
func (l *ledger) illsUpTo(i int) int32 {
	if i+1 < len(l.windows) {
		return l.windows[i+1].ills
	}
	return int32(len(l.ills))
}

// countPart counts a part of the window after the last that was counted, without what
// failed of it as well.
func (t *tally) countPart(f *Flow, win *window, p *part) {
	t.line(f, win, p)
	t.flush()
}

// line puts a part in its line.
func (t *tally) line(f *Flow, win *window, p *part) {
	if at := f.stretchOf(win); at != t.stretch {
		t.flush()
		t.spare, t.lines, t.stretch = append(t.spare, t.lines...), t.lines[:0], at
	}
	l := t.lineOf(f, win, p)
	l.goods += p.requests - p.errors - p.timeouts + p.more
	l.fails += p.errors - p.more
	l.lags += p.timeouts
}

// flush counts what the lines have. Nobody asks about the history in parts.
func (t *tally) flush() {
	take, requests, errors, timeouts := (*turns).take, t.requests, t.errors, t.timeouts
	if t.stretch < 0 {
		take = (*turns).takeAll
	}
	if t.passing {
		requests, errors, timeouts = nil, nil, nil
	}
	for _, l := range t.lines {
		take(&l.good, l.goods, requests, nil)
		take(&l.bad, l.fails, requests, errors)
		if l.lags > 0 {
			take(&l.late, l.lags, requests, timeouts)
		}
		l.goods, l.fails, l.lags = 0, 0, 0
	}
}

// lineOf finds or makes the line of a part.
func (t *tally) lineOf(f *Flow, win *window, p *part) *line {
	for _, l := range t.lines {
		if l.member == p.member && l.over == p.over && (l.only < 0 || l.only == win.segment) {
			return l
		}
	}
	var l *line
	if n := len(t.spare); n > 0 {
		l, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		l = &line{}
	}
	g := &f.cohortOf(win.segment).groups[p.member]
	l.member, l.over, l.only = p.member, p.over, cond(g.more, win.segment, -1)
	f.list(win.segment, g)
	// The good ones of a tenant are those that do not fail in a minute like any other.
	rates, timeouts := f.madeOf(p.class).rates, f.classes[p.class].Does.TimeoutRate
	good, late := make([]float64, len(rates)), make([]float64, len(rates))
	for temper, rate := range rates {
		good[temper], late[temper] = max(0, 1-rate-timeouts), timeouts
	}
	start := cond(g.more, f.routing.Segments[win.segment].Start, t.stretch)
	key := chance.Mix(chance.Mix(f.cfg.Seed^uint64(start)) ^ g.key ^ cond(p.over, uint64(1), 0))
	expected := float64(f.routing.Segments[win.segment].Rate*g.weight/f.roster.usual) * asked
	l.good.reset(&f.roster, g, good, key, float64(expected*(1-g.rate-timeouts)))
	l.bad.reset(&f.roster, g, rates, chance.Mix(key+1), float64(expected*g.rate))
	if timeouts > 0 {
		l.late.reset(&f.roster, g, late, chance.Mix(key+2), float64(expected*timeouts))
	}
	if t.room != nil {
		l.good.room, l.bad.room, l.late.room = t.room, t.room, t.room
	}
	t.lines = append(t.lines, l)
	return l
}

// timeoutsOf is how many requests of a tenant timed out, where that was counted.
func (t *tally) timeoutsOf(tenant int) int64 {
	if t.timeouts == nil {
		return 0
	}
	return t.timeouts[tenant]
}
