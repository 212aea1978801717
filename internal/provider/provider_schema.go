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
			"measures what each stage does to them, and rolls back when it does harm.",
		Attributes: map[string]schema.Attribute{
			"fleet":      fleetBlockSchema(),
			"controller": controllerBlockSchema(),
			"max_blocking_wait": schema.StringAttribute{
				Optional: true, CustomType: durationType{},
				MarkdownDescription: "How long an apply waits by default for a rollout that a `controller` walks: what takes longer where all goes well is left to it. Where there is none, " +
					"that is a warning. Or the environment variable `" + blockingVariable + "`. Default `1h`.",
			},
			"prometheus": prometheusBlockSchema(),
			"journal":    journalBlockSchema(),
			"allowed_environments": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Environments that this provider may read and deploy to; every other one is an error in the plan. " +
					"Or the environment variable `" + environmentsVariable + "`, with commas. Default: all.",
			},
			"max_concurrency": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Requests to the fleet that are under way at a time, 1 to 1000. Or the environment variable `" + concurrencyVariable + "`. Default `8`.",
			},
			"simulated": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "A fleet that is simulated on this machine, in virtual time: a rollout of an hour takes " +
					"milliseconds. It has to be asked for; `simulated = {}` takes every default. Simulations and functions need none. Default: no fleet.",
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
				"Holds when a fleet is first written: left out, it is what the fleet has; a later difference is an error.",
		},
		"state_path": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Folder in which the simulated fleets live, one folder per environment and plugin below it. " +
				"Default `.hotswap/fleet`, or the environment variable `" + statePathVariable + "` where it is set. " +
				"Planning and refreshing never write to it.",
		},
		"keep_rollouts": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Rollouts whose journals a fleet keeps, the newest, 1 to 10000. Beside them it keeps what can still be gone back to: the " +
				"rollout that succeeded last, and those that have not ended. `hotswap_rollout` reads those that are kept, and what was rolled back is refused only as long as its journal is. Default `50`. May change at any time.",
		},
		"time_scale": schema.Float64Attribute{
			Optional: true,
			MarkdownDescription: "Virtual seconds that pass in one real second, 0 to 1e9. Default `0`: as fast as possible. " +
				"May change at any time.",
		},
	}
	for name, a := range fleetSchema(" Holds when a fleet is first written: left out, it is what the fleet has; a later difference is an error.", " May change at any time.") {
		attributes[name] = a
	}
	return attributes
}
