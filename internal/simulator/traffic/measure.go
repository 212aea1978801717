package traffic

import (
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Nobody is the version of requests that no version serves.
const Nobody = math.MaxUint16

// Arm is a version, or everything but it.
type Arm struct {
	Version  uint16
	Baseline bool
}

// has says whether what a version did is the arm's.
func (a Arm) has(version uint16) bool { return (a.Version == version) != a.Baseline }

// Span is the time that a question is about, as far as there are samples of it.
type Span struct {
	since    int64 // of which the question is
	from, to int64 // see told
	lo, hi   int   // windows of the ledger, until it is asked about another span
}

// Span has the windows that end after from and not after to, times of the fleet's clock.
// It holds until the next call.
func (f *Flow) Span(from, to int64) Span {
	s := Span{since: from}
	s.from, s.to = f.told(from, to)
	s.lo, s.hi = f.cover(s.from, s.to)
	return s
}

// Measure counts what is wanted of an arm in a span. Of q it takes the bounds and the
// version's name.
func (f *Flow) Measure(m *engine.Measurement, q *engine.Question, want engine.Want, of Arm, span Span) {
	lo, hi := span.lo, span.hi
	var t basics
	var r riches
	bounds := f.roomForLatencies(m, q, want)
	latencies, rich := len(bounds)+len(m.Histogram.Bounds) > 0, want&engine.WantMeans != 0
	for _, s := range f.ledger.series {
		if !of.has(s.version) {
			continue
		}
		part := s.total(lo, hi)
		if part.requests == 0 {
			continue
		}
		t.add(&part, 1)
		if latencies {
			f.measureLatencies(m, bounds, s, lo, hi)
		}
		if rich {
			rich := f.richesOf(s.version, lo, hi)
			r.add(&rich, 1)
		}
	}
	m.Requests, m.Errors, m.Timeouts = t.requests, t.errors, t.timeouts
	if at, ok := f.newest(span, q.Version, of.Baseline); ok {
		m.Newest = f.clock(at)
	}
	if m.Requests == 0 {
		return
	}
	if want&engine.WantMinutes != 0 {
		m.Minutes = f.minutes(of, lo, hi, span.since)
	}
	f.measureTenants(m, q, want, of, lo, hi)
	if rich {
		r.into(m, &t)
	}
}

// clock turns a time of the fleet's clock into one of the calendar.
func (f *Flow) clock(at int64) time.Time { return f.cfg.Epoch.Add(time.Duration(at)) }

// roomForLatencies makes room for what is wanted of latencies, and gives the bounds that
// they are counted against beside the histogram's.
func (f *Flow) roomForLatencies(m *engine.Measurement, q *engine.Question, want engine.Want) (bounds []float64) {
	if want&engine.WantSlower != 0 && len(q.Bounds) > 0 {
		bounds, m.Slower = q.Bounds, f.ledger.room(len(q.Bounds))
	}
	if want&engine.WantHistogram != 0 {
		m.Histogram = f.emptyHistogram()
	}
	return bounds
}

// into puts sums into a measurement.
func (r *riches) into(m *engine.Measurement, t *basics) {
	m.Conversions = r.conversions
	m.Latency = mean(r.latency, 1e3, t.answered, t.nan)
	m.Execution = mean(r.execution, 1e3, t.answered, t.nan)
	m.Satisfaction = mean(r.surveys+r.stars, 1, r.surveys, t.nan)
	m.CPU = mean(r.cpu, 1e6, r.samples, t.nan)
	m.Memory = mean(r.memory, 1e6, r.samples, t.nan)
}

// emptyHistogram has the bounds of the meter's own.
func (f *Flow) emptyHistogram() engine.Histogram {
	bounds := f.cfg.Bounds
	if bounds == nil {
		bounds = engine.LatencyGrid()
	} else {
		bounds = slices.Clone(bounds)
	}
	return engine.Histogram{Bounds: bounds, Slower: make([]int64, len(bounds))}
}

// measureLatencies adds to m how many requests of a version took longer than bounds, and
// than those of m's histogram, where it has one.
func (f *Flow) measureLatencies(m *engine.Measurement, bounds []float64, s *series, lo, hi int) {
	slower := f.slowerThan(s, bounds, lo, hi)
	for i, n := range slower {
		m.Slower[i] += n
	}
	switch own := f.cfg.Bounds; {
	case m.Histogram.Slower == nil:
	case own == nil:
		f.gridOf(s.version, bounds, slower, lo, hi, m.Histogram.Slower)
	default:
		for i, n := range f.slowerThan(s, own, lo, hi) {
			m.Histogram.Slower[i] += n
		}
	}
}

// measureTenants counts what is wanted of an arm's tenants.
func (f *Flow) measureTenants(m *engine.Measurement, q *engine.Question, want engine.Want, of Arm, lo, hi int) {
	each := want&engine.WantByTenant != 0
	if !each && want&engine.WantTenants == 0 {
		return
	}
	c := f.crowdOf(of.Version, of.Baseline, lo, hi)
	m.Tenants, m.Worst = c.seen, c.worst(f.roster.ids)
	switch {
	case each && want&engine.WantMeans != 0:
		m.PerTenant = f.perTenant(c, lo, hi, q.TenantBound)
	case each:
		m.PerTenant = c.counts(f.roster.ids)
	}
}

// mean is a sum in units of 1/scale.
func mean(sum int64, scale float64, count, nan int64) engine.Mean {
	if nan > 0 {
		return engine.Mean{Sum: math.NaN(), Count: count}
	}
	return engine.Mean{Sum: float64(sum) / scale, Count: count}
}
