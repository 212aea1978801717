package observe

import (
	"context"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Of every so much time of a rollout that is measured, latencies are asked for once: the
// runner itself asks for what its gates need, which is less, and more often.
const (
	figuresEvery = 30 * time.Second
	figuresSpan  = 5 * time.Minute
)

// Figures shows what is measured of a rollout while it is: beside what of is asked by the
// runner, it is asked for the figures of the last minutes, seldom.
func (m *Metrics) Figures(e engine.Environment, plugin string, of engine.Meter) engine.Meter {
	return &figures{of: of, m: m, environment: e, plugin: plugin}
}

type figures struct {
	of          engine.Meter
	m           *Metrics
	environment engine.Environment
	plugin      string

	mu    sync.Mutex
	asked time.Time // the end of the time that latencies were asked of
}

// Measure implements engine.Meter.
func (c *figures) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	a, err := c.of.Measure(ctx, q)
	if err == nil && q.Candidate&engine.WantCounts != 0 && c.due(q.To) {
		c.show(ctx, q)
	}
	return a, err
}

// due says whether to ask for latencies at a time.
func (c *figures) due(to time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.Sub(c.asked) < figuresEvery {
		return false
	}
	c.asked = to
	return true
}

// show asks for the figures of the last minutes and shows them. Where they cannot be had
// those from before stay: nothing hangs on them but what a person looks at.
func (c *figures) show(ctx context.Context, q engine.Question) {
	from := q.From
	if last := q.To.Add(-figuresSpan); last.After(from) {
		from = last
	}
	const want = engine.WantCounts | engine.WantHistogram
	a, err := c.of.Measure(ctx, engine.Question{Rollout: q.Rollout, Version: q.Version, From: from, To: q.To, Candidate: want, Baseline: want})
	if err == nil {
		c.m.Observed(c.environment, c.plugin, &a)
	}
}

// Observed shows what was measured of a version on its way. What nothing was measured of stays
// as it was.
func (m *Metrics) Observed(e engine.Environment, plugin string, a *engine.Answer) {
	labels := []string{string(e), plugin}
	if c := &a.Candidate; c.Requests > 0 {
		m.errorRatio.WithLabelValues(labels...).Set(float64(c.Errors) / float64(c.Requests))
		m.success.WithLabelValues(labels...).Set(float64(c.Requests-c.Errors-c.Timeouts) / float64(c.Requests))
	}
	if p, ok := percentile(&a.Candidate, 0.99); ok {
		m.p99.WithLabelValues(labels...).Set(p)
	}
	if p, ok := percentile(&a.Baseline, 0.99); ok {
		m.baselineP99.WithLabelValues(labels...).Set(p)
	}
}

// unobserve takes away what was shown of a version that is not on its way any more.
func (m *Metrics) unobserve(e engine.Environment, plugin string) {
	for _, g := range []interface{ DeleteLabelValues(lvs ...string) bool }{m.errorRatio, m.success, m.p99, m.baselineP99} {
		g.DeleteLabelValues(string(e), plugin)
	}
}

// percentile reads a share of the latencies off a histogram, in seconds: in the bucket where it
// lies as if the requests in it were spread evenly, as a Prometheus does. Beyond the last bound
// it is that bound.
func percentile(m *engine.Measurement, share float64) (float64, bool) {
	h := &m.Histogram
	if m.Requests == 0 || len(h.Bounds) == 0 || len(h.Bounds) != len(h.Slower) {
		return 0, false
	}
	slower := float64(m.Requests) * (1 - share) // so many took longer
	above, below := float64(m.Requests), 0.0
	for i, bound := range h.Bounds {
		n := float64(h.Slower[i])
		if n <= slower {
			if above == n {
				return bound / 1000, true
			}
			return (below + (bound-below)*(above-slower)/(above-n)) / 1000, true
		}
		above, below = n, bound
	}
	return below / 1000, true
}
