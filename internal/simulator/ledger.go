package simulator

import (
	"slices"
	"sort"
)

// history is how long before the clock's start there was traffic.
const history = 24 * 3600 * second

// window is a time over which requests are counted at once: [start, end).
type window struct {
	start, end int64
	full       int64 // length that the window has where nothing cuts it short
	segment    int
	reqs       []uint32 // requests per tenant; nil: draw them again
	errs       []mishap // sorted by tenant
}

// mishap is how many errors a tenant had.
type mishap struct {
	tenant int32
	n      uint32
}

// tally is what a version did, added up from the ledger's first window on. Sums
// are whole numbers, so that the difference of two tallies is exact.
type tally struct {
	requests, errors, timeouts, conversions, surveys int64
	score                                            int64 // thousandths
	latency, execution                               int64 // microseconds
	answered                                         int64 // requests that have a latency
	samples, cpu, memory                             int64 // millionths
	nan                                              int64 // samples that are not numbers
}

func (t *tally) add(u *tally) {
	t.requests += u.requests
	t.errors += u.errors
	t.timeouts += u.timeouts
	t.conversions += u.conversions
	t.surveys += u.surveys
	t.score += u.score
	t.latency += u.latency
	t.execution += u.execution
	t.answered += u.answered
	t.samples += u.samples
	t.cpu += u.cpu
	t.memory += u.memory
	t.nan += u.nan
}

// minus is t without u.
func (t tally) minus(u *tally) tally {
	t.requests -= u.requests
	t.errors -= u.errors
	t.timeouts -= u.timeouts
	t.conversions -= u.conversions
	t.surveys -= u.surveys
	t.score -= u.score
	t.latency -= u.latency
	t.execution -= u.execution
	t.answered -= u.answered
	t.samples -= u.samples
	t.cpu -= u.cpu
	t.memory -= u.memory
	t.nan -= u.nan
	return t
}

// series is the tally of a version after each window.
type series struct {
	first   int               // window in which the version was first seen
	tallies []tally           // after window first+i
	slower  [][gridSize]int64 // the same for requests slower than the bounds of the grid
	last    tally
	lastest [gridSize]int64
}

// at is the tally before window i.
func (s *series) at(i int) *tally {
	if i <= s.first {
		return &tally{}
	}
	return &s.tallies[i-1-s.first]
}

// ledger remembers the windows that were drawn. It can be made again at any time:
// a window is a function of the seed, its time and its segment.
type ledger struct {
	windows []window
	series  map[uint16]*series // by version
	extra   []*extraBound
	crowds  []*crowd
	drawn   map[int]*cohort // by segment
	made    []*made         // by class
	counts  []*counts
	piece   []uint32 // see room
	kept    int      // windows that remember their requests per tenant
	scratch scratch
	priors  []prior
}

// prior is what a tenant sent in the day before the clock's start.
type prior struct{ requests, errors int64 }

// windowAt is the window that contains time x, without what happened in it.
func (w *World) windowAt(x int64) window {
	k := sort.Search(len(w.Segments), func(i int) bool { return w.Segments[i].Start > x }) - 1
	seg := &w.Segments[k]
	origin, length := seg.Start, 10*second
	switch age := x - origin; {
	// The history is counted in coarse windows that get finer towards its end.
	case seg.Start < 0 && -x <= 3600*second:
		length = 300 * second
	case seg.Start < 0:
		length = history - 3600*second
	// After a change, windows are fine, for those who look closely.
	case age < 20*second:
		length = second
	case age < 60*second:
		length = 5 * second
	}
	start := origin + (x-origin)/length*length
	end := start + length
	if k+1 < len(w.Segments) {
		end = min(end, w.Segments[k+1].Start)
	}
	return window{start: start, end: end, full: length, segment: k}
}

// remembers is since when traffic can be measured.
func (w *World) remembers() int64 {
	if w.Segments[1].Start > 0 { // what came between has been forgotten
		return w.Segments[1].Start
	}
	return w.Segments[0].Start
}

