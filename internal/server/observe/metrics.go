package observe

import (
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options are what Metrics need.
type Options struct {
	// Now is the time.
	Now func() time.Time
	// Version is that of the server, and Revision the commit that it was built from.
	Version, Revision string
	// Log takes what is wrong with an answer to a scrape; nil: it is lost.
	Log *slog.Logger
}

// Metrics are the counters of one server. They may be used by several at once.
type Metrics struct {
	now       func() time.Time
	log       *slog.Logger
	catalogue catalogue

	ended, verdicts, walkErrors                 *prometheus.CounterVec
	duration, stage, lag, api, store, fleet     *prometheus.HistogramVec
	attempts                                    *prometheus.HistogramVec
	notified                                    *prometheus.CounterVec
	waiting, oldest, givenUp                    *prometheus.GaugeVec
	errorRatio, success, p99, baselineP99       *prometheus.GaugeVec
	rollouts, unwatched, held, unwatchedSeconds *prometheus.Desc

	mu    sync.Mutex
	known map[string]*entry // rollouts that are unfinished, by their ids
}

// Buckets of what takes moments, of what may be late, and of what takes hours or days.
var (
	quick = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	late  = []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 900}
	long  = []float64{10, 60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600, 2 * 24 * 3600, 7 * 24 * 3600}
)

// New makes metrics, of which none has happened.
func New(o Options) *Metrics {
	m := &Metrics{now: o.Now, log: o.Log, known: map[string]*entry{}, catalogue: catalogue{registry: prometheus.NewRegistry()}}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	c := &m.catalogue
	c.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	c.gauge("hotswap_build_info", "Always 1; the labels say which build it is.", "version", "revision", "go_version").
		WithLabelValues(o.Version, o.Revision, runtime.Version()).Set(1)
	m.defineRollouts(c)
	m.defineCalls(c)
	m.defineNotifications(c)
	m.defineFigures(c)
	c.registry.MustRegister(m)
	return m
}

// defineRollouts defines what is counted of rollouts.
func (m *Metrics) defineRollouts(c *catalogue) {
	m.rollouts = c.computed("hotswap_rollouts", "Rollouts that are unfinished, by the phase that they are in; a stuck one is unfinished.", "environment", "phase")
	m.unwatched = c.computed("hotswap_rollout_unwatched", "Rollouts that want to go on and that nobody walks.", "environment")
	m.unwatchedSeconds = c.computed("hotswap_rollout_unwatched_seconds", "How long nobody has walked the one that waits longest for it.", "environment")
	m.held = c.computed("hotswap_held_seconds", "How long the oldest hold has waited for a person; 0: nothing is held.", "environment")
	m.ended = c.counter("hotswap_rollouts_ended_total", "Rollouts that ended, by their outcome: succeeded, rolled_back, retained or stuck.", "environment", "strategy", "outcome")
	m.verdicts = c.counter("hotswap_verdicts_total", "Words of gates and guards: pass, fail or inconclusive.", "environment", "result", "guard")
	m.duration = c.histogram("hotswap_rollout_duration_seconds", "How long rollouts took, from their first event to their end.", long, "strategy", "outcome")
	m.stage = c.histogram("hotswap_stage_duration_seconds", "How long stages took that were passed, holds included.", long, "strategy")
	m.lag = c.histogram("hotswap_walk_lag_seconds", "How much later than it wanted a rollout was walked on.", late)
	m.walkErrors = c.counter("hotswap_walk_errors_total", "Steps of rollouts that failed, by what failed: fleet, meter, store, lease or other.", "reason")
}

// defineCalls defines what is counted of calls, to the server and from it.
func (m *Metrics) defineCalls(c *catalogue) {
	m.api = c.histogram("hotswap_api_request_duration_seconds", "How long requests to the API took, by the operation and the status.", quick, "operation", "code")
	m.store = c.histogram("hotswap_store_duration_seconds", "How long calls of the store took.", quick, "call")
	m.fleet = c.histogram("hotswap_fleet_request_duration_seconds", "How long calls of fleets and of whoever measures them took, by how they ended: ok, refused, unavailable or error.", quick, "call", "result")
}

// defineNotifications defines what is counted of notifications.
func (m *Metrics) defineNotifications(c *catalogue) {
	m.attempts = c.histogram("hotswap_notification_duration_seconds", "How long attempts to tell a sink took.", quick, "sink")
	m.notified = c.counter("hotswap_notifications_total", "Attempts to tell a sink, by how they ended: delivered, failed, or given_up for the last one.", "sink", "result")
	m.waiting = c.gauge("hotswap_notifications_waiting", "Notifications that a sink has not got yet.", "sink")
	m.oldest = c.gauge("hotswap_notifications_oldest_timestamp_seconds", "When the oldest of those that a sink has not got yet was made, as a Unix time; 0: it has got all.", "sink")
	m.givenUp = c.gauge("hotswap_notifications_given_up", "Notifications that a sink will never get, and that the store still has.", "sink")
}

// defineFigures defines what is observed of versions on their way.
func (m *Metrics) defineFigures(c *catalogue) {
	of := []string{"environment", "plugin"}
	m.errorRatio = c.gauge("hotswap_candidate_error_ratio", "Errors per request of the new version, while it is rolled out.", of...)
	m.success = c.gauge("hotswap_candidate_success_ratio", "Requests of the new version that neither erred nor timed out, per request, while it is rolled out.", of...)
	m.p99 = c.gauge("hotswap_candidate_p99_seconds", "99th percentile of the latency of the new version, while it is rolled out.", of...)
	m.baselineP99 = c.gauge("hotswap_baseline_p99_seconds", "99th percentile of the latency of the old version, while the new one is rolled out.", of...)
}

// Handler answers to scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.catalogue.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(m.log.Handler(), slog.LevelError), EnableOpenMetrics: true, MaxRequestsInFlight: 4,
	})
}
