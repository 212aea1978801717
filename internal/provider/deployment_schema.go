package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const deploymentDescription = `Declares which version of a plugin an environment runs, and how a new version gets there.

Planning compiles the rollout and shows its stages, with who is exposed and for how long, before anything happens. Applying walks
it: each stage makes its changes, waits until the touched instances are ready, measures for its bake time, and is judged. A stage
that does harm is walked back, each instance and each tenant to its own prior version, and the apply fails with the reason.

A rollout that waits for a person, or that an interrupted apply left behind, is no failure: the state says where it is, and the
next apply goes on.`

func (r *deploymentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"plugin_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Plugin to deploy. Another plugin is another resource: changing it replaces this one.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"environment": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "`Development`, `QA`, `Staging` or `Production`, or a name of your own together with `environment_kind`, as " +
				"`prod-eu`: 1 to 63 letters, digits, `.`, `_` or `-`. Changing it replaces this resource.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"environment_kind": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "`Development`, `QA`, `Staging` or `Production`: what an environment with a name of its own is like, which chooses " +
				"the default strategy and what an inconclusive measurement leads to. Needed there; the other four are their own kind.",
		},
		"version": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Version that is asked for: a number, a tag, or the reference or digest of an image, at most 512 characters. Where the fleet comes to run another one, that is a difference in the next " +
				"plan. Setting it back to the prior version while a rollout is in flight walks that rollout back.",
		},
		"strategy": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`Direct`, `Canary`, `BlueGreen`, `Rolling` or `ABTesting`. Default by kind of environment: `Direct` in " +
				"Development, `Rolling` in QA and Staging, `Canary` in Production.",
		},
		"decision": decisionSchema(),
		"on_hold": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("succeed"),
			Validators: []validator.String{stringvalidator.OneOf("succeed", "fail")},
			MarkdownDescription: "What an apply does that leaves a rollout held: `succeed`, with a warning, or `fail` with the same text, as does every " +
				"further apply until somebody decided. The state is kept either way. Default `succeed`; `fail` is the better choice where a " +
				"pipeline goes on after the apply.",
		},
		"on_interrupt": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("leave"),
			Validators: []validator.String{stringvalidator.OneOf("leave", "rollback")},
			MarkdownDescription: "What an interrupted apply does: `leave` the rollout where it is, for the next apply to go on with, or " +
				"`rollback`. Default `leave`. `rollback` is the better choice for unattended CI that deploys to Production.",
		},
		"on_rollback": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("fail"),
			Validators: []validator.String{stringvalidator.OneOf("fail", "warn")},
			MarkdownDescription: "What an apply does whose rollout was rolled back: `fail`, and store no new state, or `warn`, and store `outcome = " +
				"\"rolled_back\"`, which a test can then expect; every refresh says it again, and the same version is not rolled out again. Default `fail`.",
		},
		"on_timeout": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("rollback"),
			Validators: []validator.String{stringvalidator.OneOf("rollback", "pause")},
			MarkdownDescription: "What an apply does whose `timeouts` passed: `rollback`, and fail, or `pause`, for the next apply to " +
				"resume. Default `rollback`.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("rollback"),
			Validators: []validator.String{stringvalidator.OneOf("rollback", "leave")},
			MarkdownDescription: "What destroy does: `rollback` brings every target to the version it ran before the last completed " +
				"rollout, `leave` only forgets the resource. Default `rollback`.",
		},
		"timeouts": timeoutsSchema(),
		"retry": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Id of a rollout that a verdict or a person rolled back, to try its version once more with the same settings. " +
				"Without it an apply that asks for the same again fails and touches nothing. A retry that is rolled back in its turn has an id of its own. Default: none.",
		},
	}
	for name, a := range settingsSchemas() {
		attributes[name] = a
	}
	for name, a := range computedSchemas() {
		attributes[name] = a
	}
	resp.Schema = schema.Schema{MarkdownDescription: deploymentDescription, Attributes: attributes}
}

func (r *deploymentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"environment": identityschema.StringAttribute{RequiredForImport: true, Description: "Environment that the plugin is deployed to."},
		"plugin_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "Plugin that is deployed."},
	}}
}

func decisionSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "A person's answer to a rollout that is held. It is taken once; a decision about any other rollout is " +
			"ignored, so it may stay in the configuration.",
		Attributes: map[string]schema.Attribute{
			"rollout_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Rollout that the decision is about, as the warning of the held apply names it.",
			},
			"action": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{stringvalidator.OneOf("promote", "rollback")},
				MarkdownDescription: "`promote` goes on to the next stage, whatever the verdict was; `rollback` walks back to the prior " +
					"version. `rollback` is also taken while the rollout is not held.",
			},
			"reason": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Why. It is kept in the rollout's journal and shown wherever the decision is. Default: none.",
			},
			"by": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Who decided, for the journal. Default: `terraform`.",
			},
			"stage": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of the stage that the decision is about. Default: whichever stage the rollout is in. With it a " +
					"rollout that is held a second time can be promoted a second time.",
			},
		},
	}
}

func timeoutsSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Longest time of an operation, on the fleet's clock; then `on_timeout` says what happens. Default: the " +
			"plan's longest duration with every extension and the way back, plus 10 minutes.",
		Attributes: map[string]schema.Attribute{
			"create": durationAttribute("Longest time of a create, at least `PT1S`."),
			"update": durationAttribute("Longest time of an update, at least `PT1S`."),
			"delete": durationAttribute("Longest time of a destroy, at least `PT1S`."),
		},
	}
}

// durationAttribute is an optional length of time.
func durationAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, CustomType: durationType{},
		MarkdownDescription: description + " ISO 8601 (`PT10M`) or Go's form (`10m`).",
		PlanModifiers:       []planmodifier.String{keepSpelling{}},
	}
}

func computedSchemas() map[string]schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":         text("`ENVIRONMENT/PLUGIN`."),
		"rollout_id": text("The last rollout of this resource; null where the fleet ran the version already."),
		"status": text("Where the rollout is: `progressing`, `held`, `paused`, `rolling_back`, `succeeded`, `rolled_back`, " +
			"`retained` or `stuck`."),
		"outcome":          text("How the rollout ended: `succeeded`, `rolled_back`, `retained` or `stuck`; null while it has not."),
		"reason":           text("Why the status is what it is, where there is something to say."),
		"active_version":   text("Version that the fleet really runs."),
		"previous_version": text("Version that the fleet ran before the last rollout, and that a destroy goes back to."),
		"affected_tenants": schema.Int64Attribute{Computed: true, MarkdownDescription: "Most tenants that the new version served at one time; null where nobody could look."},
		"started_at":       text("When the last rollout began, on the fleet's clock, RFC 3339."),
		"finished_at":      text("When the last rollout ended, on the fleet's clock, RFC 3339; null while it has not."),
		"stages":           stagesSchema(),
		"summary": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "What the last rollout was planned to do, in words: a headline, then a line for each stage. Every line " +
				"carries both versions, so that Terraform shows all of them with every release.",
		},
	}
}

// stageThresholdsSchema has the names of the settings, with every default filled in.
func stageThresholdsSchema() schema.Attribute {
	number := func(description string) schema.Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	const orNull = "; null where it is not checked."
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What the gate asks for, every default filled in; null where the stage measures nothing.",
		Attributes: map[string]schema.Attribute{
			"max_error_rate":        number("Highest share of requests that err" + orNull),
			"max_latency_p99_ms":    number("Highest 99th percentile of latency, ms" + orNull),
			"min_success_rate":      number("Lowest share of requests that succeed" + orNull),
			"max_cpu":               number("Highest mean share of the CPU limit" + orNull),
			"max_memory":            number("Highest mean share of the memory limit" + orNull),
			"max_execution_time_ms": number("Highest mean time spent in the plugin, ms" + orNull),
			"max_tenant_error_rate": number("Highest error rate of the tenant that fares worst" + orNull),
			"min_requests":          schema.Int64Attribute{Computed: true, MarkdownDescription: "Fewest requests that a pass needs."},
			"min_tenants":           schema.Int64Attribute{Computed: true, MarkdownDescription: "Fewest tenants with requests that a pass needs."},
		},
	}
}

func stagesSchema() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "The stages of the rollout, known when planning. Durations are ISO 8601; a stage begins when the one before " +
			"it has ended.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":  text("Name of the stage."),
			"share": schema.Float64Attribute{Computed: true, MarkdownDescription: "Share of the traffic that the new version serves at most, percent."},
			"targets": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "What the new version reaches at most: the blast radius of the stage.",
				Attributes: map[string]schema.Attribute{
					"tenants":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of tenants that the new version serves."},
					"instances": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of instances that can serve the new version."},
				},
			},
			"settle":       text("Longest wait until everything that the stage touched is ready."),
			"bake":         text("Time for which the stage is then measured."),
			"gate":         text("What the measurement has to show for the next stage to begin."),
			"hold":         schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the stage ends with a wait for a person."},
			"final":        schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is no way back once the stage began."},
			"earliest_end": text("Earliest end of the stage, from the start of the rollout."),
			"latest_end": text("Latest end of the stage, from the start of the rollout, with every extension and without the waits for a " +
				"person."),
			"thresholds":         stageThresholdsSchema(),
			"on_fail":            text("What a failed gate leads to: `rollback` or `hold`; null where the stage has none."),
			"on_inconclusive":    text("What too little data leads to, after the last extension: `rollback` or `hold`; null where the stage has no gate."),
			"bake_seconds":       schema.Float64Attribute{Computed: true, MarkdownDescription: "`bake` in seconds."},
			"latest_end_seconds": schema.Float64Attribute{Computed: true, MarkdownDescription: "`latest_end` in seconds."},
		}},
	}
}