// forgetTraffic lets go of what happened more than a day ago. The history stays:
// the tenants' prior traffic comes from it.
func (w *World) forgetTraffic() {
	n := 1
	for n+1 < len(w.Segments) && w.Segments[n+1].Start < w.Time-history {
		n++
	}
	w.Segments = slices.Delete(w.Segments, 1, n)
	w.traffic.forget()
}

// idle is how long a time that nobody asks about may be for the ledger to go on.
const idle = 3600 * second

// cover makes sure that the ledger has every window that ends after from and not
// after to, nor in the future, and says which those are: [lo, hi).
func (w *World) cover(from, to int64) (lo, hi int) {
	from, to = max(from, w.remembers()), min(to, w.Time)
	l := &w.traffic
	if to <= from {
		return 0, 0
	}
	if n := len(l.windows); n == 0 || from < l.windows[0].start || from > l.windows[n-1].end+idle {
		l.forget()
		if l.append(w, w.windowAt(from)); len(l.windows) == 0 {
			return 0, 0
		}
	}
	for last := &l.windows[len(l.windows)-1]; last.end < to; last = &l.windows[len(l.windows)-1] {
		next := w.windowAt(last.end)
		if next.end > w.Time {
			break
		}
		l.append(w, next)
	}
	lo = sort.Search(len(l.windows), func(i int) bool { return l.windows[i].end > from })
	hi = sort.Search(len(l.windows), func(i int) bool { return l.windows[i].end > to })
	return min(lo, hi), hi
}

// forget empties the ledger.
func (l *ledger) forget() {
	l.windows, l.series, l.extra, l.crowds, l.kept = nil, map[uint16]*series{}, nil, nil, 0
	l.drawn = map[int]*cohort{}
}

// append draws win and adds it.
func (l *ledger) append(w *World, win window) {
	if win.end > w.Time {
		// The window is not over: it stands for the moment, with nothing in it.
		return
	}
	w.draw(&win, true)
	if len(l.windows) == 0 {
		l.windows = make([]window, 0, 64)
	}
	i := len(l.windows)
	l.windows = append(l.windows, win)
	for _, c := range l.scratch.counts {
		s := l.series[c.version]
		if s == nil {
			s = &series{first: i}
			l.series[c.version] = s
		}
		s.last.add(&c.tally)
		for b := range s.lastest {
			s.lastest[b] += c.slower[b]
		}
	}
	for _, s := range l.series { // every one gets the same length, in any order
		s.tallies = append(s.tallies, s.last)
		s.slower = append(s.slower, s.lastest)
	}
}

// total is what a version did in the windows [lo, hi).
func (l *ledger) total(version uint16, lo, hi int) tally {
	s := l.series[version]
	if s == nil {
		return tally{}
	}
	return s.at(hi).minus(s.at(lo))
}

// newest is the end of the last window in [lo, hi) whose samples of a version, or
// of all but that, were not lost; 0, false: there is none.
func (w *World) newest(lo, hi int, version string, others bool) (int64, bool) {
	for i := hi - 1; i >= lo; i-- {
		end := w.traffic.windows[i].end
		if !slices.ContainsFunc(w.Gaps, func(g blackout) bool {
			return !g.NaN && g.From < end && end <= g.To && (g.Version == "" || (g.Version == version) != others)
		}) {
			return end, true
		}
	}
	return 0, false
}

// lost and muddled say whether the samples of a version at a time were lost, or
// were not numbers.
func (w *World) lost(version string, at int64) bool    { return w.blacked(version, at, false) }
func (w *World) muddled(version string, at int64) bool { return w.blacked(version, at, true) }

func (w *World) blacked(version string, at int64, nan bool) bool {
	for _, g := range w.Gaps {
		if g.NaN == nan && g.From < at && at <= g.To && (g.Version == "" || g.Version == version) {
			return true
		}
	}
	return false
}
