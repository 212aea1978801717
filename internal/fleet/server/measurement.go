package server

import (
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// measurement is what was counted of an arm, as it is told: what was not asked for and
// what cannot be counted is left out, and a 0 means that there were none.
type measurement struct {
	Requests     int64                `json:"requests"`
	Errors       int64                `json:"errors"`
	Timeouts     int64                `json:"timeouts"`
	Slower       []int64              `json:"slower,omitempty"`
	Histogram    *histogram           `json:"histogram,omitempty"`
	Latency      *engine.Mean         `json:"latency,omitempty"`
	Conversions  *int64               `json:"conversions,omitempty"`
	Satisfaction *engine.Mean         `json:"satisfaction,omitempty"`
	Execution    *engine.Mean         `json:"execution,omitempty"`
	CPU          *engine.Mean         `json:"cpu,omitempty"`
	Memory       *engine.Mean         `json:"memory,omitempty"`
	Tenants      *int                 `json:"tenants,omitempty"`
	Worst        *engine.TenantCount  `json:"worst,omitempty"`
	PerTenant    []engine.TenantCount `json:"perTenant,omitempty"`
	Minutes      []engine.MinuteCount `json:"minutes,omitempty"`
	Newest       time.Time            `json:"newest,omitzero"`
}

// histogram is one, with both lists always.
type histogram struct {
	Bounds []float64 `json:"bounds"`
	Slower []int64   `json:"slower"`
}

// told is m without what was not wanted, or cannot be counted. Tenants are told apart.
func told(m *engine.Measurement, want engine.Want, can *engine.Capabilities) measurement {
	t := measurement{Requests: m.Requests, Errors: m.Errors, Timeouts: m.Timeouts, Newest: m.Newest}
	if want&engine.WantSlower != 0 {
		t.Slower = m.Slower
	}
	if want&engine.WantHistogram != 0 && len(m.Histogram.Bounds) > 0 {
		t.Histogram = &histogram{m.Histogram.Bounds, m.Histogram.Slower}
	}
	if want&engine.WantMinutes != 0 {
		t.Minutes = m.Minutes
	}
	if want&engine.WantMeans != 0 {
		t.Latency, t.Satisfaction, t.Execution, t.CPU, t.Memory = mean(m.Latency), mean(m.Satisfaction), mean(m.Execution), mean(m.CPU), mean(m.Memory)
		if can.Can(engine.CanConversions) {
			t.Conversions = &m.Conversions
		}
	}
	if want&(engine.WantTenants|engine.WantByTenant) != 0 {
		t.Worst = m.Worst
		if can.Can(engine.CanTenantsSeen) {
			t.Tenants = &m.Tenants
		}
	}
	return t
}

// mean is m; nil where it has no values, or they add up to no number.
func mean(m engine.Mean) *engine.Mean {
	if m.Count == 0 || math.IsNaN(m.Sum) || math.IsInf(m.Sum, 0) {
		return nil
	}
	return &m
}

// byTenant is what m says of each tenant, where that is wanted.
func byTenant(m *engine.Measurement, want engine.Want) []engine.TenantCount {
	if want&engine.WantByTenant == 0 {
		return nil
	}
	tenants := slices.Clone(m.PerTenant) // which is the meter's
	for i := range tenants {
		t := &tenants[i]
		for _, sum := range []*engine.Mean{&t.Latency, &t.Satisfaction} {
			if mean(*sum) == nil {
				*sum = engine.Mean{}
			}
		}
	}
	return tenants
}

// answer is an answer as it is told.
type answer struct {
	At        time.Time   `json:"at"`
	Candidate measurement `json:"candidate"`
	Baseline  measurement `json:"baseline"`
	Coverage  float64     `json:"coverage,omitempty"`
	Next      string      `json:"next,omitempty"`
}

// counted is what was counted, from which pages are cut: first the candidate's tenants,
// then the baseline's.
type counted struct {
	candidate, baseline measurement
	coverage            float64
	tenants             [2][]engine.TenantCount
}

// size is how many tenants there are, in both arms.
func (c *counted) size() int { return len(c.tenants[0]) + len(c.tenants[1]) }

// page is the page from a place on. Those that follow the first one have by tenant only.
func (c *counted) page(x *call, p place) answer {
	a := answer{At: x.At(), Candidate: c.candidate, Baseline: c.baseline, Coverage: c.coverage}
	if p.from > 0 {
		for _, m := range []*measurement{&a.Candidate, &a.Baseline} {
			*m = measurement{Requests: m.Requests, Errors: m.Errors, Timeouts: m.Timeouts}
		}
	}
	from, to := p.from, min(p.from+x.limits.Page, c.size())
	n := len(c.tenants[0])
	a.Candidate.PerTenant = c.tenants[0][min(from, n):min(to, n)]
	a.Baseline.PerTenant = c.tenants[1][max(from, n)-n : max(to, n)-n]
	a.Next = x.shelf.after(p, to-from, c.size())
	return a
}
