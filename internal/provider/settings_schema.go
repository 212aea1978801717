package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// settingsSchemas are the blocks that say how a rollout goes. Their ranges are the
// engine's to check, which knows all of them at once; here they are only said.
func settingsSchemas() map[string]schema.Attribute {
	block := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: attributes}
	}
	return map[string]schema.Attribute{
		"hold_timeout": durationAttribute("How long a rollout that is held waits for a decision, at least `PT1S`. An apply waits as long, and its guards " +
			"watch meanwhile. Default: the apply ends at once, and the rollout is held without limit and unwatched."),
		"on_hold_timeout": text("What follows `hold_timeout` without a decision: `rollback`, or `hold`, with which the apply ends and the rollout stays " +
			"held. Default `rollback`."),
		"guards": text("What a guard that trips leads to: `rollback`, or `as_gates`, what a failing stage leads to, which is a hold with " +
			"`canary.auto_rollback = false`. Default `as_gates`."),
		"direct": block("Settings of `Direct`: all instances at once. Only with that strategy.", map[string]schema.Attribute{
			"validation_period":    durationAttribute("How long the new version is measured, at least `PT1S`. Default `PT5S`."),
			"health_check_timeout": durationAttribute("How long the instances may take to be ready, at least `PT1S`. Default `PT30S`."),
			"thresholds":           thresholdsSchema(),
		}),
		"canary": block("Settings of `Canary`: more and more tenants. Only with that strategy.", map[string]schema.Attribute{
			"stages": schema.ListAttribute{
				Optional: true, ElementType: types.Int64Type,
				MarkdownDescription: "Share of the tenants in each stage, percent, 1 to 100, rising, the last one 100. Default `[10, 30, 50, " +
					"100]`. Not together with `initial_percentage` or `increment_percentage`.",
			},
			"initial_percentage": whole("Share of the tenants in the first stage, percent, 1 to 100. Default `10` where " +
				"`increment_percentage` is set."),
			"increment_percentage": whole("Share of the tenants that each further stage adds, percent, 1 to 100; the last stage is always " +
				"100. Default `20` where `initial_percentage` is set."),
			"evaluation_period":    durationAttribute("How long each stage is measured, at least `PT1S`. Default `PT10M`."),
			"health_check_timeout": durationAttribute("How long the instances may take to be ready, at least `PT1S`. Default `PT30S`."),
			"auto_rollback": yesNo("Whether a stage that fails is walked back at once; `false` holds it for a person to decide. Default " +
				"`true`."),
			"thresholds": thresholdsSchema(),
		}),
		"blue_green": block("Settings of `BlueGreen`: a second set of instances, then a switch of the traffic. Only with that strategy.",
			map[string]schema.Attribute{
				"warmup_period":   durationAttribute("How long the new slot warms up before its smoke tests. Default `PT2M`."),
				"switchover_type": text("`Instant` switches all traffic in one step, `Gradual` in several. Default `Instant`."),
				"switchover_period": durationAttribute("How long a gradual switch takes, at least `PT1S`; only with `Gradual`. Default " +
					"`PT5M`."),
				"monitoring_period":         durationAttribute("How long the new slot is measured after the switch, at least `PT1S`. Default `PT5M`."),
				"health_check_timeout":      durationAttribute("How long the new slot may take to be ready, at least `PT1S`. Default `PT5M`."),
				"keep_previous_environment": yesNo("Whether the old slot is kept as the way back, and for the next blue-green rollout to use; one of another strategy removes it at its end. Default `true`."),
				"smoke_tests": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Names of the smoke tests that the new slot has to pass before it gets traffic; `[]` runs none. Default `[\"health\"]`.",
				},
				"thresholds": thresholdsSchema(),
			}),
		"rolling": block("Settings of `Rolling`: instances in batches. Only with that strategy.", map[string]schema.Attribute{
			"batch_size": text("Instances in a batch: a number (`\"3\"`, at least 1) or a percentage (`\"25%\"`, 1 to 100, rounded down, at " +
				"least one instance). Default `\"1\"`."),
			"wait_between_batches": durationAttribute("How long a batch is measured before the next one, at least `PT1S`. Default `PT2M`."),
			"health_check_timeout": durationAttribute("How long a batch may take to be ready, at least `PT1S`. Default `PT30S`."),
			"max_parallel_batches": whole("Batches that are replaced at the same time, at least 1. Default `1`."),
			"thresholds":           thresholdsSchema(),
		}),
		"ab_testing": block("Settings of `ABTesting`: two versions side by side, and the better one stays. Only with that strategy.",
			abTestingSchema()),
		"rollback_triggers": block("Guards that watch the new version in every stage of every strategy. Zero switches a guard off.",
			map[string]schema.Attribute{
				"consecutive_health_failures": whole("Failed probes of one instance in a row, or its deaths within `error_rate_window`, at " +
					"least 0. Default `3`."),
				"max_error_rate":    number("Error rate over `error_rate_window`, 0 to 1. Default `0.05`."),
				"error_rate_window": durationAttribute("Time over which the error rate is taken, at least `PT1S`. Default `PT5M`."),
				"max_latency_p99_ratio": number("99th percentile of latency, as a multiple of that of the prior version; 0 or above 1. Default " +
					"`2`."),
				"latency_window": durationAttribute("Time over which the latency is taken, at least `PT1S`. Default `PT5M`."),
			}),
		"analysis": block("How measurements are judged.", analysisSchema()),
	}
}

func analysisSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mode": text("`sequential` weighs the evidence at every sample, against the thresholds and against the version that still runs, " +
			"with a limit on false alarms; `threshold` compares the whole measurement of a stage with the thresholds. Default `sequential`."),
		"alpha": number("Probability of a false alarm in a whole rollout, 0.0001 to 0.2; only with `sequential`. Default `0.01`."),
		"min_effect": number("Relative worsening of the error rate that is tolerated, 0.01 to 10; only with `sequential`. Default " +
			"`0.25`: 25 %."),
		"margin": number("Relative loss that a guarding metric of an A/B test tolerates, 0.0001 to 1; only with `sequential`. Default " +
			"`0.05`: 5 %."),
		"on_inconclusive": text("What follows too little data, after every extension: `hold` or `rollback`. Default `hold` in Production " +
			"and Staging, `rollback` elsewhere."),
		"min_requests": whole("Requests that a verdict needs, 0 to 1000000000000. Default `400`, in Development `0`."),
		"min_tenants":  whole("Tenants that a verdict needs, 0 to 1000000. Default `10`, or all in the stage where there are fewer; in Development `0`."),
		"max_extension": number("Longest measurement of a stage with too little data, as a multiple of its normal length, 1 to 10. Default " +
			"`2`."),
	}
}

func abTestingSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"variant_a": text("Version that runs already. Default: whichever does."),
		"variant_b": text("Version that is tested. Default: `version`, and it cannot be another one."),
		"traffic_split": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Share of the traffic for each variant. Default 50 and 50.",
			Attributes: map[string]schema.Attribute{
				"a": schema.Int64Attribute{Required: true, MarkdownDescription: "Share of variant A, percent, 1 to 99."},
				"b": schema.Int64Attribute{Required: true, MarkdownDescription: "Share of variant B, percent, 1 to 99; with `a` it makes 100."},
			},
		},
		"test_duration": durationAttribute("How long the test runs, at least `PT1S`. Default `PT24H`."),
		"decision_metrics": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Metrics on which B may win: `latency`, `errorRate`, `successRate`, `throughput`, `conversionRate`, " +
				"`userSatisfaction`. Default `[\"latency\", \"errorRate\", \"conversionRate\"]`.",
		},
		"auto_promote": yesNo("Whether a winner is adopted at once; `false` holds with the comparison for a person to decide. Default " +
			"`true`."),
		"winner_threshold": number("Least relative advantage of B on a decision metric, above 0 up to 1. Default `0.05`: 5 %."),
		"thresholds":       thresholdsSchema(),
	}
}

func thresholdsSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What the new version has to keep to while a stage is measured.",
		Attributes: map[string]schema.Attribute{
			"max_error_rate":        number("Share of requests that err, 0 to 1. Default `0.05`."),
			"max_latency_p99_ms":    number("99th percentile of latency in ms, above 0. Default `500`."),
			"min_success_rate":      number("Share of requests that succeed, 0 to 1. Default `0.95`."),
			"max_cpu":               number("Mean share of the CPU limit, above 0 up to 1. Default: not checked."),
			"max_memory":            number("Mean share of the memory limit, above 0 up to 1. Default: not checked."),
			"max_execution_time_ms": number("Mean time spent in the plugin in ms, above 0. Default: not checked."),
			"max_tenant_error_rate": number("Share of requests that err for the tenant that fares worst, among those with at least 20 requests, 0 to 1; " +
				"it has to be exceeded beyond chance. Default: not checked."),
		},
	}
}

func text(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func whole(description string) schema.Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: description}
}

func number(description string) schema.Attribute {
	return schema.Float64Attribute{Optional: true, MarkdownDescription: description}
}

func yesNo(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}
