package simulator

import (
	"math"
	"sort"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Latencies are log-normal: the median and the 99th percentile of a behaviour say
// which. Each window's latencies are counted in the buckets between the bounds on
// which the engine reads percentiles; a bound in between splits its bucket.

// gridSize is the number of bounds, and gridTree the number of leaves of a binary
// tree over the buckets between them.
const (
	gridSize = 46
	gridTree = 64
)

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// latencies works out the law of b's latencies.
func (m *made) latencies(b Behaviour) {
	m.mu = natural(b.LatencyP50Ms)
	m.sd = (natural(b.LatencyP99Ms) - m.mu) / z99
	half := float64(m.sd*m.sd) / 2
	mean := exponential(min(m.mu+half, 100))
	m.meanUs = float64(mean * 1000)
	m.spreadUs = float64(m.meanUs * math.Sqrt(max(0, exponential(min(2*half, 100))-1)))
	// in has the chance of every node; the leaves are the buckets.
	var in [2 * gridTree]float64
	copy(in[gridTree:], m.shares())
	m.bucket = newTable(0, m.shares())
	for node := gridTree - 1; node >= 1; node-- {
		in[node] = in[2*node] + in[2*node+1]
		if in[node] > 0 {
			m.right[node] = chance(in[2*node+1] / in[node])
		}
	}
}

// shares are the chances of the buckets: up to each bound, and above the last one.
func (m *made) shares() []float64 {
	shares, before := make([]float64, gridSize+1), 1.0
	for i, bound := range engine.LatencyGrid()[:gridSize] {
		above := m.above(bound)
		shares[i] = max(0, before-above)
		before = above
	}
	shares[gridSize] = before
	return shares
}

// above is the chance that a request takes longer than bound ms.
func (m *made) above(bound float64) float64 {
	if bound <= 0 {
		return 1
	}
	distance := natural(bound) - m.mu
	if m.sd < 1e-9 {
		return cond(distance < 0, 1.0, 0.0)
	}
	return tail(distance / m.sd)
}

// split draws into which buckets n latencies fall and adds to slower how many are
// above each bound of the grid.
func (m *made) split(s *stream, n int64, slower *[gridSize]int64) {
	if n > few {
		m.descend(s, 1, gridTree, 0, n, slower)
		return
	}
	var in [gridSize + 1]int64
	for range n {
		in[m.bucket.draw(s)]++
	}
	above := int64(0)
	for b := gridSize - 1; b >= 0; b-- {
		above += in[b+1]
		slower[b] += above
	}
}

// few is how many latencies are quicker to draw one by one.
const few = 256

// descend splits the n latencies of a node of the tree, whose buckets are the
// width ones from first on.
func (m *made) descend(s *stream, node, width, first int, n int64, slower *[gridSize]int64) {
	for n > 0 && width > 1 {
		right := binomial(s, n, m.right[node])
		width /= 2
		m.descend(s, 2*node, width, first, n-right, slower)
		node, first, n = 2*node+1, first+width, right
	}
	if n > 0 { // bucket first: above the bounds before it
		for b := range min(first, gridSize) {
			slower[b] += n
		}
	}
}

// extraBound counts the requests of a version that are slower than a bound that is
// not on the grid, over the ledger's windows from first on.
type extraBound struct {
	version uint16
	bound   float64
	first   int
	sums    []int64           // before window first+i
	limits  map[uint16]uint64 // by class, see upperPart
}

// maxExtra is how many bounds beside the grid are remembered.
const maxExtra = 32

// slowerThan counts the requests of a version in the windows [lo, hi) that took
// longer than bound.
func (w *World) slowerThan(version uint16, bound float64, lo, hi int) int64 {
	l := &w.traffic
	s := l.series[version]
	if s == nil || lo >= hi {
		return 0
	}
	grid := engine.LatencyGrid()[:gridSize]
	at := sort.SearchFloat64s(grid, bound)
	if at < gridSize && grid[at] == bound {
		return s.slowerAt(hi, at) - s.slowerAt(lo, at)
	}
	e := l.extraFor(version, bound, lo)
	for i := e.first + len(e.sums) - 1; i < hi; i++ {
		e.sums = append(e.sums, e.sums[len(e.sums)-1]+w.slowerIn(i, e, at))
	}
	return e.sums[hi-e.first] - e.sums[lo-e.first]
}

// slowerAt is how many requests before window i were slower than a bound of the grid.
func (s *series) slowerAt(i, bound int) int64 {
	if i <= s.first {
		return 0
	}
	return s.slower[i-1-s.first][bound]
}

// extraFor finds or makes the count for a bound, from window lo on or earlier.
func (l *ledger) extraFor(version uint16, bound float64, lo int) *extraBound {
	for _, e := range l.extra {
		if e.version == version && e.bound == bound {
			if lo < e.first {
				e.first, e.sums = lo, []int64{0}
			}
			return e
		}
	}
	e := &extraBound{version: version, bound: bound, first: lo, sums: []int64{0}}
	if len(l.extra) == maxExtra {
		copy(l.extra, l.extra[1:])
		l.extra = l.extra[:maxExtra-1]
	}
	l.extra = append(l.extra, e)
	return e
}

// slowerIn counts the requests of a version in window i that took longer than
// bound, which lies in bucket at: those above the bucket, and its upper part.
func (w *World) slowerIn(i int, e *extraBound, at int) int64 {
	s := w.traffic.series[e.version]
	win := &w.traffic.windows[i]
	above := int64(0)
	if at < gridSize {
		above = s.slowerAt(i+1, at) - s.slowerAt(i, at)
	}
	n := w.traffic.total(e.version, i, i+1).answered - above
	if at > 0 {
		n = s.slowerAt(i+1, at-1) - s.slowerAt(i, at-1) - above
	}
	if n <= 0 {
		return above
	}
	// All classes of the version share the bucket in the way of the first of them:
	// inside a bucket, a quarter wide, their laws hardly differ.
	for _, k := range w.cohortOf(win.segment).classes {
		if c := &w.Classes[k]; c.Version == e.version && !c.Lost && !c.Absent {
			key := mix(uint64(win.start)) ^ name(w.Names[e.version]) ^ uint64(at)
			return above + underneath(w.seed(), key, n, w.upperPart(e, k, at))
		}
	}
	return above
}

// upperPart is the chance that a latency of class k that is in bucket at is above
// e's bound.
func (w *World) upperPart(e *extraBound, k uint16, at int) uint64 {
	if e.limits == nil {
		e.limits = map[uint16]uint64{}
	}
	if limit, ok := e.limits[k]; ok {
		return limit
	}
	m, grid := w.madeOf(k), engine.LatencyGrid()[:gridSize]
	lower, upper := 1.0, 0.0
	if at > 0 {
		lower = m.above(grid[at-1])
	}
	if at < gridSize {
		upper = m.above(grid[at])
	}
	limit := uint64(0)
	if lower > upper {
		limit = chance((m.above(e.bound) - upper) / (lower - upper))
	}
	e.limits[k] = limit
	return limit
}
