package simulator

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// count is what a version did in one window.
type count struct {
	version uint16
	tally   tally
	slower  [gridSize]int64
}

// scratch is room that is used again for every window.
type scratch struct {
	counts []count
	marks  []uint64
	errs   []mishap
}

// cohort has the tenants of each class of a segment.
type cohort struct {
	classes []uint16  // that have tenants, rising
	members [][]int32 // beside classes
}

// cohortOf lists the classes of a segment with their tenants.
func (w *World) cohortOf(segment int) *cohort {
	l := &w.traffic
	if c := l.drawn[segment]; c != nil {
		return c
	}
	c := &cohort{}
	at := make([]int, len(w.Classes))
	for t, k := range w.Segments[segment].Map {
		if at[k] == 0 {
			c.classes = append(c.classes, k)
			c.members = append(c.members, nil)
			at[k] = len(c.classes)
		}
		c.members[at[k]-1] = append(c.members[at[k]-1], int32(t))
	}
	order := make([]int, len(c.classes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.classes[a], c.classes[b]) })
	sorted := &cohort{}
	for _, i := range order {
		sorted.classes = append(sorted.classes, c.classes[i])
		sorted.members = append(sorted.members, c.members[i])
	}
	l.drawn[segment] = sorted
	return sorted
}

// draw draws what happened in win: its tenants' requests and errors, and what each
// version did, which it leaves in the scratch. Without detail it stops at the errors.
func (w *World) draw(win *window, detail bool) {
	l := &w.traffic
	sc := &l.scratch
	sc.counts, sc.errs = sc.counts[:0], sc.errs[:0]
	win.reqs = w.requests(win)
	co := w.cohortOf(win.segment)
	for i, k := range co.classes {
		c := &w.Classes[k]
		if c.Absent || w.lost(w.Names[c.Version], win.end) {
			continue
		}
		n := int64(0)
		for _, t := range co.members[i] {
			n += int64(win.reqs[t])
		}
		out := sc.of(c.Version)
		errors := w.errorsOf(k, n, co.members[i], win)
		if detail {
			w.outcomes(k, n, errors, win, out)
		}
	}
	for i := range sc.counts {
		if w.muddled(w.Names[sc.counts[i].version], win.end) {
			sc.counts[i].tally.nan = 1
		}
	}
	slices.SortFunc(sc.errs, func(a, b mishap) int { return cmp.Compare(a.tenant, b.tenant) })
	win.errs = slices.Clone(sc.errs)
}

// of is the count of a version in the scratch.
func (sc *scratch) of(version uint16) *count {
	for i := range sc.counts {
		if sc.counts[i].version == version {
			return &sc.counts[i]
		}
	}
	sc.counts = append(sc.counts, count{version: version})
	return &sc.counts[len(sc.counts)-1]
}

// crowded is how many requests per tenant make it quicker to draw the errors tenant
// by tenant.
const crowded = 1000

// errorsOf draws the errors among the n requests of class k, and whose they are.
func (w *World) errorsOf(k uint16, n int64, members []int32, win *window) int64 {
	c := &w.Classes[k]
	if c.Lost {
		w.blame(k, n, n, members, win)
		return n
	}
	m := w.madeOf(k)
	s := streamOf(w.seed(), forErrors, uint64(win.start), m.key^name(w.Names[c.Version]))
	rate := m.errors
	if noise := w.cfg.MinuteNoise; noise > 0 {
		minute := streamOf(w.seed(), forMinutes, uint64(win.start/(60*second)))
		shock := exponential(float64(noise*normal(&minute)) - float64(noise*noise)/2)
		rate = chance(min(float64(c.Does.ErrorRate*shock), 1-c.Does.TimeoutRate))
	}
	if n < crowded*int64(len(members)) {
		errors := binomial(&s, n, rate)
		w.blame(k, errors, n, members, win)
		return errors
	}
	errors := int64(0)
	for _, t := range members {
		if e := binomial(&s, int64(win.reqs[t]), rate); e > 0 {
			w.traffic.scratch.errs = append(w.traffic.scratch.errs, mishap{t, uint32(e)})
			errors += e
		}
	}
	return errors
}

