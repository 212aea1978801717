package engine

import "time"

// Arm is one side of a comparison.
type Arm string

// The arms.
const (
	CandidateArm Arm = "candidate"
	BaselineArm  Arm = "baseline"
)

// Scope says what to measure. Traffic is counted by the version that served it:
// the candidate arm is what Plan.Candidate served, the baseline arm everything
// else. Health concerns the instances of Watch.
type Scope struct {
	Rollout string
	Plan    *Plan
	Arm     Arm
	// From and To bound the time, [From, To).
	From, To time.Time
	// Bounds are latencies in ms, ascending; Measurement.Slower counts against them.
	Bounds []float64
	// Grid asks for Measurement.Grid, from which percentiles are read.
	Grid  bool
	Watch Watch
	// PerTenant asks for Measurement.PerTenant, TenantBound for how many requests of
	// each tenant took longer than that many ms.
	PerTenant   bool
	TenantBound float64
	// CountsOnly asks for no more of the traffic than Requests, Errors, Timeouts, Slower,
	// Grid and Newest, and PerTenant with it for no more than the requests and errors of each:
	// a fleet may leave the rest out. Most looks need no more, and the rest is dear.
	CountsOnly bool
	// Tenants asks for Measurement.Tenants and Worst all the same.
	Tenants bool
	// Control asks for Measurement.Control.
	Control bool
}

// Watch names instances: a range of the plan's, those that joined, and those of a slot.
type Watch struct {
	Instances Range
	Named     []string
	Slot      string
}

// Measurement is what a fleet saw. Counts only: ratios and percentiles are the
// judge's.
type Measurement struct {
	Requests int64 `json:"requests"`
	Errors   int64 `json:"errors"`
	Timeouts int64 `json:"timeouts"` // neither a success nor an error
	// Slower has, per bound of the scope, how many requests took longer.
	Slower []int64 `json:"slower,omitempty"`
	// Grid has, per bound of LatencyGrid, how many requests took longer.
	Grid         []int64 `json:"grid,omitempty"`
	Latency      Mean    `json:"latency"` // ms
	Conversions  int64   `json:"conversions"`
	Satisfaction Mean    `json:"satisfaction"`
	Execution    Mean    `json:"execution"` // ms
	CPU          Mean    `json:"cpu"`       // share of the limit, 0..1
	Memory       Mean    `json:"memory"`    // share of the limit, 0..1
	// Tenants is how many tenants sent at least one request.
	Tenants int `json:"tenants"`
	// Worst is the tenant with the highest error rate among those with at least 20 requests.
	Worst     *TenantCount  `json:"worst,omitempty"`
	PerTenant []TenantCount `json:"perTenant,omitempty"`
	// Control is what the other arm did in the same time.
	Control Counts `json:"control,omitzero"`
	// Newest is the time of the newest sample in the scope; zero: there is none.
	Newest time.Time `json:"newest,omitzero"`

	// Exposed is what the candidate reaches now.
	Exposed Exposure `json:"exposed"`
	// Pending is how many of the rollout's changes are not in effect yet.
	Pending int `json:"pending"`
	// Broken are changes of the rollout that the fleet took and could not carry out.
	Broken []Broken `json:"broken,omitempty"`
	// Watched and Ready count the instances of the watch that are there, and that take traffic.
	Watched int `json:"watched"`
	Ready   int `json:"ready"`
	// Ailing are the watched instances that are not ready, failed their last probe, or
	// died in the scope's time. Where the candidate and another version both fail, it is the
	// candidate's probes that are told of.
	Ailing []Ailing   `json:"ailing,omitempty"`
	Smoke  SmokeTests `json:"smoke"`
}

// Counts are requests and how many of them were errors.
type Counts struct {
	Requests int64 `json:"requests"`
	Errors   int64 `json:"errors"`
}

// Mean is a sum and how many values it has.
type Mean struct {
	Sum   float64 `json:"sum"`
	Count int64   `json:"count"`
}

// TenantCount is the traffic of one tenant. Measurement.Worst has no more than
// requests and errors.
type TenantCount struct {
	Tenant       string `json:"tenant"`
	Requests     int64  `json:"requests"`
	Errors       int64  `json:"errors"`
	Timeouts     int64  `json:"timeouts,omitempty"`
	Conversions  int64  `json:"conversions,omitempty"`
	Slower       int64  `json:"slower,omitempty"` // than Scope.TenantBound
	Latency      Mean   `json:"latency,omitzero"` // ms
	Satisfaction Mean   `json:"satisfaction,omitzero"`
}

// Broken is a change that failed after the fleet had taken it.
type Broken struct {
	Target string `json:"target"` // instance, slot or tenant
	Reason string `json:"reason"`
}

// Ailing is an instance that is not well.
type Ailing struct {
	Instance string `json:"instance"`
	Ready    bool   `json:"ready"`
	Failures int    `json:"failures"` // failed probes in a row, up to now
	// Version is the one whose probes failed; "": the fleet does not tell versions apart.
	Version string `json:"version,omitempty"`
	// Unproven says that no probe has been good since that version started: it was never
	// seen to work. False where the fleet does not probe.
	Unproven bool `json:"unproven,omitempty"`
	// Deaths is how often it died in the scope's time, since its newest version started:
	// an instance that comes back before its probes fail is no healthier for it.
	Deaths int    `json:"deaths,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// SmokeTests counts the smoke tests of the rollout's last smoke change.
type SmokeTests struct {
	Running  int      `json:"running"`
	Passed   int      `json:"passed"`
	Failed   int      `json:"failed"`
	Failures []string `json:"failures,omitempty"` // names of the failed ones, with the reason
}
