package enginetest

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// remember notes who serves how much from t on.
func (f *Fleet) remember(t time.Time) {
	s := share{from: t, of: map[string]part{}}
	for v, p := range f.serving() {
		s.of[v] = p
	}
	if n := len(f.history); n > 0 && f.history[n-1].from.Equal(t) {
		f.history = f.history[:n-1]
	}
	f.history = append(f.history, s)
}

// serving is the share of each version now: pinned tenants by their pin, the
// others evenly over the ready instances of the slots that take traffic.
func (f *Fleet) serving() map[string]part {
	parts := map[string]part{}
	pinned := 0
	n := float64(len(f.State.Tenants))
	for _, t := range f.State.Tenants {
		if t.Pin != "" {
			p := parts[t.Pin]
			parts[t.Pin] = part{p.percent + 100/n, p.tenants + 1}
			pinned++
		}
	}
	free := len(f.State.Tenants) - pinned
	for _, r := range f.State.Routes {
		count, total := map[string]int{}, 0
		for _, i := range f.State.Instances {
			if i.Slot == r.Slot && i.Ready && i.Default != "" {
				count[i.Default]++
				total++
			}
		}
		for _, v := range slices.Sorted(maps.Keys(count)) {
			c := count[v]
			q := float64(c) / float64(total) * r.Percent / 100
			p := parts[v]
			parts[v] = part{p.percent + q*100*float64(free)/n, p.tenants + int(math.Ceil(q*float64(free)))}
		}
	}
	return parts
}

// Measure implements engine.Fleet.
func (f *Fleet) Measure(_ context.Context, s engine.Scope) (engine.Measurement, error) {
	m := engine.Measurement{Slower: make([]int64, len(s.Bounds))}
	if s.Grid {
		m.Grid = make([]int64, len(engine.LatencyGrid()))
	}
	f.count(&m, s)
	if s.Control {
		var other engine.Measurement
		arm := s
		arm.Arm, arm.Bounds, arm.Grid = engine.BaselineArm, nil, false
		if s.Arm == engine.BaselineArm {
			arm.Arm = engine.CandidateArm
		}
		f.count(&other, arm)
		m.Control = engine.Counts{Requests: other.Requests, Errors: other.Errors}
	}
	for _, i := range f.State.Instances {
		f.health(&m, s, i)
	}
	if s.Arm == engine.CandidateArm && m.Requests > 0 {
		m.Worst = f.Worst
	}
	if s.PerTenant {
		m.PerTenant = f.perTenant(m, s)
	}
	p := f.serving()[s.Plan.Candidate]
	m.Exposed = engine.Exposure{Tenants: p.tenants, Share: math.Round(p.percent*1000) / 1000}
	for _, i := range f.State.Instances {
		if slices.Contains(i.Installed, s.Plan.Candidate) {
			m.Exposed.Instances++
		}
	}
	m.Pending, m.Broken, m.Smoke = len(f.pending), f.broken, f.smoke
	return m, nil
}

// count adds the traffic of the scope's arm, a second at a time.
func (f *Fleet) count(m *engine.Measurement, s engine.Scope) {
	var requests, errors, timeouts, conversions float64
	bounds := s.Bounds
	if s.Grid {
		bounds = slices.Concat(bounds, engine.LatencyGrid())
	}
	slower := make([]float64, len(bounds))
	for at, h := range f.history {
		until := f.Now
		if at+1 < len(f.history) {
			until = f.history[at+1].from
		}
		from, to := later(h.from, s.From), earlier(until, s.To)
		length := to.Sub(from) - overlap(from, to, f.GapFrom, f.GapTo)
		if length <= 0 {
			continue
		}
		if end := to; f.GapTo.Before(to) || f.GapFrom.After(to) || f.GapFrom.IsZero() {
			m.Newest = end
		} else {
			m.Newest = f.GapFrom
		}
		for _, v := range slices.Sorted(maps.Keys(h.of)) {
			p := h.of[v]
			if (v == s.Plan.Candidate) != (s.Arm == engine.CandidateArm) {
				continue
			}
			b, known := f.Behave[v]
			if !known {
				b = Normal
			}
			n := f.State.RequestsPerSecond * length.Seconds() * p.percent / 100
			requests, errors, timeouts = requests+n, errors+n*b.Errors, timeouts+n*b.Timeouts
			conversions += n * b.Conversions
			m.Latency.Sum += n * (b.Latency*(1-b.Slow) + b.SlowMs*b.Slow)
			m.Tenants = max(m.Tenants, p.tenants)
			for i, bound := range bounds {
				slower[i] += n * (above(b.SlowMs, bound)*b.Slow + above(b.Latency, bound)*(1-b.Slow))
			}
		}
	}
	m.Requests, m.Errors, m.Timeouts = round(requests), round(errors), round(timeouts)
	m.Conversions, m.Latency.Count = round(conversions), round(requests)
	for i, n := range slower {
		if at := i - len(m.Slower); at >= 0 {
			m.Grid[at] = round(n)
		} else {
			m.Slower[i] = round(n)
		}
	}
}

func (f *Fleet) health(m *engine.Measurement, s engine.Scope, i engine.Instance) {
	watched := s.Watch.Slot != "" && i.Slot == s.Watch.Slot || slices.Contains(s.Watch.Named, i.ID)
	for at := s.Watch.Instances.From; at < s.Watch.Instances.To; at++ {
		watched = watched || s.Plan.Instances[at].ID == i.ID
	}
	if !watched {
		return
	}
	sick := f.Sick[i.ID] != "" && f.Sick[i.ID] == i.Default
	if m.Watched++; i.Ready {
		m.Ready++
	}
	switch {
	case sick:
		m.Ailing = append(m.Ailing, engine.Ailing{Instance: i.ID, Ready: true, Failures: 3, Reason: "HTTP 500"})
	case !i.Ready:
		m.Ailing = append(m.Ailing, engine.Ailing{Instance: i.ID, Reason: "starting"})
	}
}

func above(v, bound float64) float64 {
	if v > bound {
		return 1
	}
	return 0
}

func round(v float64) int64 { return int64(math.Round(v)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func overlap(from, to, gapFrom, gapTo time.Time) time.Duration {
	return max(0, earlier(to, gapTo).Sub(later(from, gapFrom)))
}

// perTenant splits an arm's traffic evenly over its tenants: those who are pinned to
// the candidate now, and all others. Before the rollout everybody was on the baseline.
func (f *Fleet) perTenant(m engine.Measurement, s engine.Scope) []engine.TenantCount {
	before := !s.To.After(f.history[0].from.Add(24 * time.Hour))
	var on []string
	for _, t := range f.State.Tenants {
		candidate := !before && t.Pin == s.Plan.Candidate
		if candidate == (s.Arm == engine.CandidateArm) {
			on = append(on, t.ID)
		}
	}
	n := int64(max(1, len(on)))
	counts := make([]engine.TenantCount, len(on))
	for i, id := range on {
		requests := m.Requests / n
		counts[i] = engine.TenantCount{
			Tenant: id, Requests: requests, Errors: m.Errors / n, Timeouts: m.Timeouts / n, Conversions: m.Conversions / n,
			Latency: engine.Mean{Sum: m.Latency.Sum / float64(n), Count: requests},
		}
	}
	return counts
}
