package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Spec is what a user asks for. A nil setting is one that the user left to its
// default; [Spec.Resolve] fills them in. The JSON form is the wire form.
type Spec struct {
	PluginID    string      `json:"pluginId"`
	Environment Environment `json:"environment"`
	// EnvironmentKind is what an environment with a name of its own is like; "" for the
	// four whose names say it. See [Spec.Kind].
	EnvironmentKind Environment `json:"environmentKind,omitempty"`

	Version string `json:"version"`
	// Versions is the A/B form of Version: [A, B].
	Versions []string `json:"versions,omitempty"`
	Strategy Strategy `json:"strategy,omitempty"` // "": by environment

	Direct    *DirectSettings    `json:"directConfig,omitempty"`
	Canary    *CanarySettings    `json:"canaryConfig,omitempty"`
	BlueGreen *BlueGreenSettings `json:"blueGreenConfig,omitempty"`
	Rolling   *RollingSettings   `json:"rollingConfig,omitempty"`
	ABTesting *ABTestingSettings `json:"abConfig,omitempty"`

	// HoldTimeout is the longest wait for a person's decision, at least 1 s; default:
	// without limit. OnHoldTimeout is what follows: rollback, the default, or hold, which
	// goes on waiting for whoever walks the rollout to give up.
	HoldTimeout   *Duration `json:"holdTimeout,omitempty"`
	OnHoldTimeout *Policy   `json:"onHoldTimeout,omitempty"`
	// Guards says what a guard that trips leads to: rollback, or what a failing gate of the
	// strategy leads to (as_gates, the default).
	Guards *GuardPolicy `json:"guards,omitempty"`

	Triggers *TriggerSettings  `json:"rollbackTriggers,omitempty"`
	Analysis *AnalysisSettings `json:"analysis,omitempty"`
}

// Thresholds are the caps of a gate.
type Thresholds struct {
	MaxErrorRate       *float64 `json:"maxErrorRate,omitempty"`       // 0..1; default 0.05
	MaxLatencyP99Ms    *float64 `json:"maxLatencyP99Ms,omitempty"`    // ms, above 0; default 500
	MinSuccessRate     *float64 `json:"minSuccessRate,omitempty"`     // 0..1; default 0.95
	MaxCPU             *float64 `json:"maxCpu,omitempty"`             // share of the limit, above 0 up to 1; default: not checked
	MaxMemory          *float64 `json:"maxMemory,omitempty"`          // share of the limit, above 0 up to 1; default: not checked
	MaxExecutionTimeMs *float64 `json:"maxExecutionTimeMs,omitempty"` // ms, above 0; default: not checked
	MaxTenantErrorRate *float64 `json:"maxTenantErrorRate,omitempty"` // of the tenant that fares worst, 0..1; default: not checked
}

// DirectSettings configure Direct.
type DirectSettings struct {
	ValidationPeriod   *Duration   `json:"validationPeriod,omitempty"`   // at least 1 s; default 5 s
	HealthCheckTimeout *Duration   `json:"healthCheckTimeout,omitempty"` // at least 1 s; default 30 s
	Thresholds         *Thresholds `json:"thresholds,omitempty"`
}

// CanarySettings configure Canary. Stages and the pair of InitialPercentage and
// IncrementPercentage are two forms of one thing: giving both is an error.
type CanarySettings struct {
	InitialPercentage   *int        `json:"initialPercentage,omitempty"`   // 1..100; default 10
	IncrementPercentage *int        `json:"incrementPercentage,omitempty"` // 1..100; default 20
	Stages              []int       `json:"stages,omitempty"`              // 1..100, rising, the last is 100; default 10, 30, 50, 100
	EvaluationPeriod    *Duration   `json:"evaluationPeriod,omitempty"`    // at least 1 s; default 10 min
	HealthCheckTimeout  *Duration   `json:"healthCheckTimeout,omitempty"`  // at least 1 s; default 30 s
	AutoRollback        *bool       `json:"autoRollback,omitempty"`        // default true; false: hold
	Thresholds          *Thresholds `json:"thresholds,omitempty"`
}

// BlueGreenSettings configure BlueGreen.
type BlueGreenSettings struct {
	WarmupPeriod            *Duration   `json:"warmupPeriod,omitempty"`            // default 2 min
	SwitchoverType          *Switchover `json:"switchoverType,omitempty"`          // default Instant
	SwitchoverPeriod        *Duration   `json:"switchoverPeriod,omitempty"`        // Gradual only; at least 1 s; default 5 min
	MonitoringPeriod        *Duration   `json:"monitoringPeriod,omitempty"`        // at least 1 s; default 5 min
	HealthCheckTimeout      *Duration   `json:"healthCheckTimeout,omitempty"`      // at least 1 s; default 5 min
	KeepPreviousEnvironment *bool       `json:"keepPreviousEnvironment,omitempty"` // default true
	SmokeTests              []string    `json:"smokeTests,omitzero"`               // names; default health; an empty list: none
	Thresholds              *Thresholds `json:"thresholds,omitempty"`
}

