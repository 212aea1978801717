package engine

import (
	"bytes"
	"encoding/json"
	"time"
)

// Want says what to count of an arm. 0: nothing.
type Want uint8

// What can be wanted. A meter may answer more, and leaves out what it cannot count.
const (
	WantCounts    Want = 1 << iota // requests, errors, timeouts, the newest sample
	WantSlower                     // how many took longer than each bound of the question
	WantMinutes                    // requests and errors, minute by minute
	WantHistogram                  // how many took longer than each bound that the meter has
	WantMeans                      // means, conversions, CPU and memory
	WantTenants                    // how many tenants sent requests, and which fared worst
	WantByTenant                   // requests and errors of each tenant; with WantMeans all that there is of each
)

// Question says what to measure. Traffic is counted by the version that served it: the
// candidate arm is what Version served, the baseline arm everything else.
type Question struct {
	Rollout string
	Version string // the candidate; "": the plugin is removed, and its arm is nobody
	// From and To bound the time, [From, To).
	From, To time.Time
	// Candidate and Baseline say what is wanted of the arms.
	Candidate, Baseline Want
	// Bounds are latencies in ms, ascending; Measurement.Slower counts against them. They
	// are among those that the meter has, see Capabilities.LatencyBounds.
	Bounds []float64
	// TenantBound is against how many ms each tenant's requests are counted; 0: against none.
	TenantBound float64
	// Instances and Slot are those in scope, for Answer.Coverage.
	Instances []PlanInstance
	Slot      string
	Targets   Targets // what Instances is a view of
}

// Answer is what a meter counted.
type Answer struct {
	Candidate, Baseline Measurement
	// Coverage is of how many of the instances in scope there are samples, 0..1; 0: not known.
	Coverage float64
	// Extrapolated says that the counts are estimates, as rates are. They may hold a rollout,
	// and not roll it back.
	Extrapolated bool
}

// Measurement is what was counted of one arm. Counts only: ratios and percentiles are
// the judge's.
type Measurement struct {
	Requests int64 `json:"requests"`
	Errors   int64 `json:"errors"`
	Timeouts int64 `json:"timeouts"` // neither a success nor an error
	// Slower has, per bound of the question, how many requests took longer.
	Slower []int64 `json:"slower,omitempty"`
	// Histogram has the same for each bound of the meter's own, from which percentiles are read.
	Histogram    Histogram `json:"histogram,omitzero"`
	Latency      Mean      `json:"latency"` // ms
	Conversions  int64     `json:"conversions"`
	Satisfaction Mean      `json:"satisfaction"`
	Execution    Mean      `json:"execution"` // ms
	CPU          Mean      `json:"cpu"`       // share of the limit, 0..1
	Memory       Mean      `json:"memory"`    // share of the limit, 0..1
	// Tenants is how many tenants sent at least one request.
	Tenants int `json:"tenants"`
	// Worst is the tenant with the highest error rate among those with at least 20 requests.
	Worst     *TenantCount  `json:"worst,omitempty"`
	PerTenant []TenantCount `json:"perTenant,omitempty"`
	// Minutes are the counts of each whole minute in which there was a request, in order.
	Minutes []MinuteCount `json:"minutes,omitempty"`
	// Newest is the time of the newest sample in the question's time; zero: there is none.
	Newest time.Time `json:"newest,omitzero"`
}

// Histogram counts latencies against bounds.
type Histogram struct {
	Bounds []float64 `json:"bounds,omitempty"` // ms, ascending
	Slower []int64   `json:"slower,omitempty"` // requests that took longer, bound by bound
}

// Mean is a sum and how many values it has.
type Mean struct {
	Sum   float64 `json:"sum"`
	Count int64   `json:"count"`
}

// MinuteCount is the traffic of a minute.
type MinuteCount struct {
	Start    time.Time `json:"start"`
	Requests int64     `json:"requests"`
	Errors   int64     `json:"errors"`
}

// TenantCount is the traffic of one tenant. Measurement.Worst has no more than
// requests and errors.
type TenantCount struct {
	Tenant       string `json:"tenant"`
	Requests     int64  `json:"requests"`
	Errors       int64  `json:"errors"`
	Timeouts     int64  `json:"timeouts,omitempty"`
	Conversions  int64  `json:"conversions,omitempty"`
	Slower       int64  `json:"slower,omitempty"` // than Question.TenantBound
	Latency      Mean   `json:"latency,omitzero"` // ms
	Satisfaction Mean   `json:"satisfaction,omitzero"`
}

// UnmarshalJSON reads a measurement, also in the form of plans of format 2, which had
// the fleet's condition in it and percentiles on one grid that all shared.
func (m *Measurement) UnmarshalJSON(data []byte) error {
	type plain Measurement
	v := struct {
		*plain
		Grid    []int64         `json:"grid"`
		Control json.RawMessage `json:"control"`
		Exposed json.RawMessage `json:"exposed"`
		Pending json.RawMessage `json:"pending"`
		Watched json.RawMessage `json:"watched"`
		Ready   json.RawMessage `json:"ready"`
		Smoke   json.RawMessage `json:"smoke"`
	}{plain: (*plain)(m)}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return err
	}
	if len(v.Grid) == len(latencyGrid) {
		m.Histogram = Histogram{latencyGrid, v.Grid}
	}
	return nil
}