// outcomes draws what became of the n requests of class k, of which some erred, and
// adds it to out.
func (w *World) outcomes(k uint16, n, errors int64, win *window, out *count) {
	c, t := &w.Classes[k], tally{requests: n, errors: errors}
	if c.Lost {
		out.tally.add(&t)
		return
	}
	m := w.madeOf(k)
	key := m.key ^ name(w.Names[c.Version])
	s := streamOf(w.seed(), forOutcomes, uint64(win.start), key)
	t.timeouts = binomial(&s, n-t.errors, m.timeouts)
	t.conversions = binomial(&s, n-t.errors-t.timeouts, m.conversions)
	t.surveys = binomial(&s, n, m.surveys)
	t.score = min(about(&s, t.surveys, float64(c.Does.Satisfaction*1000), 800), 5000*t.surveys)
	t.answered = n
	t.latency = about(&s, n, m.meanUs, m.spreadUs)
	t.execution = about(&s, n, float64(c.Does.ExecutionTimeMs*1000), float64(c.Does.ExecutionTimeMs*300))
	load := streamOf(w.seed(), forLoad, uint64(win.start), key)
	t.samples = 1
	t.cpu = min(about(&load, 1, float64(c.Does.CPU*1e6), 2e4), 1e6)
	t.memory = min(about(&load, 1, float64(c.Does.Memory*1e6), 5e3), 1e6)
	out.tally.add(&t)
	latencies := streamOf(w.seed(), forLatency, uint64(win.start), key)
	m.split(&latencies, n, &out.slower)
}

// blame says whose the errors of a class are, each request being as likely as any
// other.
func (w *World) blame(k uint16, errors, n int64, members []int32, win *window) {
	sc := &w.traffic.scratch
	s := streamOf(w.seed(), forBlame, uint64(win.start), uint64(k))
	sc.spread(&s, errors, n, members, win.reqs, func(t int32, n uint32) { sc.errs = append(sc.errs, mishap{t, n}) })
}

// spread picks k of the n requests of members, and tells how many of each member's
// they are.
func (sc *scratch) spread(s *stream, k, n int64, members []int32, reqs []uint32, tell func(t int32, n uint32)) {
	if k <= 0 {
		return
	}
	words := int(n+63) / 64
	sc.marks = slices.Grow(sc.marks[:0], words)[:words]
	clear(sc.marks)
	// Mark the requests that are picked, or where those are the most, the others.
	mark := min(k, n-k)
	for left := mark; left > 0; {
		at := s.below(uint64(n))
		if bit := uint64(1) << (at & 63); sc.marks[at>>6]&bit == 0 {
			sc.marks[at>>6] |= bit
			left--
		}
	}
	from := uint64(0)
	for _, t := range members {
		to := from + uint64(reqs[t])
		picked := marked(sc.marks, from, to)
		if mark != k {
			picked = int(to-from) - picked
		}
		if picked > 0 {
			tell(t, uint32(picked))
		}
		from = to
	}
}

// marked counts the bits from..to-1.
func marked(words []uint64, from, to uint64) int {
	n := 0
	for from < to {
		end := min(to, from|63+1)
		word := words[from>>6] >> (from & 63)
		if width := end - from; width < 64 {
			word &= 1<<width - 1
		}
		n += bits.OnesCount64(word)
		from = end
	}
	return n
}

// made is what follows from a behaviour, worked out once.
type made struct {
	key                                    uint64
	errors, timeouts, conversions, surveys uint64
	meanUs, spreadUs                       float64
	// right is, for each node of a binary tree over the buckets of the latency grid,
	// the chance that a request in it is in the right half; see split.
	right  [2 * gridTree]uint64
	bucket *table  // draws a bucket
	mu, sd float64 // of the logarithm of the latency in ms
}

// madeOf works out what follows from the behaviour of class k.
func (w *World) madeOf(k uint16) *made {
	l := &w.traffic
	for len(l.made) <= int(k) {
		l.made = append(l.made, nil)
	}
	if m := l.made[k]; m != nil {
		return m
	}
	b, m := w.Classes[k].Does, &made{}
	for _, v := range []float64{b.ErrorRate, b.TimeoutRate, b.LatencyP50Ms, b.LatencyP99Ms} {
		m.key = mix(m.key ^ math.Float64bits(v))
	}
	m.errors = chance(b.ErrorRate)
	if b.ErrorRate < 1 {
		m.timeouts = chance(b.TimeoutRate / (1 - b.ErrorRate))
	}
	m.conversions, m.surveys = chance(b.ConversionRate), chance(b.SurveyRate)
	m.latencies(b)
	l.made[k] = m
	return m
}
