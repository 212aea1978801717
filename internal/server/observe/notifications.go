package observe

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Attempted notes an attempt to tell a sink something.
func (m *Metrics) Attempted(sink string, took time.Duration, arrived bool) {
	m.attempts.WithLabelValues(sink).Observe(took.Seconds())
	result := "failed"
	if arrived {
		result = "delivered"
	}
	m.notified.WithLabelValues(sink, result).Inc()
}

// GaveUp notes a message that a sink will never get.
func (m *Metrics) GaveUp(sink string) { m.notified.WithLabelValues(sink, "given_up").Inc() }

// Backlog takes what sinks have not got, as the store counts it.
func (m *Metrics) Backlog(all map[string]store.Backlog) {
	m.waiting.Reset()
	m.oldest.Reset()
	m.givenUp.Reset()
	for sink, b := range all {
		m.waiting.WithLabelValues(sink).Set(float64(b.Waiting))
		m.givenUp.WithLabelValues(sink).Set(float64(b.GivenUp))
		oldest := 0.0
		if b.Waiting > 0 && !b.Oldest.IsZero() {
			oldest = float64(b.Oldest.Unix())
		}
		m.oldest.WithLabelValues(sink).Set(oldest)
	}
}
