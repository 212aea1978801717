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
		"hold_timeout": durationAttribute("How long an apply waits for a decision while a rollout is held; its guards watch meanwhile. Default: it ends at once, and " +
			"the rollout is held without limit, unwatched."),
		"on_hold_timeout": text("What follows `hold_timeout`: `rollback`, or `hold`, which ends the apply. Default `rollback`."),
		"guards":          text("What a guard that trips leads to: `rollback`, or `as_gates`, what a failing stage leads to. Default `as_gates`."),
		"direct": block("`Direct`: all instances at once.", map[string]schema.Attribute{
			"validation_period":    durationAttribute("How long the new version is measured. Default `PT5S`."),
			"health_check_timeout": durationAttribute("How long instances may take to be ready. Default `PT30S`."),
			"thresholds":           thresholdsSchema(),
		}),
		"canary": block("`Canary`: more and more tenants.", map[string]schema.Attribute{
			"stages": schema.ListAttribute{
				Optional: true, ElementType: types.Int64Type,
				MarkdownDescription: "Percent of the tenants in each stage, rising to 100. Default `[10, 30, 50, 100]`. Not together with the percentages.",
			},
			"initial_percentage":   whole("Percent of the tenants in the first stage. Default `10` where `increment_percentage` is set."),
			"increment_percentage": whole("Percent that each further stage adds, up to 100. Default `20` where `initial_percentage` is set."),
			"evaluation_period":    durationAttribute("How long each stage is measured. Default `PT10M`."),
			"health_check_timeout": durationAttribute("How long the instances may take to be ready. Default `PT30S`."),
			"auto_rollback":        yesNo("Whether a failing stage is rolled back at once; `false` holds it for a person. Default `true`."),
			"thresholds":           thresholdsSchema(),
		}),
		"blue_green": block("`BlueGreen`: a second set of instances, then a switch of the traffic.",
			map[string]schema.Attribute{
				"warmup_period":   durationAttribute("How long the new slot warms up before its smoke tests. Default `PT2M`."),
				"switchover_type": text("`Instant` switches all traffic in one step, `Gradual` in several. Default `Instant`."),
				"switchover_period": durationAttribute("How long a gradual switch takes; only with `Gradual`. Default " +
					"`PT5M`."),
				"monitoring_period":         durationAttribute("How long the new slot is measured after the switch. Default `PT5M`."),
				"health_check_timeout":      durationAttribute("How long the new slot may take to be ready. Default `PT5M`."),
				"keep_previous_environment": yesNo("Whether the old slot stays, as the way back and for the next blue-green rollout. Default `true`."),
				"smoke_tests": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Smoke tests that the new slot has to pass before it gets traffic; `[]`: none. Default `[\"health\"]`.",
				},
				"thresholds": thresholdsSchema(),
			}),
		"rolling": block("`Rolling`: instances in batches.", map[string]schema.Attribute{
			"batch_size":           text("Instances in a batch (`\"3\"`), or percent of them (`\"25%\"`, rounded down, at least one). Default `\"1\"`."),
			"wait_between_batches": durationAttribute("How long a batch is measured before the next one. Default `PT2M`."),
			"health_check_timeout": durationAttribute("How long a batch may take to be ready. Default `PT30S`."),
			"max_parallel_batches": whole("Batches that are replaced at the same time, at least 1. Default `1`."),
			"thresholds":           thresholdsSchema(),
		}),
		"ab_testing": block("`ABTesting`: two versions side by side; the better one stays.",
			abTestingSchema()),
		"rollback_triggers": block("Guards that watch all the time. Zero switches one off.",
			map[string]schema.Attribute{
				"consecutive_health_failures": whole("Failed probes of one instance in a row, or its deaths within `error_rate_window`. Default `3`."),
				"max_error_rate":              number("Error rate over `error_rate_window`. Default `0.05`."),
				"error_rate_window":           durationAttribute("Time over which the error rate is taken. Default `PT5M`."),
				"max_latency_p99_ratio":       number("99th percentile of latency, as a multiple of the prior version's, above 1. Default `2`."),
				"latency_window":              durationAttribute("Time over which the latency is taken. Default `PT5M`."),
			}),
		"analysis": block("How measurements are judged.", analysisSchema()),
	}
}

func analysisSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mode": text("`sequential` weighs the evidence at every sample, against the thresholds and the version that still runs; `threshold` " +
			"compares a whole stage with the thresholds. Default `sequential`."),
		"alpha":           number("Probability of a false rollback in a whole rollout, 0.0001 to 0.2; `sequential` only. Default `0.01`."),
		"min_effect":      number("Relative worsening of the error rate that is tolerated, 0.01 to 10; `sequential` only. Default `0.25`."),
		"margin":          number("Relative loss that a guardrail of an A/B test tolerates, 0.0001 to 1; `sequential` only. Default `0.05`."),
		"on_inconclusive": text("What follows too little data, after every extension: `hold` (default in Production and Staging) or `rollback`. In an A/B test A stays, whatever it says; a B that wins is held by `hold` where the instances cannot be seen, or too few of them report."),
		"min_requests":    whole("Requests that a pass needs, up to 1e12. Default `400`, in Development `0`."),
		"min_tenants":     whole("Tenants that a pass needs, up to 1e6. Default `10`, or all in the stage; in Development `0`."),
		"max_extension":   number("How many times as long a stage with too little data may be measured, 1 to 10. Default `2`."),
	}
}

func abTestingSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"variant_a": text("Version that runs already. Default: whichever does."),
		"variant_b": text("Default: `version`."),
		"traffic_split": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Share of the traffic for each variant. Default 50 and 50.",
			Attributes: map[string]schema.Attribute{
				"a": schema.Int64Attribute{Required: true, MarkdownDescription: "Share of variant A, percent, 1 to 99."},
				"b": schema.Int64Attribute{Required: true, MarkdownDescription: "Share of variant B, percent, 1 to 99; with `a` it makes 100."},
			},
		},
		"test_duration": durationAttribute("How long the test runs. Default `PT24H`."),
		"decision_metrics": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Metrics on which B may win: `latency`, `errorRate`, `successRate`, `throughput`, `conversionRate`, " +
				"`userSatisfaction`. Default `[\"latency\", \"errorRate\", \"conversionRate\"]`.",
		},
		"auto_promote": yesNo("Whether a winner is adopted at once; `false` holds with the comparison for a person to decide. Default " +
			"`true`."),
		"winner_threshold": number("Least relative advantage of B on a decision metric. Default `0.05`."),
		"thresholds":       thresholdsSchema(),
	}
}

func thresholdsSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Caps of the gates.",
		Attributes: map[string]schema.Attribute{
			"max_error_rate":        number("Share of requests that err. Default `0.05`."),
			"max_latency_p99_ms":    number("99th percentile of latency, ms. Default `500`."),
			"min_success_rate":      number("Share of requests that succeed. Default `0.95`."),
			"max_cpu":               number("Mean share of the CPU limit. Default: not checked."),
			"max_memory":            number("Mean share of the memory limit. Default: not checked."),
			"max_execution_time_ms": number("Mean time spent in the plugin, ms. Default: not checked."),
			"max_tenant_error_rate": number("Share of requests that err for the tenant that fares worst, of those with 20 or more. Default: not checked."),
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
