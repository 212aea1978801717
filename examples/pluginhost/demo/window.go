package demo

import (
	"slices"
	"time"
)

// window has the requests of the last seconds.
type window struct {
	seconds [spanned]second
}

const spanned = 6 // of which the one under way is not told

type second struct {
	of        int64 // Unix time
	sent      int
	failed    int
	latencies []time.Duration
}

func (w *window) add(at time.Time, latency time.Duration, failed bool) {
	s := &w.seconds[at.Unix()%spanned]
	if s.of != at.Unix() {
		*s = second{of: at.Unix(), latencies: s.latencies[:0]}
	}
	s.sent++
	if failed {
		s.failed++
	}
	s.latencies = append(s.latencies, latency)
}

// rates are those of the whole seconds that have passed.
type rates struct {
	Rate   float64 `json:"rate"`   // requests per second
	Failed float64 `json:"failed"` // share of them, 0..1
	P50    float64 `json:"p50"`    // ms
	P99    float64 `json:"p99"`    // ms
}

func (w *window) rates(now time.Time) (r rates) {
	var all []time.Duration
	var failed, over int
	for i := range w.seconds {
		if s := &w.seconds[i]; s.of < now.Unix() && s.of > now.Unix()-spanned {
			all = append(all, s.latencies...)
			failed += s.failed
			over++
		}
	}
	if len(all) == 0 {
		return r
	}
	slices.Sort(all)
	ms := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))].Microseconds()) / 1000 }
	return rates{Rate: float64(len(all)) / float64(over), Failed: float64(failed) / float64(len(all)), P50: ms(0.5), P99: ms(0.99)}
}
