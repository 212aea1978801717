package prom

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exposer is an instance that exposes what a test sets.
type exposer struct {
	mu     sync.Mutex
	server *httptest.Server
	values map[string]float64
	down   bool
}

func newExposer(t *testing.T) *exposer {
	t.Helper()
	e := &exposer{values: map[string]float64{}}
	e.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, e.text())
	}))
	t.Cleanup(e.server.Close)
	return e
}

func (e *exposer) text() string {
	lines := make([]string, 0, len(e.values))
	for name, v := range e.values {
		lines = append(lines, fmt.Sprintf("%s %v\n", name, v))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// target is what is scraped.
func (e *exposer) target() string { return strings.TrimPrefix(e.server.URL, "http://") }

// set sets series, as requests("v1", "i1", "error").
func (e *exposer) set(v float64, names ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range names {
		e.values[name] = v
	}
}

// clear takes all series away, as a process that begins anew does.
func (e *exposer) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.values)
}

// turn lets scrapes fail, or work again.
func (e *exposer) turn(down bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = down
}

// named is a series of the convention.
func named(metric, version, instance string, more ...string) string {
	labels := []string{`environment="Production"`, `plugin="stripe"`, fmt.Sprintf("version=%q", version)}
	if instance != "" {
		labels = append(labels, fmt.Sprintf("instance_id=%q", instance))
	}
	for i := 0; i < len(more); i += 2 {
		labels = append(labels, fmt.Sprintf("%s=%q", more[i], more[i+1]))
	}
	return metric + "{" + strings.Join(labels, ",") + "}"
}

func requests(version, instance, outcome string) string {
	return named(MetricRequests, version, instance, LabelOutcome, outcome)
}

// nan is no number.
func nan() float64 { return math.NaN() }
