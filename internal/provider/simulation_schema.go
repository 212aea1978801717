package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const simulationDescription = `Plays a rollout many times on a simulated fleet, and says what comes of it: how often each outcome, how
long it takes, how many tenants and requests suffer, and how often the settings are wrong. A ` + "`precondition`, a `check` or a " +
	"`terraform test`" + ` can so refuse a policy before it is applied.

It is read while Terraform plans, in memory, and touches no fleet. The same question has the same answer, to the last digit. Say
what is to be tried with a ` + "`scenario`" + `, or with ` + "`simulated`" + ` and a deployment in the words of
` + "`hotswap_plugin_deployment`" + `; where both are there, the attributes take the place of what the file says. Shares are 0 to 1;
` + "`low` and `high`" + ` hold the true probability with a confidence of 95 % (Wilson's interval).`

func (d *simulationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	attributes := map[string]schema.Attribute{
		"scenario": text("File with a scenario, as the guide \"Write scenarios\" describes them; a relative path is looked up in the " +
			"working directory. Default: none."),
		"simulated": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "The fleet, in the words of the provider's `simulated`. Default: the scenario's, or a fleet with every " +
				"default.",
			Attributes: datasourceAttributes(fleetSchema("", "")),
		},
		"plugin_id": text("The plugin. Default: the scenario's; without one it is needed."),
		"environment": text("`Development`, `QA`, `Staging` or `Production`, or a name of your own together with `environment_kind`. Default: the " +
			"scenario's; without one it is needed."),
		"environment_kind": text("`Development`, `QA`, `Staging` or `Production`: what an environment with a name of its own is like. Default: the " +
			"scenario's."),
		"version": text("Version that is rolled out. Default: the scenario's; without one it is needed."),
		"strategy": text("`Direct`, `Canary`, `BlueGreen`, `Rolling` or `ABTesting`. Default: the scenario's, or that of the " +
			"environment: `Direct` in Development, `Rolling` in QA and Staging, `Canary` in Production."),
		"bad": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the version should be rolled back: it decides whether `false_rollback` and `good_stopped` or " +
				"`missed_regression` are filled in. Default: what the scenario says, or whether the version's figures are beyond the deployment's thresholds, " +
				"so say `true` for a regression that stays below them.",
		},
		"runs": schema.Int64Attribute{
			Optional: true, Computed: true, Validators: []validator.Int64{int64validator.Between(1, 100_000)},
			MarkdownDescription: "How often the rollout is played, 1 to 100000. Default `1000`: with none of them, the interval of a " +
				"probability reaches to 0.4 %.",
		},
		"seed": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Seed of the campaign, any whole number; the seeds of its runs follow from it. Default `1`, or what the scenario says.",
		},
	}
	for name, a := range settingsSchemas() {
		attributes[name] = a
	}
	for name, a := range figuresSchema() {
		attributes[name] = a
	}
	resp.Schema = schema.Schema{MarkdownDescription: simulationDescription, Attributes: attributes}
}

// datasourceAttributes are the attributes of another kind of schema, which differ
// from a data source's in the name of their type alone.
func datasourceAttributes[A schema.Attribute](from map[string]A) map[string]schema.Attribute {
	to := map[string]schema.Attribute{}
	for name, a := range from {
		to[name] = a
	}
	return to
}

func figuresSchema() map[string]schema.Attribute {
	whole := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	share := map[string]schema.Attribute{
		"count": whole("In how many runs."),
		"share": number("In which share of the runs, 0 to 1."),
		"low":   number("Lower end of the 95 % interval of the probability, 0 to 1."),
		"high":  number("Upper end of the 95 % interval of the probability, 0 to 1."),
	}
	one := func(description string) schema.Attribute {
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: share}
	}
	effect := map[string]schema.Attribute{
		"path": text("Where the scenario says it, as `faults[0]`."),
		"what": text("What it is: the kind of the fault, the word and its time, the call, or the behaviour."),
	}
	for name, a := range share {
		effect[name] = a
	}
	spread := func(description, unit string) schema.Attribute {
		return schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: description,
			Attributes: map[string]schema.Attribute{
				"count": whole("How many runs have the figure."),
				"mean":  number("Mean, " + unit + "."),
				"least": number("Least, " + unit + "."),
				"p50":   number("Median, " + unit + "."),
				"p95":   number("95th percentile, " + unit + "."),
				"p99":   number("99th percentile, " + unit + "."),
				"most":  number("Most, " + unit + "."),
			},
		}
	}
	return map[string]schema.Attribute{
		"outcomes": schema.MapNestedAttribute{
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: share},
			MarkdownDescription: "How the runs ended: `succeeded`, `rolled_back`, `retained`, `held`, `paused`, `stuck` and `refused` (no plan " +
				"could be made) are always there.",
		},
		"false_rollback": one("Good versions that were rolled back; its figures are null where the version is bad, and in A/B tests."),
		"good_stopped": one("Good versions that did not get through, whatever stopped them: rolled back, held, paused, stuck or refused. " +
			"Its figures are null where the version is bad, and in A/B tests."),
		"missed_regression": one("Bad versions that got through; its figures are null where the version is good, and in A/B tests. " +
			"Compare `high` with what you can bear, here as in all shares: that nothing went wrong in a few runs shows little."),
		"kept_though_better": one("A/B tests that kept A though B is better: by at least `winner_threshold` on a decision metric, and " +
			"not worse on any by more than the margin. Its figures are null elsewhere."),
		"adopted_though_worse": one("A/B tests that adopted a B that is worse than A, or no better on any decision metric. Its figures are null elsewhere."),
		"took_effect": schema.ListNestedAttribute{
			Computed: true,
			MarkdownDescription: "For each fault, signal and crash of the scenario, and what versions do only now and then, in how many runs it " +
				"took effect. What never did shows nothing.",
			NestedObject: schema.NestedAttributeObject{Attributes: effect},
		},
		"duration_seconds": spread("How long the rollout takes.", "seconds"),
		"detected_seconds": spread("Time until a verdict found harm, from when the version began to fail its users, or where it does not, from "+
			"when it first served them; its figures are null where none did.", "seconds"),
		"rollback_seconds": spread("How long the way back takes; its figures are null where no run was rolled back.", "seconds"),
		"tenants_exposed":  spread("The most tenants that the new version served at one time.", "tenants"),
		"requests":         spread("Requests that the new version took.", "requests"),
		"failed_requests":  spread("Requests that failed on the new version.", "requests"),
		"promises_checked": whole("How many of the engine's promises were checked in every run."),
		"promises_broken":  whole("In how many runs one of them was broken; anything but 0 is a mistake in this provider."),
		"broken": schema.ListAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "The first promises that were broken, in words.",
		},
		"as_expected": one("Runs in which the scenario's expectations held; all of them where it has none."),
		"holds": schema.BoolAttribute{
			Computed: true, MarkdownDescription: "Whether no promise was broken, and as many runs went as expected as the scenario asks for.",
		},
		"worst": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "Runs that stand out.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"why":  text("What is special about the run."),
				"seed": whole("Its seed: with `played` in a file, `hotswap simulate FILE --seed SEED` shows it event by event."),
			}},
		},
		"played": text("What was played, as a scenario file."),
		"trace":  text("Identifies everything that was seen in all runs; the same question has the same trace."),
	}
}
