package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// statePathVariable names the environment variable that stands in for
// simulated.state_path, so that a CI job can keep its fleets where its cache is.
const statePathVariable = "HOTSWAP_STATE_PATH"

func (p *hotswap) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Rolls plugin versions out over a fleet of instances and tenants, stage by stage, " +
			"measures what each stage does to them, and walks back when it does harm.",
		Attributes: map[string]schema.Attribute{
			"simulated": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "A fleet that is simulated on this machine, in virtual time: a rollout of an hour takes " +
					"milliseconds. It has to be asked for; `simulated = {}` takes every default.",
				Attributes: simulatedSchema(),
			},
		},
	}
}

func simulatedSchema() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"scenario": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "File with a scenario, as the guide \"Write scenarios\" describes them; a relative path is looked up in the " +
				"working directory. The fleet is then as the file says: its world, versions and faults, and the version that its " +
				"plugin has installed. Its deployment, signals, crashes and expectations play no part. Settings beside it take the " +
				"place of the file's. Default: none.",
		},
		"seed": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Seed of every random number, any whole number. Default `1`, or what the scenario says. The same seed gives the same rollouts. " +
				"Holds when a fleet is first written; a later difference is an error.",
		},
		"state_path": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Folder in which the simulated fleets live, one folder per environment and plugin below it. " +
				"Default `.hotswap/fleet`, or the environment variable `" + statePathVariable + "` where it is set. " +
				"Planning and refreshing never write to it.",
		},
		"time_scale": schema.Float64Attribute{
			Optional: true,
			MarkdownDescription: "Virtual seconds that pass in one real second, 0 to 1e9. Default `0`: as fast as possible. " +
				"May change at any time.",
		},
	}
	for name, a := range fleetSchema(" Holds when a fleet is first written; a later difference is an error.", " May change at any time.") {
		attributes[name] = a
	}
	return attributes
}

// fleetSchema are the settings of a fleet, wherever it is simulated. holds and
// changes are said of those that hold when it is first written, and of the others.
func fleetSchema(holds, changes string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"instances": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Number of instances of the application, 1 to 100000. Default `10`." + holds,
		},
		"tenants": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Number of tenants, 1 to 1000000. Default `150`." + holds,
		},
		"requests_per_second": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Traffic of all tenants together, requests per second, 0 to 1000000. Default `150`." + changes,
		},
		"installed": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Version that a plugin runs at the start, by plugin. A plugin that is not listed is not installed. " +
				"Default: none is." + holds,
		},
		"versions": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "How versions behave, by version. A version that is not listed behaves as the defaults say. Default: " +
				"none is listed." + changes,
			NestedObject: schema.NestedAttributeObject{Attributes: behaviourSchema()},
		},
	}
}

func behaviourSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"error_rate": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Share of requests that err, 0 to 1. Default `0.01`.",
		},
		"timeout_rate": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Share of requests that time out, 0 to 1. Default `0`.",
		},
		"latency_p50_ms": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Median latency in ms, above 0. Default `40`.",
		},
		"latency_p99_ms": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "99th percentile of latency in ms, at least the median. Default `200`.",
		},
		"conversion_rate": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Share of the successful requests that convert, 0 to 1. Default `0.03`.",
		},
		"install_failure_rate": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Share of installations that fail, 0 to 1. Default `0`.",
		},
		"startup_seconds": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Time a restarted instance needs before it is ready, seconds, 0 to 86400. Default `1`.",
		},
	}
}
