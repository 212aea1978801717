package instance

import (
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics answers with what the instance counted, under the names that the rollouts ask for.
func (i *Instance) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{i})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError, EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true,
	})
}

// What there is of a version in this instance, and of a tenant's requests to it.
var (
	byVersion = []string{"environment", "plugin", "slot", "instance_id", "version"}
	byTenant  = []string{"environment", "plugin", "tenant", "version"}

	requestsDesc    = desc("requests_total", "Requests that were answered or given up.", byVersion, "outcome")
	durationDesc    = desc("request_duration_seconds", "How long requests took.", byVersion)
	executionDesc   = desc("execution_duration_seconds", "Time that requests spent in the plugin.", byVersion)
	conversionsDesc = desc("conversions_total", "Requests that converted.", byVersion)
	cpuDesc         = desc("cpu_usage_ratio", "Use of the CPU limit, 0 to 1.", byVersion)
	memoryDesc      = desc("memory_usage_ratio", "Use of the memory limit, 0 to 1.", byVersion)
	startDesc       = desc("start_time_seconds", "When the instance began to count for the version, as a Unix time.", byVersion)

	tenantRequestsDesc    = desc("tenant_requests_total", "Requests of a tenant.", byTenant, "outcome")
	tenantDurationDesc    = desc("tenant_request_duration_seconds", "How long requests of a tenant took.", byTenant)
	tenantConversionsDesc = desc("tenant_conversions_total", "Requests of a tenant that converted.", byTenant)
)

func desc(name, help string, labels []string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc("hotswap_plugin_"+name, help, append(labels[:len(labels):len(labels)], more...), nil)
}

// collector tells of an instance.
type collector struct{ of *Instance }

// Describe implements prometheus.Collector: what there is depends on what is held.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	o := &c.of.options
	t := telling{to: to}
	c.of.tallies.mu.Lock()
	for version, one := range c.of.tallies.versions {
		t.of(one, o.Environment, o.Plugin, o.Slot, o.ID, version)
		t.outcomes(requestsDesc)
		t.spans(durationDesc, &one.all, true)
		t.spans(executionDesc, &one.plugin, true)
		t.counter(conversionsDesc, one.conversions)
		t.gauge(startDesc, float64(one.start.UnixNano())/1e9)
	}
	for key, one := range c.of.tallies.tenants {
		t.of(one, o.Environment, o.Plugin, key.tenant, key.version)
		t.outcomes(tenantRequestsDesc)
		t.spans(tenantDurationDesc, &one.all, false)
		t.counter(tenantConversionsDesc, one.conversions)
	}
	c.of.tallies.mu.Unlock()
	// The process of the instance is everybody's; that of another version is not.
	held, _ := c.of.shelf.list()
	for _, h := range held {
		if cpu, memory, ok := c.of.usage.of(os.Getpid(), h.pid()); ok {
			t.labels = []string{o.Environment, o.Plugin, o.Slot, o.ID, h.version.Version}
			t.gauge(cpuDesc, cpu)
			t.gauge(memoryDesc, memory)
		}
	}
}

// telling tells metrics of one thing after the other.
type telling struct {
	to     chan<- prometheus.Metric
	one    *tally
	labels []string
}

func (t *telling) of(one *tally, labels ...string) { t.one, t.labels = one, labels }

// add adds a metric. One that cannot be made says so when it is told.
func (t *telling) add(m prometheus.Metric, err error) {
	if err != nil {
		m = prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
	}
	t.to <- m
}

func (t *telling) gauge(d *prometheus.Desc, x float64) {
	t.add(prometheus.NewConstMetric(d, prometheus.GaugeValue, x, t.labels...))
}

func (t *telling) counter(d *prometheus.Desc, n int64, more ...string) {
	labels := append(t.labels[:len(t.labels):len(t.labels)], more...)
	t.add(prometheus.NewConstMetricWithCreatedTimestamp(d, prometheus.CounterValue, float64(n), t.one.start, labels...))
}

// outcomes are all of them, also those that never were.
func (t *telling) outcomes(d *prometheus.Desc) {
	for i, n := range t.one.outcomes {
		t.counter(d, n, outcomes[i])
	}
}

// spans are a histogram, with the bounds of the wire or without any.
func (t *telling) spans(d *prometheus.Desc, s *spans, bounded bool) {
	buckets := map[float64]uint64{}
	if bounded {
		for i, bound := range bounds {
			buckets[bound.Seconds()] = uint64(s.within[i])
		}
	}
	t.add(prometheus.NewConstHistogramWithCreatedTimestamp(d, uint64(s.count), s.seconds, buckets, t.one.start, t.labels...))
}