// RollingSettings configure Rolling.
type RollingSettings struct {
	BatchSize          *BatchSize  `json:"batchSize,omitempty"`          // instances, or a percentage of them; default 1
	WaitBetweenBatches *Duration   `json:"waitBetweenBatches,omitempty"` // at least 1 s; default 2 min
	HealthCheckTimeout *Duration   `json:"healthCheckTimeout,omitempty"` // at least 1 s; default 30 s
	MaxParallelBatches *int        `json:"maxParallelBatches,omitempty"` // at least 1; default 1
	Thresholds         *Thresholds `json:"thresholds,omitempty"`
}

// ABTestingSettings configure ABTesting.
type ABTestingSettings struct {
	VariantA        *string       `json:"variantA,omitempty"`     // default: the active version
	VariantB        *string       `json:"variantB,omitempty"`     // default: Version
	TrafficSplit    *TrafficSplit `json:"trafficSplit,omitempty"` // default 50, 50
	TestDuration    *Duration     `json:"testDuration,omitempty"` // at least 1 s; default 24 h
	DecisionMetrics []Metric      `json:"decisionMetrics,omitempty"`
	AutoPromote     *bool         `json:"autoPromote,omitempty"`     // default true; false: hold with the comparison on show
	WinnerThreshold *float64      `json:"winnerThreshold,omitempty"` // relative, above 0 up to 1; default 0.05
	Thresholds      *Thresholds   `json:"thresholds,omitempty"`
}

// TrafficSplit is how traffic is shared between the variants, in percent; 100 in all.
type TrafficSplit struct {
	A int `json:"A"` // 1..99
	B int `json:"B"` // 1..99
}

// TriggerSettings configure the guards. A zero switches one off.
type TriggerSettings struct {
	ConsecutiveHealthFailures *int      `json:"consecutiveHealthFailures,omitempty"` // probes in a row, or deaths within ErrorRateWindow, at least 0; default 3
	MaxErrorRate              *float64  `json:"maxErrorRate,omitempty"`              // 0..1; default 0.05
	ErrorRateWindow           *Duration `json:"errorRateWindow,omitempty"`           // at least 1 s; default 5 min
	MaxLatencyP99Ratio        *float64  `json:"maxLatencyP99Ratio,omitempty"`        // 0 or above 1; default 2
	LatencyWindow             *Duration `json:"latencyWindow,omitempty"`             // at least 1 s; default 5 min
}

// AnalysisSettings configure the judge.
type AnalysisSettings struct {
	Mode           *string  `json:"mode,omitempty"`           // sequential or threshold; default sequential
	Alpha          *float64 `json:"alpha,omitempty"`          // sequential: probability of a false rollback in a whole rollout, 0.0001..0.2; default 0.01
	MinEffect      *float64 `json:"minEffect,omitempty"`      // sequential: relative worsening of the error rate that is tolerated, 0.01..10; default 0.25
	Margin         *float64 `json:"margin,omitempty"`         // sequential: relative loss that a guardrail of an A/B test tolerates, above 0 up to 1; default 0.05
	OnInconclusive *Policy  `json:"onInconclusive,omitempty"` // default hold in Production and Staging, rollback elsewhere
	MinRequests    *int64   `json:"minRequests,omitempty"`    // at least 0; default 400, in Development 0
	MinTenants     *int     `json:"minTenants,omitempty"`     // at least 0; default 10, or all in scope where there are fewer; in Development 0
	MaxExtension   *float64 `json:"maxExtension,omitempty"`   // multiple of the bake, 1..10; default 2
}

// BatchSize is a number of instances, or a percentage of them.
type BatchSize struct {
	N       int  // instances, or percent
	Percent bool // N is a percentage
}

// ParseBatchSize reads "3" or "25%".
func ParseBatchSize(s string) (BatchSize, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	if err != nil || strings.HasPrefix(digits, "+") {
		return BatchSize{}, fmt.Errorf("%s is neither a number of instances (3) nor a percentage (25%%)", quote(s))
	}
	return BatchSize{N: n, Percent: percent}, nil
}

// String is the form that ParseBatchSize reads.
func (b BatchSize) String() string {
	if b.Percent {
		return strconv.Itoa(b.N) + "%"
	}
	return strconv.Itoa(b.N)
}

// Of is the number of instances in a batch out of n: percentages round down, at least one.
func (b BatchSize) Of(n int) int {
	size := b.N
	if b.Percent {
		size = n * b.N / 100
	}
	return max(1, min(size, n))
}

// MarshalJSON writes a count as a number and a percentage as a string.
func (b BatchSize) MarshalJSON() ([]byte, error) {
	if b.Percent {
		return json.Marshal(b.String())
	}
	return json.Marshal(b.N)
}

// UnmarshalJSON reads either.
func (b *BatchSize) UnmarshalJSON(data []byte) (err error) {
	var s string
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	} else {
		s = string(data)
	}
	*b, err = ParseBatchSize(s)
	return err
}

// DecodeSpec reads the wire form. Unknown keys and trailing text are errors.
func DecodeSpec(data []byte) (Spec, error) {
	var s Spec
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Spec{}, fmt.Errorf("specification: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Spec{}, errors.New("specification: text after the end of the JSON object")
	}
	return s, nil
}
