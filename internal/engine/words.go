package engine

import "slices"

// Environment is where a plugin runs: one of the four, or a name of the user's own that
// has one of them as its kind. The kind chooses every default.
type Environment string

// The environments.
const (
	Development Environment = "Development"
	QA          Environment = "QA"
	Staging     Environment = "Staging"
	Production  Environment = "Production"
)

// Environments lists the kinds of environments, from the least to the most careful.
func Environments() []Environment { return []Environment{Development, QA, Staging, Production} }

// Strategy is the way in which a version is rolled out.
type Strategy string

// The strategies.
const (
	Direct    Strategy = "Direct"
	Canary    Strategy = "Canary"
	BlueGreen Strategy = "BlueGreen"
	Rolling   Strategy = "Rolling"
	ABTesting Strategy = "ABTesting"
)

// Strategies lists every strategy.
func Strategies() []Strategy { return []Strategy{Direct, Canary, BlueGreen, Rolling, ABTesting} }

// DefaultStrategy is the strategy of a kind of environment whose spec names none.
func DefaultStrategy(kind Environment) Strategy {
	switch kind {
	case Production:
		return Canary
	case QA, Staging:
		return Rolling
	default:
		return Direct
	}
}

// Policy is what follows a verdict that is not a pass.
type Policy string

// The policies.
const (
	Rollback Policy = "rollback" // roll back at once
	Hold     Policy = "hold"     // stay, expose nobody else, wait for a person
)

// Retain is what plans say instead of [Rollback] where an A/B test goes back: A stays, and
// that is an answer. Nobody can ask for it.
const Retain = "retain"

// GuardPolicy is what a guard that trips leads to.
type GuardPolicy string

// The policies of guards.
const (
	GuardsAsGates  GuardPolicy = "as_gates" // what a failing gate leads to
	GuardsRollback GuardPolicy = "rollback" // always roll back
)

// JudgeMode names a judge.
type JudgeMode string

// The judges.
const (
	Threshold  JudgeMode = "threshold"  // the caps, at the end of the bake
	Sequential JudgeMode = "sequential" // evidence with a controlled error, at every sample
)

// Switchover is how blue-green moves traffic.
type Switchover string

// The switchovers.
const (
	Instant Switchover = "Instant" // all traffic in one step
	Gradual Switchover = "Gradual" // in equal steps over the switchover period, under the gate
)

// Metric is a quantity that gates check and A/B tests compare, by its spelling on
// the wire.
type Metric string

// The metrics. The first six can decide an A/B test.
const (
	Latency          Metric = "latency"          // mean latency, ms
	ErrorRate        Metric = "errorRate"        // errors / requests
	SuccessRate      Metric = "successRate"      // (requests - errors - timeouts) / requests
	Throughput       Metric = "throughput"       // requests per second and unit of tenant weight
	ConversionRate   Metric = "conversionRate"   // conversions / requests
	UserSatisfaction Metric = "userSatisfaction" // mean of the survey scores
	LatencyP99       Metric = "latencyP99Ms"     // 99th percentile of latency, ms
	CPU              Metric = "cpu"              // mean share of the CPU limit, 0..1
	Memory           Metric = "memory"           // mean share of the memory limit, 0..1
	ExecutionTime    Metric = "executionTimeMs"  // mean time spent in the plugin, ms
	TenantErrorRate  Metric = "tenantErrorRate"  // errors / requests of the tenant that fares worst
	ErrorRatio       Metric = "errorRatio"       // the candidate's error rate over the concurrent baseline's, its tenants allowed for
)

// DecisionMetrics lists the metrics that can decide an A/B test.
func DecisionMetrics() []Metric {
	return []Metric{Latency, ErrorRate, SuccessRate, Throughput, ConversionRate, UserSatisfaction}
}

// LowerIsBetter says in which direction m improves.
func (m Metric) LowerIsBetter() bool {
	return !slices.Contains([]Metric{SuccessRate, Throughput, ConversionRate, UserSatisfaction}, m)
}
