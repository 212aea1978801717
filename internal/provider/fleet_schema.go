package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// fleetSchema are the settings of a fleet, wherever it is simulated. holds and
// changes are said of those that hold when it is first written, and of the others.
// Their ranges are the simulator's to check; here they are only said.
func fleetSchema(holds, changes string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"instances": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Number of instances of the application, 1 to 100000. Default `10`." + holds,
		},
		"spare": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Instances that there is room for beside those of the start, -1 to 100000; `-1`: as many again, which " +
				"blue-green needs. Default `-1`." + holds,
		},
		"tenants": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Number of tenants, 1 to 1000000. Default `150`." + holds,
		},
		"tenant_spread": quantity("How uneven the tenants' traffic is: the deviation of the logarithm of their weights, 0 to 2; `0`: all send "+
			"the same. Default `0.5`.", holds),
		"tenant_weights": schema.ListAttribute{
			ElementType: types.Float64Type,
			Optional:    true,
			MarkdownDescription: "What the first tenants send, relative to the others, 0.000001 to 1000000 each, and at most 1000 different ones; the " +
				"others' weights are as `tenant_spread` says, around 1. Default: none is listed." + holds,
		},
		"tenant_churn": quantity("Share of the tenants that a day replaces by others, 0 to 1; those whose weights are listed stay. Default `0`.", holds),
		"tenant_error_spread": quantity("How unlike the tenants' error rates are: the deviation of the logarithm of the factors by which they "+
			"differ, 0 to 2; `0`: all have the version's. Default `0`.", holds),
		"tenant_conversion_spread": quantity("How unlike the tenants' conversion rates are, in the same way, 0 to 2. Default `0`.", holds),
		"requests_per_second":      quantity("Traffic of all tenants together, requests per second, 0 to 1000000. Default `150`.", changes),
		"minute_noise": quantity("How unlike the minutes are: the deviation of the logarithm of a factor on all error rates that each "+
			"minute draws anew, 0 to 1. Default `0`.", holds),
		"daily_swing": quantity("How uneven the day is: at its peak there is this share of the requests more, and twelve hours away as much "+
			"less, 0 to 1. Default `0`.", changes),
		"daily_peak_hour":        quantity("Hour of the day's peak, 0 to 24; the fleet's clock starts at midnight. Default `0`.", changes),
		"drain_seconds":          quantity("Time in which an instance finishes its requests before it is replaced, seconds, 0 to 86400. Default `0.5`.", changes),
		"install_seconds":        quantity("Time that it takes to put a version on an instance, seconds, 0 to 86400. Default `1`.", changes),
		"provision_seconds":      quantity("Time in which the new instances of a slot come up, seconds, 0 to 86400. Default `60`.", changes),
		"smoke_seconds":          quantity("Time that the smoke tests take, all at once, seconds, 0 to 86400. Default `30`.", changes),
		"switch_seconds":         quantity("Time that routes take to change, seconds, 0 to 86400. Default `0`: they change at once.", changes),
		"probe_interval_seconds": quantity("Time between the health probes of an instance, seconds, 1 to 3600. Default `10`.", changes),
		"installed": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Version that a plugin runs at the start, by plugin. A plugin that is not listed, or null, is not installed. " +
				"Default: none is." + holds,
		},
		"versions": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "How versions behave, by version, or by `PLUGIN@VERSION` where one plugin's version behaves otherwise " +
				"than what others call the same. A version that is not listed behaves as the defaults say. Default: none is listed." + changes,
			NestedObject: schema.NestedAttributeObject{Attributes: behaviourSchema()},
		},
		"can": schema.MapAttribute{
			ElementType: types.BoolType,
			Optional:    true,
			MarkdownDescription: "What the fleet can do and count, by capability: `" + strings.Join(capabilityNames(), "`, `") + "`. `false` takes one " +
				"away, as a real fleet may lack it: plans are then made without, or refused. One that is not listed is there. Default: all are." + changes,
		},
		"metrics": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "What the numbers are like that the engine is told about the traffic. Default: all requests are counted as they " +
				"happen." + changes,
			Attributes: metricsSchema(),
		},
	}
}

