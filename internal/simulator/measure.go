package simulator

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ErrNoMetrics comes back from measuring because of a fault.
var ErrNoMetrics = errors.New("the metrics cannot be read")

// desk is where a world answers questions to its meter.
type desk struct {
	q engine.Question
	a engine.Answer
}

// Measure implements [engine.Meter].
func (w *World) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	return w.answer(ctx, q, !w.lacks(engine.CanTraffic))
}

// Count is Measure where the instances are asked, and not the fleet: they count whether or
// not it does.
func (w *World) Count(ctx context.Context, q engine.Question) (engine.Answer, error) {
	return w.answer(ctx, q, true)
}

// answer answers a question; counted says that whoever is asked counts.
func (w *World) answer(ctx context.Context, q engine.Question, counted bool) (engine.Answer, error) {
	if err := ctx.Err(); err != nil {
		return engine.Answer{}, err
	}
	w.overheard(q.Rollout)
	w.settle()
	if w.anyFault(MeasureFails) {
		return engine.Answer{}, ErrNoMetrics
	}
	at := &w.desk // so that a look allocates nothing
	at.q, at.a = q, engine.Answer{}
	if counted {
		w.measureTraffic(&at.a, &at.q)
	}
	return at.a, nil
}

// measureTraffic counts what is wanted of both arms.
func (w *World) measureTraffic(a *engine.Answer, q *engine.Question) {
	if w.cfg.Metrics.Bounds != nil {
		own := w.bounded(*q)
		q = &own
	}
	from, to := w.told(instant(q.From), instant(q.To))
	lo, hi := w.cover(from, to)
	a.Coverage = w.coverage(q)
	for _, baseline := range []bool{false, true} {
		m, want := &a.Candidate, q.Candidate
		if baseline {
			m, want = &a.Baseline, q.Baseline
		}
		if want != 0 {
			w.measureArm(m, q, want, arm{w.candidateOf(q.Version, baseline), baseline}, lo, hi)
			if s := w.able.scrapes; s != nil {
				m.Newest = time.Time{}
				if at, ok := s.sampled(w, from, to, q.Version, baseline); ok {
					m.Newest = clock(at)
				}
			}
			w.withhold(m)
		}
	}
}

// bounded is q without the bounds that nothing is counted against.
func (w *World) bounded(q engine.Question) engine.Question {
	if m := &w.cfg.Metrics; !m.bounded(q.Bounds) {
		q.Bounds = nil
	}
	if m := &w.cfg.Metrics; !m.bounded([]float64{q.TenantBound}) {
		q.TenantBound = 0
	}
	return q
}

// arm is a version, or everything but it.
type arm struct {
	version  uint16
	baseline bool
}

// has says whether what a version did is the arm's.
func (a arm) has(version uint16) bool { return (a.version == version) != a.baseline }

// candidateOf is the version of the candidate: a plugin that is removed serves nobody.
func (w *World) candidateOf(version string, baseline bool) uint16 {
	if version == "" && !baseline {
		return nobody
	}
	return w.nameOf(version)
}

// measureArm counts what an arm's versions did in the windows [lo, hi).
func (w *World) measureArm(m *engine.Measurement, q *engine.Question, want engine.Want, of arm, lo, hi int) {
	var t basics
	var r riches
	bounds := w.roomForLatencies(m, q, want)
	latencies, rich := len(bounds)+len(m.Histogram.Bounds) > 0, want&engine.WantMeans != 0
	for _, s := range w.traffic.series {
		if !of.has(s.version) {
			continue
		}
		part := s.total(lo, hi)
		if part.requests == 0 {
			continue
		}
		t.add(&part, 1)
		if latencies {
			w.measureLatencies(m, bounds, s, lo, hi)
		}
		if rich {
			rich := w.richesOf(s.version, lo, hi)
			r.add(&rich, 1)
		}
	}
	m.Requests, m.Errors, m.Timeouts = t.requests, t.errors, t.timeouts
	if at, ok := w.newest(lo, hi, q.Version, of.baseline); ok {
		m.Newest = clock(at)
	}
	if m.Requests == 0 {
		return
	}
	if want&engine.WantMinutes != 0 {
		m.Minutes = w.minutes(of, lo, hi, instant(q.From))
	}
	w.measureTenants(m, q, want, of, lo, hi)
	if rich {
		r.into(m, &t)
	}
}

// roomForLatencies makes room for what is wanted of latencies, and gives the bounds that
// they are counted against beside the histogram's.
func (w *World) roomForLatencies(m *engine.Measurement, q *engine.Question, want engine.Want) (bounds []float64) {
	if want&engine.WantSlower != 0 && len(q.Bounds) > 0 {
		bounds, m.Slower = q.Bounds, w.traffic.room(len(q.Bounds))
	}
	if want&engine.WantHistogram != 0 {
		m.Histogram = w.emptyHistogram()
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
func (w *World) emptyHistogram() engine.Histogram {
	bounds := w.cfg.Metrics.Bounds
	if bounds == nil {
		bounds = engine.LatencyGrid()
	} else {
		bounds = slices.Clone(bounds)
	}
	return engine.Histogram{Bounds: bounds, Slower: make([]int64, len(bounds))}
}

// measureLatencies adds to m how many requests of a version took longer than bounds, and
// than those of m's histogram, where it has one.
func (w *World) measureLatencies(m *engine.Measurement, bounds []float64, s *series, lo, hi int) {
	slower := w.slowerThan(s, bounds, lo, hi)
	for i, n := range slower {
		m.Slower[i] += n
	}
	switch own := w.cfg.Metrics.Bounds; {
	case m.Histogram.Slower == nil:
	case own == nil:
		w.gridOf(s.version, bounds, slower, lo, hi, m.Histogram.Slower)
	default:
		for i, n := range w.slowerThan(s, own, lo, hi) {
			m.Histogram.Slower[i] += n
		}
	}
}

// measureTenants counts what is wanted of an arm's tenants.
func (w *World) measureTenants(m *engine.Measurement, q *engine.Question, want engine.Want, of arm, lo, hi int) {
	each := want&engine.WantByTenant != 0 && !w.lacks(engine.CanByTenant) && !w.unremembered(q)
	if !each && want&engine.WantTenants == 0 {
		return
	}
	c := w.crowdOf(of.version, of.baseline, lo, hi)
	m.Tenants, m.Worst = c.seen, c.worst(w.roster.ids)
	switch {
	case each && want&engine.WantMeans != 0:
		m.PerTenant = w.perTenant(c, lo, hi, q.TenantBound)
	case each:
		m.PerTenant = c.counts(w.roster.ids)
	}
}

// unremembered says whether q asks of tenants in a time before its rollout, of which the
// fleet knows nothing.
func (w *World) unremembered(q *engine.Question) bool {
	if !w.lacks(engine.CanHistory) {
		return false
	}
	i := slices.IndexFunc(w.Rollouts, func(r rollout) bool { return r.ID == q.Rollout })
	return i >= 0 && instant(q.To) <= w.Rollouts[i].Began
}

// nobody is the version of requests that no version serves.
const nobody = math.MaxUint16

// mean is a sum in units of 1/scale.
func mean(sum int64, scale float64, count, nan int64) engine.Mean {
	if nan > 0 {
		return engine.Mean{Sum: math.NaN(), Count: count}
	}
	return engine.Mean{Sum: float64(sum) / scale, Count: count}
}
