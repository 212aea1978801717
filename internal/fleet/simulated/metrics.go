package simulated

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics answers with the counters of all instances of fleets, under the names that a
// Prometheus is asked for by default: what each instance would tell of itself.
func Metrics(log *slog.Logger, places ...*Place) http.Handler {
	registry := prometheus.NewRegistry()
	for _, p := range places {
		registry.MustRegister(&collector{place: p, counters: newCounters(p)})
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError), DisableCompression: true, // which the server does
		EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true,
	})
}

// collector tells the counters of a fleet.
type collector struct {
	place *Place
	*counters
}

// Describe implements prometheus.Collector: it depends on the fleet what there is, so that
// nothing is checked beforehand.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	var told []prometheus.Metric
	var err error
	c.place.do(func() {
		if err = c.count(); err == nil {
			told = c.tell()
		}
	})
	if err != nil {
		to <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
		return
	}
	for _, m := range told {
		to <- m
	}
}

// What there is of an instance and a version, and of a tenant and a version.
var (
	ofInstance = []string{"environment", "plugin", "slot", "instance_id", "version"}
	ofTenant   = []string{"environment", "plugin", "tenant", "version"}

	requestsDesc     = desc("requests_total", "Requests that were answered or given up.", append(ofInstance, "outcome"))
	durationDesc     = desc("request_duration_seconds", "How long requests took.", ofInstance)
	executionDesc    = desc("execution_duration_seconds", "Time that requests spent in the plugin.", ofInstance)
	conversionsDesc  = desc("conversions_total", "Requests that converted.", ofInstance)
	satisfactionDesc = desc("satisfaction_score", "Scores that users gave, 1 to 5.", ofInstance)
	cpuDesc          = desc("cpu_usage_ratio", "Use of the CPU limit, 0 to 1.", ofInstance)
	memoryDesc       = desc("memory_usage_ratio", "Use of the memory limit, 0 to 1.", ofInstance)
	startDesc        = desc("start_time_seconds", "When the instance began to count for the version, as a Unix time.", ofInstance)

	tenantRequestsDesc     = desc("tenant_requests_total", "Requests of a tenant.", append(ofTenant, "outcome"))
	tenantDurationDesc     = desc("tenant_request_duration_seconds", "How long requests of a tenant took.", ofTenant)
	tenantConversionsDesc  = desc("tenant_conversions_total", "Requests of a tenant that converted.", ofTenant)
	tenantSatisfactionDesc = desc("tenant_satisfaction_score", "Scores that users of a tenant gave, 1 to 5.", ofTenant)
)

func desc(name, help string, labels []string) *prometheus.Desc {
	return prometheus.NewDesc("hotswap_plugin_"+name, help, labels, nil)
}
