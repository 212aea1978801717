package load

import (
	"math"
	"time"
)

// ReasonTransport is why requests failed that had no answer, in a [Report].
const ReasonTransport = "transport"

// Summary adds outcomes up. It is not safe for use at once by many.
type Summary struct {
	first, last time.Time // of those that were due
	requests    int64
	failed      int64
	notSent     int64
	by          map[why]int64
	versions    map[string]int64
	latencies   histogram
	transport   string // the first error without an answer
}

type why struct{ Reason, Version string }

// NewSummary is one of nothing.
func NewSummary() *Summary {
	return &Summary{by: map[why]int64{}, versions: map[string]int64{}}
}

// Add adds an outcome.
func (s *Summary) Add(o Outcome) {
	if s.first.IsZero() || o.At.Before(s.first) {
		s.first = o.At
	}
	if o.At.After(s.last) {
		s.last = o.At
	}
	if o.NotSent() {
		s.notSent++
		return
	}
	s.requests++
	s.versions[o.Version]++
	s.latencies.add(o.Latency)
	if !o.Failed() {
		return
	}
	s.failed++
	reason := o.Reason
	if o.Err != nil {
		reason = ReasonTransport
		if s.transport == "" {
			s.transport = o.Err.Error()
		}
	}
	s.by[why{reason, o.Version}]++
}

// Failures are requests that failed for a reason, of a version where one is known.
type Failures struct {
	Reason  string `json:"reason"`
	Version string `json:"version"`
	Count   int64  `json:"count"`
}

// Report is what a load came to.
type Report struct {
	Requests int64            `json:"requests"` // that were sent
	Failed   int64            `json:"failed"`   // without an answer, or with a status of 500 or more
	NotSent  int64            `json:"notSent"`  // as too many were out
	Why      []Failures       `json:"why"`      // by count
	Versions map[string]int64 `json:"versions"` // requests by the version that served them
	Rate     float64          `json:"rate"`     // requests that were sent per second
	// P50, P99 and P999 are latencies since requests were due, in milliseconds, to 2 %.
	P50  float64 `json:"p50Ms"`
	P99  float64 `json:"p99Ms"`
	P999 float64 `json:"p999Ms"`
	// Transport is the first error of a request without an answer.
	Transport string `json:"transport,omitempty"`
}

// Report is what was added.
func (s *Summary) Report() Report {
	r := Report{
		Requests: s.requests, Failed: s.failed, NotSent: s.notSent, Versions: map[string]int64{}, Transport: s.transport, Why: []Failures{},
		P50: s.latencies.quantile(0.5), P99: s.latencies.quantile(0.99), P999: s.latencies.quantile(0.999),
	}
	for v, n := range s.versions {
		r.Versions[v] = n
	}
	for w, n := range s.by {
		r.Why = append(r.Why, Failures{w.Reason, w.Version, n})
	}
	sortFailures(r.Why)
	if took := s.last.Sub(s.first).Seconds(); took > 0 {
		r.Rate = float64(s.requests) / took
	}
	return r
}

// histogram counts latencies in steps of 2 %, from a microsecond on.
type histogram struct {
	counts [1024]int64
	all    int64
}

const step = 1.02

func (h *histogram) add(d time.Duration) {
	i := 0
	if us := float64(d) / float64(time.Microsecond); us > 1 {
		i = min(int(math.Log(us)/math.Log(step)), len(h.counts)-1)
	}
	h.counts[i]++
	h.all++
}

// quantile is in milliseconds, 0 of nothing.
func (h *histogram) quantile(q float64) float64 {
	rank, seen := int64(math.Ceil(q*float64(h.all))), int64(0)
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return math.Pow(step, float64(i)+0.5) / 1e3
		}
	}
	return 0
}
