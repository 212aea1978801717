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

// Measure implements engine.Meter.
func (f *Fleet) Measure(_ context.Context, q engine.Question) (engine.Answer, error) {
	if f.Measured++; f.NoMetrics != nil {
		return engine.Answer{}, f.NoMetrics
	}
	a := engine.Answer{Candidate: f.arm(&q, true, q.Candidate), Baseline: f.arm(&q, false, q.Baseline)}
	if f.AlterAnswer != nil {
		f.AlterAnswer(&a)
	}
	return a, nil
}

// arm is what is wanted of an arm.
func (f *Fleet) arm(q *engine.Question, candidate bool, want engine.Want) (m engine.Measurement) {
	if want == 0 {
		return m
	}
	if want&engine.WantSlower != 0 {
		m.Slower = make([]int64, len(q.Bounds))
	}
	if want&engine.WantHistogram != 0 {
		m.Histogram = engine.Histogram{Bounds: engine.LatencyGrid(), Slower: make([]int64, len(engine.LatencyGrid()))}
	}
	f.count(&m, q, candidate)
	if candidate && m.Requests > 0 {
		m.Worst = f.Worst
	}
	if want&engine.WantByTenant != 0 {
		m.PerTenant = f.perTenant(&m, q, candidate)
	}
	if want&engine.WantMinutes != 0 {
		f.minutes(&m, q, candidate)
	}
	return m
}

// minutes counts each whole minute by itself.
func (f *Fleet) minutes(m *engine.Measurement, q *engine.Question, candidate bool) {
	for at := q.From; !at.Add(time.Minute).After(q.To); at = at.Add(time.Minute) {
		var one engine.Measurement
		f.count(&one, &engine.Question{Version: q.Version, From: at, To: at.Add(time.Minute)}, candidate)
		if one.Requests > 0 {
			m.Minutes = append(m.Minutes, engine.MinuteCount{Start: at, Requests: one.Requests, Errors: one.Errors})
		}
	}
}

// Look implements engine.Fleet.
func (f *Fleet) Look(_ context.Context, w engine.Watch) (engine.Condition, error) {
	if f.Looked++; f.Blind != nil {
		return engine.Condition{}, f.Blind
	}
	c := engine.Condition{At: f.Now, Pending: len(f.pending), Smoke: f.smoke}
	for _, b := range f.broken {
		c.Break(b.Target, b.Reason)
	}
	p := f.serving()[w.Candidate]
	c.Exposed = engine.Exposure{Tenants: p.tenants, Share: math.Round(p.percent*1000) / 1000}
	for _, i := range f.State.Instances {
		if slices.Contains(i.Installed, w.Candidate) {
			c.Exposed.Instances++
		}
		f.health(&c, &w, i)
	}
	if f.AlterCondition != nil {
		f.AlterCondition(&c)
	}
	return c, nil
}

// count adds the traffic of an arm, a second at a time.
func (f *Fleet) count(m *engine.Measurement, q *engine.Question, candidate bool) {
	var requests, errors, timeouts, conversions float64
	bounds := slices.Concat(q.Bounds[:len(m.Slower)], m.Histogram.Bounds)
	slower := make([]float64, len(bounds))
	for at, h := range f.history {
		until := f.Now
		if at+1 < len(f.history) {
			until = f.history[at+1].from
		}
		from, to := later(h.from, q.From), earlier(until, q.To)
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
			if (v == q.Version) != candidate {
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
			m.Histogram.Slower[at] = round(n)
		} else if m.Slower != nil {
			m.Slower[i] = round(n)
		}
	}
}

func (f *Fleet) health(c *engine.Condition, w *engine.Watch, i engine.Instance) {
	watched := w.Slot != "" && i.Slot == w.Slot || slices.Contains(w.Named, i.ID) ||
		slices.ContainsFunc(w.Instances, func(p engine.PlanInstance) bool { return p.ID == i.ID })
	if !watched || slices.Contains(w.Except, i.ID) {
		return
	}
	sick := f.Sick[i.ID] != "" && f.Sick[i.ID] == i.Default
	if c.Watched++; i.Ready {
		c.Ready++
	}
	switch {
	case sick:
		c.Add(w, engine.Ailing{Instance: i.ID, Ready: true, Failures: 3, Reason: "HTTP 500"})
	case !i.Ready:
		c.Add(w, engine.Ailing{Instance: i.ID, Reason: "starting"})
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
func (f *Fleet) perTenant(m *engine.Measurement, q *engine.Question, candidate bool) []engine.TenantCount {
	before := !q.To.After(f.history[0].from.Add(24 * time.Hour))
	var on []string
	for _, t := range f.State.Tenants {
		if moved := !before && t.Pin == q.Version; moved == candidate {
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