// metricsSchema are the settings of a fleet's meter.
func metricsSchema() map[string]schema.Attribute {
	lasting := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, CustomType: durationType{}, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"resolution": lasting("Time between two scrapes of the instances' counters, `1s` to `1h`: what happened is told from the next scrape on. " +
			"Default: requests are counted as they happen."),
		"delay": lasting("How late samples come, `0s` to `1h`. Default `0s`."),
		"bounds": schema.ListAttribute{
			ElementType: types.Float64Type,
			Optional:    true,
			MarkdownDescription: "Latencies in ms against which requests are counted, and no others, rising, at most 64. Default: any can be " +
				"asked for.",
		},
		"by_tenant": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether requests are counted tenant by tenant; `false` is the same as `can = { by_tenant = false }`. Default `true`.",
		},
		"coverage": quantity("Share of the instances that report, 0 to 1. Default `1`.", ""),
		"resets": quantity("How often an hour the counters of an instance begin anew, 0 to 60, at random: what it counted since the last scrape is "+
			"lost. Needs `resolution`. Default `0`.", ""),
		"missing": quantity("Share of the scrapes that are lost, 0 to 0.9, at random: the next one has what they would have had. Needs "+
			"`resolution`. Default `0`.", ""),
	}
}

// capabilityNames lists what a fleet may be able to do.
func capabilityNames() []string {
	var names []string
	for _, what := range engine.AllCapabilities() {
		names = append(names, string(what))
	}
	return names
}

// behaviourSchema are the settings of a version.
func behaviourSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"error_rate":           quantity("Share of requests that err, 0 to 1. Default `0.01`.", ""),
		"timeout_rate":         quantity("Share of requests that time out, 0 to 1, with the errors at most 1. Default `0`.", ""),
		"latency_p50_ms":       quantity("Median latency in ms, above 0. Default `40`.", ""),
		"latency_p99_ms":       quantity("99th percentile of latency in ms, at least the median. Default `200`.", ""),
		"conversion_rate":      quantity("Share of the successful requests that convert, 0 to 1. Default `0.03`.", ""),
		"satisfaction":         quantity("Mean score of the surveys, 1 to 5. Default `4.2`.", ""),
		"survey_rate":          quantity("Share of the requests that are followed by a survey, 0 to 1. Default `0.05`.", ""),
		"execution_time_ms":    quantity("Mean time spent in the plugin in ms, at least 0. Default `15`.", ""),
		"cpu":                  quantity("Mean share of the CPU limit, 0 to 1. Default `0.35`.", ""),
		"memory":               quantity("Mean share of the memory limit, 0 to 1. Default `0.5`.", ""),
		"startup_seconds":      quantity("Time a restarted instance needs before it is ready, seconds, 0 to 86400. Default `1`.", ""),
		"install_failure_rate": quantity("Share of installations that fail, 0 to 1. Default `0`.", ""),
		"smoke_failure_rate":   quantity("Share of smoke tests that fail, 0 to 1. Default `0`.", ""),
		"cold_seconds":         quantity("How long after its start the version is cold on an instance, seconds, 0 to 86400. Default `0`.", ""),
		"cold_error_rate":      quantity("Share of requests that err at least while it is cold, 0 to 1. Default `0`.", ""),
		"cold_latency_factor":  quantity("How many times as long requests take while it is cold, 1 to 1000; `0` is 1. Default `0`.", ""),
		"leak_seconds": quantity("How long after its start the version has used something up on an instance, seconds, 0 to 8640000; `0`: "+
			"never. Default `0`.", ""),
		"leak_error_rate": quantity("Share of requests that err at least from then on, 0 to 1. Default `0`.", ""),
		"novelty_seconds": quantity("How long after its start the version is new to its users on an instance, seconds, 0 to 8640000. "+
			"Default `0`.", ""),
		"novelty_conversion_factor": quantity("How many times as often requests convert while it is new, 0.001 to 1000; `0` is 1. "+
			"Default `0`.", ""),
		"novelty_satisfaction":    quantity("Mean score of the surveys while it is new, 1 to 5; `0`: as ever. Default `0`.", ""),
		"overload_above":          quantity("Requests per second that the version can take in all, 0 to 1000000; `0`: any. Default `0`.", ""),
		"overload_error_rate":     quantity("Share of requests that err at least while it gets more, 0 to 1. Default `0`.", ""),
		"overload_latency_factor": quantity("How many times as long requests take while it gets more, 1 to 1000; `0` is 1. Default `0`.", ""),
		"promoted_error_rate": quantity("Share of requests that err at least while the version is the default of all instances that take "+
			"traffic, 0 to 1: what only shows at the end. Default `0`.", ""),
	}
}

// quantity is an optional number. when says when it may change; "" where what it
// belongs to says so.
func quantity(description, when string) schema.Attribute {
	return schema.Float64Attribute{Optional: true, MarkdownDescription: description + when}
}
