package simulator

import (
	"context"
	"errors"
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ErrNoMetrics comes back from measuring because of a fault.
var ErrNoMetrics = errors.New("the metrics cannot be read")

// Measure implements [engine.Meter].
func (w *World) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	if err := ctx.Err(); err != nil {
		return engine.Answer{}, err
	}
	w.heard(q.Rollout)
	w.settle()
	if w.anyFault(MeasureFails) {
		return engine.Answer{}, ErrNoMetrics
	}
	w.measureTraffic(&a, &q)
	return a, nil
}

// measureTraffic counts what is wanted of both arms.
func (w *World) measureTraffic(a *engine.Answer, q *engine.Question) {
	lo, hi := w.cover(instant(q.From), w.lateness(instant(q.To)))
	for _, baseline := range []bool{false, true} {
		m, want := &a.Candidate, q.Candidate
		if baseline {
			m, want = &a.Baseline, q.Baseline
		}
		if want != 0 {
			w.measureArm(m, q, want, arm{w.candidateOf(q.Version, baseline), baseline}, lo, hi)
		}
	}
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
	if len(q.Bounds) > 0 {
		m.Slower = w.traffic.room(len(q.Bounds))
	}
	histogram, rich := want&engine.WantHistogram != 0, want&engine.WantMeans != 0
	if histogram {
		m.Histogram = engine.Histogram{Bounds: engine.LatencyGrid(), Slower: make([]int64, gridSize)}
	}
	for _, s := range w.traffic.series {
		if !of.has(s.version) {
			continue
		}
		part := s.total(lo, hi)
		if part.requests == 0 {
			continue
		}
		t.add(&part, 1)
		if len(q.Bounds) > 0 || histogram {
			slower := w.slowerThan(s, q.Bounds, lo, hi)
			for i, n := range slower {
				m.Slower[i] += n
			}
			if histogram {
				w.gridOf(s.version, q.Bounds, slower, lo, hi, m.Histogram.Slower)
			}
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
		m.Minutes = w.minutes(of, lo, hi)
	}
	w.measureTenants(m, q, want, of, lo, hi)
	if !rich {
		return
	}
	m.Conversions = r.conversions
	m.Latency = mean(r.latency, 1e3, t.answered, t.nan)
	m.Execution = mean(r.execution, 1e3, t.answered, t.nan)
	m.Satisfaction = mean(r.score, 1e3, r.surveys, t.nan)
	m.CPU = mean(r.cpu, 1e6, r.samples, t.nan)
	m.Memory = mean(r.memory, 1e6, r.samples, t.nan)
}

// measureTenants counts what is wanted of an arm's tenants.
func (w *World) measureTenants(m *engine.Measurement, q *engine.Question, want engine.Want, of arm, lo, hi int) {
	each := want&engine.WantByTenant != 0
	switch {
	case each && want&engine.WantMeans != 0:
		m.PerTenant = w.perTenant(&crowd{version: of.version, baseline: of.baseline}, lo, hi, q.TenantBound)
		m.Tenants, m.Worst = len(m.PerTenant), worstOf(m.PerTenant)
	case each || want&engine.WantTenants != 0:
		c := w.crowdOf(of.version, of.baseline, lo, hi)
		m.Tenants, m.Worst = c.seen, c.worst(w.roster.ids)
		if each {
			m.PerTenant = c.counts(w.roster.ids)
		}
	}
}

// minutes counts an arm's requests by the minutes in which their windows begin.
func (w *World) minutes(of arm, lo, hi int) []engine.MinuteCount {
	var list []engine.MinuteCount
	for i := lo; i < hi; i++ {
		win := &w.traffic.windows[i]
		c := engine.MinuteCount{Start: clock(win.start - (win.start%minute+minute)%minute)}
		for k := win.from; k < win.to; k++ {
			if p := &w.traffic.parts[k]; of.has(w.Classes[p.class].Version) {
				c.Requests, c.Errors = c.Requests+p.requests, c.Errors+p.errors
			}
		}
		switch n := len(list); {
		case c.Requests == 0:
		case n > 0 && list[n-1].Start.Equal(c.Start):
			list[n-1].Requests, list[n-1].Errors = list[n-1].Requests+c.Requests, list[n-1].Errors+c.Errors
		default:
			list = append(list, c)
		}
	}
	return list
}

const minute = 60 * second

// nobody is the version of requests that no version serves.
const nobody = math.MaxUint16

// mean is a sum in units of 1/scale.
func mean(sum int64, scale float64, count, nan int64) engine.Mean {
	if nan > 0 {
		return engine.Mean{Sum: math.NaN(), Count: count}
	}
	return engine.Mean{Sum: float64(sum) / scale, Count: count}
}
