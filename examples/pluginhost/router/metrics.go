package router

import "github.com/prometheus/client_golang/prometheus"

// metrics are what a Prometheus is told.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	retries  *prometheus.CounterVec
	revision prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotswap_router_requests_total",
			Help: "Requests that were answered, by the instance (empty: none was ready), the reason of a failure (empty: there was none) and the version that served.",
		}, []string{"instance_id", "reason", "version"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotswap_router_passed_on_total", Help: "Requests that were sent to another instance, because nothing was done with them on this one.",
		}, []string{"instance_id"}),
		revision: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hotswap_router_table_revision", Help: "Revision of the table in force."}),
	}
	m.registry.MustRegister(m.requests, m.retries, m.revision)
	return m
}

func (m *metrics) count(instance, reason, version string) {
	m.requests.WithLabelValues(instance, reason, version).Inc()
}

// forget drops the counters of instances that are gone for good.
func (m *metrics) forget(instances []string) {
	for _, id := range instances {
		m.requests.DeletePartialMatch(prometheus.Labels{"instance_id": id})
		m.retries.DeletePartialMatch(prometheus.Labels{"instance_id": id})
	}
}
