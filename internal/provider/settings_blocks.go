package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// One function per settings block: the words of the configuration on the left
// become the words of the engine.

func readDirect(top block) *engine.DirectSettings {
	b, ok := top.block("direct")
	if !ok {
		return nil
	}
	return &engine.DirectSettings{
		ValidationPeriod:   b.duration("validation_period"),
		HealthCheckTimeout: b.duration("health_check_timeout"),
		Thresholds:         readThresholds(b),
	}
}

func readCanary(top block) *engine.CanarySettings {
	b, ok := top.block("canary")
	if !ok {
		return nil
	}
	return &engine.CanarySettings{
		Stages:              list(b, "stages", readInt),
		InitialPercentage:   b.whole("initial_percentage"),
		IncrementPercentage: b.whole("increment_percentage"),
		EvaluationPeriod:    b.duration("evaluation_period"),
		HealthCheckTimeout:  b.duration("health_check_timeout"),
		AutoRollback:        b.flag("auto_rollback"),
		Thresholds:          readThresholds(b),
	}
}

func readBlueGreen(top block) *engine.BlueGreenSettings {
	b, ok := top.block("blue_green")
	if !ok {
		return nil
	}
	return &engine.BlueGreenSettings{
		WarmupPeriod:            b.duration("warmup_period"),
		SwitchoverType:          (*engine.Switchover)(b.text("switchover_type")),
		SwitchoverPeriod:        b.duration("switchover_period"),
		MonitoringPeriod:        b.duration("monitoring_period"),
		HealthCheckTimeout:      b.duration("health_check_timeout"),
		KeepPreviousEnvironment: b.flag("keep_previous_environment"),
		SmokeTests:              list(b, "smoke_tests", readText),
		Thresholds:              readThresholds(b),
	}
}

func readRolling(top block) *engine.RollingSettings {
	b, ok := top.block("rolling")
	if !ok {
		return nil
	}
	s := &engine.RollingSettings{
		WaitBetweenBatches: b.duration("wait_between_batches"),
		HealthCheckTimeout: b.duration("health_check_timeout"),
		MaxParallelBatches: b.whole("max_parallel_batches"),
		Thresholds:         readThresholds(b),
	}
	if size := b.text("batch_size"); size != nil {
		parsed, err := engine.ParseBatchSize(*size)
		if err != nil {
			b.r.problems = append(b.r.problems, engine.Problem{
				Path: b.at("batch_size"), Value: fmt.Sprintf("%q", engine.Shortened(*size)),
				Rule: "is neither a number of instances (3) nor a percentage (25%)",
			})
		} else {
			s.BatchSize = &parsed
		}
	}
	return s
}

func readABTesting(top block) *engine.ABTestingSettings {
	b, ok := top.block("ab_testing")
	if !ok {
		return nil
	}
	s := &engine.ABTestingSettings{
		VariantA:        b.text("variant_a"),
		VariantB:        b.text("variant_b"),
		TestDuration:    b.duration("test_duration"),
		DecisionMetrics: list(b, "decision_metrics", func(v attr.Value) engine.Metric { return engine.Metric(readText(v)) }),
		AutoPromote:     b.flag("auto_promote"),
		WinnerThreshold: b.number("winner_threshold"),
		Thresholds:      readThresholds(b),
	}
	if split, ok := b.block("traffic_split"); ok {
		if shareA, shareB := split.whole("a"), split.whole("b"); shareA != nil && shareB != nil {
			s.TrafficSplit = &engine.TrafficSplit{A: *shareA, B: *shareB}
		}
	}
	return s
}

func readTriggers(top block) *engine.TriggerSettings {
	b, ok := top.block("rollback_triggers")
	if !ok {
		return nil
	}
	return &engine.TriggerSettings{
		ConsecutiveHealthFailures: b.whole("consecutive_health_failures"),
		MaxErrorRate:              b.number("max_error_rate"),
		ErrorRateWindow:           b.duration("error_rate_window"),
		MaxLatencyP99Ratio:        b.number("max_latency_p99_ratio"),
		LatencyWindow:             b.duration("latency_window"),
	}
}

func readAnalysis(top block) *engine.AnalysisSettings {
	b, ok := top.block("analysis")
	if !ok {
		return nil
	}
	return &engine.AnalysisSettings{
		Mode:           b.text("mode"),
		Alpha:          b.number("alpha"),
		MinEffect:      b.number("min_effect"),
		Margin:         b.number("margin"),
		OnInconclusive: (*engine.Policy)(b.text("on_inconclusive")),
		MinRequests:    b.long("min_requests"),
		MinTenants:     b.whole("min_tenants"),
		MaxExtension:   b.number("max_extension"),
	}
}

func readThresholds(outer block) *engine.Thresholds {
	b, ok := outer.block("thresholds")
	if !ok {
		return nil
	}
	return &engine.Thresholds{
		MaxErrorRate:       b.number("max_error_rate"),
		MaxLatencyP99Ms:    b.number("max_latency_p99_ms"),
		MinSuccessRate:     b.number("min_success_rate"),
		MaxCPU:             b.number("max_cpu"),
		MaxMemory:          b.number("max_memory"),
		MaxExecutionTimeMs: b.number("max_execution_time_ms"),
		MaxTenantErrorRate: b.number("max_tenant_error_rate"),
	}
}

func readInt(v attr.Value) int {
	n, ok := v.(types.Int64)
	if !ok {
		return 0
	}
	return int(max(-1, min(1_000_000, n.ValueInt64()))) // both ends are outside of every range
}

func readText(v attr.Value) string {
	s, ok := v.(types.String)
	if !ok {
		return ""
	}
	return s.ValueString()
}
