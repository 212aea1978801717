package simulator

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Errors that come back from reading because of a fault.
var (
	ErrNoMetrics = errors.New("the metrics cannot be read")
	ErrNoFleet   = errors.New("the fleet cannot be read")
)

// Snapshot implements [engine.Fleet].
func (w *World) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return engine.Snapshot{}, err
	}
	if w.anyFault(SnapshotFails) {
		return engine.Snapshot{}, ErrNoFleet
	}
	return w.snapshot(), nil
}

func (w *World) snapshot() engine.Snapshot {
	s := engine.Snapshot{
		Environment: w.env, Plugin: w.plugin, At: w.Now(),
		Instances: make([]engine.Instance, 0, len(w.Instances)),
		Tenants:   make([]engine.Tenant, len(w.roster.ids)),
		Routes:    slices.Clone(w.Routes),
		Spare:     max(0, w.cfg.Instances+w.cfg.spare()-len(w.Instances)), RequestsPerSecond: w.cfg.RequestsPerSecond,
		ProbeInterval: time.Duration(nanoseconds(w.cfg.ProbeIntervalSeconds)),
	}
	for _, in := range w.Instances {
		i := engine.Instance{ID: in.ID, Slot: in.Slot, Default: in.Default, Ready: in.Phase == ready}
		for _, h := range in.Held {
			if h.Ready {
				i.Installed = append(i.Installed, h.Version)
			}
		}
		s.Instances = append(s.Instances, i)
	}
	priors := w.priorTraffic()
	for t, id := range w.roster.ids {
		s.Tenants[t] = engine.Tenant{
			ID: id, Weight: w.roster.weight(t), Pin: w.Names[w.Pins[t]],
			PriorRequests: priors[t].requests, PriorErrors: priors[t].errors,
		}
	}
	return s
}

// priorTraffic is what each tenant sent in the day before the clock's start.
func (w *World) priorTraffic() []prior {
	if w.traffic.priors == nil {
		w.traffic.priors = w.countPriors()
	}
	return w.traffic.priors
}

// countPriors counts the windows of the history.
func (w *World) countPriors() []prior {
	l := &w.traffic
	windows, parts := len(l.windows), len(l.parts)
	for at := w.Segments[0].Start; at < 0; {
		win := w.windowAt(at)
		w.draw(&win)
		l.windows = append(l.windows, win)
		at = win.end
	}
	var t tally
	t.begin(windows, len(w.roster.ids))
	t.count(w, len(l.windows), func(*class) bool { return true })
	l.windows, l.parts = l.windows[:windows], l.parts[:parts]
	priors := make([]prior, len(w.roster.ids))
	for i := range priors {
		priors[i] = prior{t.requests[i], t.errors[i]}
	}
	return priors
}

// Measure implements [engine.Fleet].
func (w *World) Measure(ctx context.Context, s engine.Scope) (m engine.Measurement, err error) {
	if err := ctx.Err(); err != nil {
		return engine.Measurement{}, err
	}
	w.heard(s.Rollout)
	w.settle()
	if w.anyFault(MeasureFails) {
		return engine.Measurement{}, ErrNoMetrics
	}
	w.measureTraffic(&m, &s)
	w.measureHealth(&m, &s)
	m.Exposed = w.exposure(s.Plan.Candidate)
	return m, nil
}

