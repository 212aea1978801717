package simulated

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// outcomes are the values of a label, as counted.outcomes has them.
var outcomes = [3]string{"success", "error", "timeout"}

// tell makes metrics of what was counted, of whoever has the world.
func (c *counters) tell() []prometheus.Metric {
	w := c.place.world
	var t telling
	for k, one := range c.instances {
		t.of(one, string(w.Environment()), w.Plugin(), one.slot, k.id, k.version)
		t.outcomes(requestsDesc, !c.config.Lacks(engine.CanTimeouts))
		t.add(prometheus.NewConstMetric(startDesc, prometheus.GaugeValue, float64(one.start.UnixNano())/1e9, t.labels...))
		if !c.config.Lacks(engine.CanLatency) {
			t.latencies(&c.bounds)
		}
		if !c.config.Lacks(engine.CanExecutionTime) {
			t.summary(executionDesc, one.execution.Count, one.execution.Sum/1e3)
		}
		if !c.config.Lacks(engine.CanConversions) {
			t.counter(conversionsDesc, one.conversions)
		}
		if !c.config.Lacks(engine.CanSatisfaction) {
			t.summary(satisfactionDesc, one.score.Count, one.score.Sum)
		}
		if !c.config.Lacks(engine.CanCPU) {
			t.add(prometheus.NewConstMetric(cpuDesc, prometheus.GaugeValue, one.cpu, t.labels...))
		}
		if !c.config.Lacks(engine.CanMemory) {
			t.add(prometheus.NewConstMetric(memoryDesc, prometheus.GaugeValue, one.memory, t.labels...))
		}
	}
	for k, one := range c.tenants {
		t.of(one, string(w.Environment()), w.Plugin(), k.id, k.version)
		t.outcomes(tenantRequestsDesc, !c.config.Lacks(engine.CanTimeouts))
		if !c.config.Lacks(engine.CanLatency) {
			t.add(prometheus.NewConstHistogramWithCreatedTimestamp(tenantDurationDesc, uint64(one.requests), one.latency/1e3, nil, one.start, t.labels...))
		}
		if !c.config.Lacks(engine.CanConversions) {
			t.counter(tenantConversionsDesc, one.conversions)
		}
		if !c.config.Lacks(engine.CanSatisfaction) {
			t.summary(tenantSatisfactionDesc, one.score.Count, one.score.Sum)
		}
	}
	return t.all
}

// telling collects metrics.
type telling struct {
	all    []prometheus.Metric
	one    *counted // that is told
	labels []string
}

func (t *telling) of(one *counted, labels ...string) { t.one, t.labels = one, labels }

// add adds a metric. One that cannot be made says so when it is told.
func (t *telling) add(m prometheus.Metric, err error) {
	if err != nil {
		m = prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
	}
	t.all = append(t.all, m)
}

func (t *telling) counter(d *prometheus.Desc, n int64, more ...string) {
	t.add(prometheus.NewConstMetricWithCreatedTimestamp(d, prometheus.CounterValue, float64(n), t.one.start, append(t.labels[:len(t.labels):len(t.labels)], more...)...))
}

// outcomes are all of them, also those that never were.
func (t *telling) outcomes(d *prometheus.Desc, timeouts bool) {
	for i, n := range t.one.outcomes {
		if i < 2 || timeouts {
			t.counter(d, n, outcomes[i])
		}
	}
}

func (t *telling) summary(d *prometheus.Desc, n int64, sum float64) {
	t.add(prometheus.NewConstSummaryWithCreatedTimestamp(d, uint64(n), sum, nil, t.one.start, t.labels...))
}

// latencies are a histogram: with classic buckets, and with native ones where the fleet
// can count against any bounds.
func (t *telling) latencies(b *bounds) {
	one, buckets := t.one, map[float64]uint64{}
	for _, i := range b.classic {
		buckets[b.all[i]/1e3] = uint64(one.requests - one.slower[i])
	}
	h, err := prometheus.NewConstHistogramWithCreatedTimestamp(durationDesc, uint64(one.requests), one.latency/1e3, buckets, one.start, t.labels...)
	if err == nil && b.native != nil {
		h = &both{h, b.nativeOf(one)}
	}
	t.add(h, err)
}

// both is a classic histogram with native buckets beside its own.
type both struct {
	prometheus.Metric
	native *dto.Histogram
}

// Write implements prometheus.Metric.
func (b *both) Write(out *dto.Metric) error {
	if err := b.Metric.Write(out); err != nil {
		return err
	}
	h := out.Histogram
	h.Schema, h.ZeroThreshold, h.ZeroCount = b.native.Schema, b.native.ZeroThreshold, b.native.ZeroCount
	h.PositiveSpan, h.PositiveDelta = b.native.PositiveSpan, b.native.PositiveDelta
	return nil
}
