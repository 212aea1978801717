package prom

// The metrics that are asked for unless other queries are given. Their labels are those
// below; counters begin with 0 where an instance gets a version.
const (
	// MetricRequests is a counter of requests by outcome.
	MetricRequests = "hotswap_plugin_requests_total"
	// MetricDuration is a histogram of how long they took, in seconds, classic or native.
	MetricDuration = "hotswap_plugin_request_duration_seconds"
	// MetricExecution is a histogram or summary of the time spent in the plugin itself, in
	// seconds: its _sum and _count are read.
	MetricExecution = "hotswap_plugin_execution_duration_seconds"
	// MetricConversions is a counter of requests that converted.
	MetricConversions = "hotswap_plugin_conversions_total"
	// MetricSatisfaction is a histogram or summary of scores: its _sum and _count are read.
	MetricSatisfaction = "hotswap_plugin_satisfaction_score"
	// MetricCPU and MetricMemory are gauges of the use of their limits, 0..1.
	MetricCPU    = "hotswap_plugin_cpu_usage_ratio"
	MetricMemory = "hotswap_plugin_memory_usage_ratio"
	// MetricStart is a gauge of when an instance began to count for a version, as a Unix time
	// in seconds.
	MetricStart = "hotswap_plugin_start_time_seconds"

	// The same by tenant, in metrics of their own, so that a look at the others stays small.
	MetricTenantRequests     = "hotswap_plugin_tenant_requests_total"
	MetricTenantDuration     = "hotswap_plugin_tenant_request_duration_seconds"
	MetricTenantConversions  = "hotswap_plugin_tenant_conversions_total"
	MetricTenantSatisfaction = "hotswap_plugin_tenant_satisfaction_score"
)

// The labels of these metrics, unless other names are given. LabelOutcome and LabelTenant
// are only on those that are by it.
const (
	LabelEnvironment = "environment"
	LabelPlugin      = "plugin"
	LabelVersion     = "version"
	LabelInstance    = "instance_id" // of the fleet's own; where it is not there, "instance" without its port
	LabelSlot        = "slot"        // where the fleet has slots
	LabelOutcome     = "outcome"
	LabelTenant      = "tenant"
)

// The outcomes of a request: every one has exactly one.
const (
	OutcomeSuccess = "success"
	OutcomeError   = "error"
	OutcomeTimeout = "timeout" // no answer in time: neither a success nor an error
)