// measureTraffic counts what the arm's versions did.
func (w *World) measureTraffic(m *engine.Measurement, s *engine.Scope) {
	lo, hi := w.cover(instant(s.From), w.lateness(instant(s.To)))
	version, baseline := w.nameOf(s.Plan.Candidate), s.Arm == engine.BaselineArm
	if s.Plan.Candidate == "" && !baseline {
		version = nobody // a plugin that is removed serves nobody
	}
	var t basics
	var r riches
	if len(s.Bounds) > 0 {
		m.Slower = w.traffic.room(len(s.Bounds))
	}
	if s.Grid {
		m.Grid = make([]int64, gridSize)
	}
	for _, of := range w.traffic.series {
		part := of.total(lo, hi)
		if (of.version == version) == baseline {
			if s.Control {
				m.Control.Requests, m.Control.Errors = m.Control.Requests+part.requests, m.Control.Errors+part.errors
			}
			continue
		}
		if part.requests == 0 {
			continue
		}
		t.add(&part, 1)
		slower := w.slowerThan(of, s.Bounds, lo, hi)
		for i, n := range slower {
			m.Slower[i] += n
		}
		if s.Grid {
			w.gridOf(of.version, s.Bounds, slower, lo, hi, m.Grid)
		}
		if !s.CountsOnly {
			rich := w.richesOf(of.version, lo, hi)
			r.add(&rich, 1)
		}
	}
	m.Requests, m.Errors, m.Timeouts = t.requests, t.errors, t.timeouts
	if at, ok := w.newest(lo, hi, s.Plan.Candidate, baseline); ok {
		m.Newest = clock(at)
	}
	if m.Requests == 0 || s.CountsOnly && !s.PerTenant && !s.Tenants {
		return
	}
	if s.PerTenant && !s.CountsOnly {
		m.PerTenant = w.perTenant(&crowd{version: version, baseline: baseline}, lo, hi, s.TenantBound)
		m.Tenants, m.Worst = len(m.PerTenant), worstOf(m.PerTenant)
	} else {
		c := w.crowdOf(version, baseline, lo, hi)
		m.Tenants, m.Worst = c.seen, c.worst(w.roster.ids)
		if s.PerTenant {
			m.PerTenant = c.counts(w.roster.ids)
		}
	}
	if s.CountsOnly {
		return
	}
	m.Conversions = r.conversions
	m.Latency = mean(r.latency, 1e3, t.answered, t.nan)
	m.Execution = mean(r.execution, 1e3, t.answered, t.nan)
	m.Satisfaction = mean(r.score, 1e3, r.surveys, t.nan)
	m.CPU = mean(r.cpu, 1e6, r.samples, t.nan)
	m.Memory = mean(r.memory, 1e6, r.samples, t.nan)
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

// measureHealth says what became of the rollout's changes and how the watched
// instances are.
func (w *World) measureHealth(m *engine.Measurement, s *engine.Scope) {
	if r := &w.report; r.edition != w.edition || r.rollout != s.Rollout || w.news || w.dirty {
		*r = report{edition: w.edition, rollout: s.Rollout}
		w.reportOn(s.Rollout, &r.said)
	}
	m.Pending, m.Broken, m.Smoke = w.report.said.Pending, w.report.said.Broken, w.report.said.Smoke
	watched, calm := w.watched(s)
	if m.Watched = len(watched); calm {
		m.Ready = len(watched)
		return
	}
	from := instant(s.From)
	for _, in := range watched {
		p, seemsWell := w.probes(in, s.Plan.Candidate), w.seemsWell(in)
		if in.Phase == ready || seemsWell {
			m.Ready++
		}
		if seemsWell {
			continue
		}
		if deaths := in.deaths(from); in.Phase != ready || p.failures > 0 || deaths > 0 {
			a := engine.Ailing{Instance: in.ID, Ready: in.Phase == ready, Failures: p.failures, Unproven: p.unproven, Deaths: deaths, Reason: in.Trouble}
			if p.failures > 0 {
				a.Version = p.version
			}
			if a.Reason == "" && in.Phase != ready {
				a.Reason = string(in.Phase)
			}
			m.Ailing = append(m.Ailing, a)
		}
	}
}

// report remembers what became of a rollout's changes, as long as nothing changes.
type report struct {
	edition int64
	rollout string
	said    engine.Measurement // Pending, Broken and Smoke
}

// reportOn says what became of a rollout's changes.
func (w *World) reportOn(rollout string, m *engine.Measurement) {
	for _, in := range w.Instances {
		if in.By != rollout {
			continue
		}
		m.Pending += in.pending()
		if in.Wanted != "" {
			m.Pending++
		}
		if in.Trouble != "" {
			m.Broken = append(m.Broken, engine.Broken{Target: in.ID, Reason: in.Trouble})
		}
	}
	for _, t := range w.Slots {
		if t.Rollout == rollout {
			m.Broken = append(m.Broken, engine.Broken{Target: t.Slot, Reason: t.Reason})
		}
	}
	if sw := &w.Switch; sw.By == rollout {
		if len(sw.To) > 0 {
			m.Pending++
		}
		if sw.Trouble != "" {
			m.Broken = append(m.Broken, engine.Broken{Target: "routes", Reason: sw.Trouble})
		}
	}
	if run := &w.Smoke; run.By == rollout {
		if run.Running {
			m.Smoke.Running = len(run.Tests)
			m.Pending++
		} else {
			m.Smoke.Failed, m.Smoke.Failures = len(run.Failed), slices.Clone(run.Failed)
			m.Smoke.Passed = len(run.Tests) - len(run.Failed)
		}
	}
}
