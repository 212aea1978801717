package traffic

import (
	"slices"
	"sort"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// History is how long before the clock's start there was traffic, ns.
const History = 24 * 3600 * second

// window is a time over which requests are counted at once: [start, end).
type window struct {
	start, end int64
	segment    int32
	from, to   int32 // parts of the ledger that are the window's
	ills       int32 // the first of its relapses
}

// part is what a class did in a window: what every look asks for. All else that
// came of its requests is drawn when it is asked for.
type part struct {
	class                      uint16
	member                     uint16 // position in the cohort
	appeal, strain             uint8  // of all its tenants
	over                       bool   // there were too many requests for the version
	requests, errors, timeouts int64
	more                       int64 // of errors, those of relapses
}

// ledger remembers the windows that were drawn. It can be made again at any time:
// a window is a function of the seed, its time and its segment.
type ledger struct {
	windows          []window
	parts            []part
	series           []*series // of the versions that were seen
	crowds           []*crowd
	cohorts          map[int32]*cohort // by segment
	made             []*made           // by class
	minute           int64             // whose shock is known
	shock            float64
	shocks           *shocks   // that there are; nil: not looked up yet
	rates, shares    []float64 // room for ratesIn and cellRates
	drawn            drawn
	ills             []relapse
	kinds            tally           // of one kind after the other, see perTenant
	beside           dealing         // in which crowds of the baseline are dealt to
	split            split           // of those
	surveys          []int64         // of those, by tenant
	sick             tally           // of those whom something strikes
	sickOf           int32           // the segment that it is for
	since            map[int32]int64 // see servedSince
	slower, answered []int64         // room for slowerThan and gridOf
	mean             float64         // of the requests of a window
	usual            *chance.Table   // that draws them; nil: not made yet
	priors           priors
	rooms            []int64 // see room
	resets           resets  // between the last scrapes
}

// of finds the series of a version; nil: it was never seen.
func (l *ledger) of(version uint16) *series {
	for _, s := range l.series {
		if s.version == version {
			return s
		}
	}
	return nil
}

// windowAt is the window that contains time x, without what happened in it.
func (f *Flow) windowAt(x int64) window {
	k := sort.Search(len(f.routing.Segments), func(i int) bool { return f.routing.Segments[i].Start > x }) - 1
	seg := &f.routing.Segments[k]
	if seg.Start < 0 { // the history is counted in two windows, the last hour and what was before
		start, end := seg.Start, min(0, f.routing.Segments[k+1].Start) // what came next may have been forgotten
		if last := int64(-3600) * second; x < last {
			end = min(end, last)
		} else {
			start = max(start, last)
		}
		return window{start: start, end: end, segment: int32(k)}
	}
	length := f.grain
	if x/gridded*gridded-f.servedSince(k) < gridded { // after a change, windows are fine, for those who look closely
		length = second
	}
	start := x / length * length
	end := start + length
	if k+1 < len(f.routing.Segments) {
		end = min(end, f.routing.Segments[k+1].Start)
	}
	start = max(start, seg.Start)
	return window{start: start, end: end, segment: int32(k)}
}

// remembers is since when traffic can be measured.
func (f *Flow) remembers() int64 {
	if first := f.routing.Segments[f.routing.Segments.Past()].Start; first > 0 { // what came between has been forgotten
		return first
	}
	return f.routing.Segments[0].Start
}

// Age lets go of what happened more than a day ago. The history stays: the tenants' prior
// traffic comes from it.
func (f *Flow) Age() {
	past := f.routing.Segments.Past()
	n := past
	for n+1 < len(f.routing.Segments) && f.routing.Segments[n+1].Start < f.fleet.Time()-History {
		n++
	}
	f.routing.Segments = slices.Delete(f.routing.Segments, past, n)
	f.ledger.forget()
}

// idle is how long a time that nobody asks about may be for the ledger to go on.
const idle = 3600 * second

// room is n zeros that are never used again: pieces of one list, which costs less than
// many small ones.
func (l *ledger) room(n int) []int64 {
	if len(l.rooms) < n {
		l.rooms = make([]int64, max(n, 128))
	}
	list := l.rooms[:n:n]
	l.rooms = l.rooms[n:]
	return list
}

// cover makes sure that the ledger has every window that ends after from and not
// after to, nor in the future, and says which those are: [lo, hi).
func (f *Flow) cover(from, to int64) (lo, hi int) {
	from, to = max(from, f.remembers()), min(to, f.fleet.Time())
	l := &f.ledger
	if to <= from {
		return 0, 0
	}
	if n := len(l.windows); n == 0 || from < l.windows[0].start || from > l.windows[n-1].end+idle {
		l.forget()
		first := f.windowAt(from)
		first = f.windowAt(f.stretchOf(&first)) // turns are counted from there
		if l.append(f, first); len(l.windows) == 0 {
			return 0, 0
		}
	}
	for last := &l.windows[len(l.windows)-1]; last.end < to; last = &l.windows[len(l.windows)-1] {
		next := f.windowAt(last.end)
		if next.end > f.fleet.Time() {
			break
		}
		l.append(f, next)
	}
	hi = l.until(to)
	return min(l.until(from), hi), hi
}

// until is how many windows end by x.
func (l *ledger) until(x int64) int {
	from, to := 0, len(l.windows)
	if to > 0 && l.windows[to-1].end <= x { // as most questions want
		return to
	}
	for from < to {
		if middle := (from + to) / 2; l.windows[middle].end > x {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from
}

// forget empties the ledger.
func (l *ledger) forget() {
	l.windows, l.parts = l.windows[:0], l.parts[:0]
	l.series, l.crowds, l.resets = nil, nil, resets{}
	l.cohorts, l.drawn = map[int32]*cohort{}, drawn{}
	l.ills, l.sick, l.since = nil, tally{}, nil
}

// begin makes room for the windows of an hour, of two versions.
func (l *ledger) begin() {
	if l.windows == nil {
		l.windows, l.parts = make([]window, 0, 512), make([]part, 0, 1536)
	}
}

// append draws win and adds it.
func (l *ledger) append(f *Flow, win window) {
	if win.end > f.fleet.Time() {
		// The window is not over: it stands for the moment, with nothing in it.
		return
	}
	l.begin()
	i := len(l.windows)
	f.draw(&win)
	f.tell(&win)
	l.windows = append(l.windows, win)
	gaps := f.gaps()
	for k := win.from; k < win.to; k++ {
		if p := &l.parts[k]; f.doubled(gaps, f.classes[p.class].Version, win.end) { // told twice
			p.requests, p.errors, p.timeouts = 2*p.requests, 2*p.errors, 2*p.timeouts
		}
	}
	f.relapses(i)
	for k := win.from; k < win.to; k++ {
		p := &l.parts[k]
		version := f.classes[p.class].Version
		s := l.of(version)
		if s == nil {
			s = &series{version: version, first: i, basics: make([]basics, 0, 512)}
			l.series = append(l.series, s)
		}
		for len(s.basics) <= i-s.first {
			s.basics = append(s.basics, s.at(s.first+len(s.basics)))
		}
		b := basics{requests: p.requests, errors: p.errors, timeouts: p.timeouts}
		if !f.classes[p.class].Lost {
			b.answered = p.requests
		}
		if f.muddled(gaps, version, win.end) {
			b.nan = 1
		}
		s.basics[i-s.first].add(&b, 1)
	}
	for _, s := range l.series { // nothing came of those that were not there
		for len(s.basics) <= i-s.first {
			s.basics = append(s.basics, s.at(s.first+len(s.basics)))
		}
	}
}

// total is what a version did in the windows [lo, hi).
func (l *ledger) total(version uint16, lo, hi int) basics {
	if s := l.of(version); s != nil {
		return s.total(lo, hi)
	}
	return basics{}
}
