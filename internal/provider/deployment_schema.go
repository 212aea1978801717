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

The plan shows the stages of the rollout, with who is exposed and for how long. The apply carries them out: each makes its changes,
waits until what it touched is ready, is measured, and is judged. One that does harm is rolled back, each instance and each tenant to
its own prior version, and the apply fails with the reason. A rollout that waits for a person is no failure: the next apply goes on.

Lengths of time are ISO 8601 (` + "`PT10M`) or Go's form (`10m`), of a second or more; shares are 0 to 1."

func (r *deploymentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"plugin_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Plugin to deploy. Changing it replaces this resource.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"environment": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "`Development`, `QA`, `Staging` or `Production`, or a name of your own together with `environment_kind`, as " +
				"`prod-eu` (letters, digits, `.`, `_`, `-`). Changing it replaces this resource.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"environment_kind": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Kind of an environment with a name of its own, one of the four: it chooses defaults.",
		},
		"version": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Version that is asked for: a number, a tag, or the reference or digest of an image. " +
				"Setting it back while a rollout is in flight rolls that back.",
		},
		"strategy": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`Direct` (default in Development), `Rolling` (in QA and Staging), `Canary` (in Production), `BlueGreen` or `ABTesting`.",
		},
		"decision": decisionSchema(),
		"on_hold": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("succeed"),
			Validators: []validator.String{stringvalidator.OneOf("succeed", "fail")},
			MarkdownDescription: "What an apply does that leaves a rollout held: `succeed`, with a warning, or `fail`, as does every further one until somebody " +
				"decided. Default `succeed`; pipelines want `fail`.",
		},
		"on_interrupt": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("leave"),
			Validators: []validator.String{stringvalidator.OneOf("leave", "rollback")},
			MarkdownDescription: "What an interrupted apply does: `leave` the rollout for the next apply, or `rollback`. Default `leave`; unattended pipelines " +
				"into Production want `rollback`.",
		},
		"on_rollback": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("fail"),
			Validators: []validator.String{stringvalidator.OneOf("fail", "warn")},
			MarkdownDescription: "What an apply does whose rollout was rolled back: `fail`, or `warn` and store `outcome = \"rolled_back\"`, which a test can " +
				"expect. Default `fail`.",
		},
		"on_timeout": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("rollback"),
			Validators:          []validator.String{stringvalidator.OneOf("rollback", "pause")},
			MarkdownDescription: "What an apply does whose `timeouts` passed: `rollback`, and fail, or `pause` for the next apply. Default `rollback`.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("rollback"),
			Validators: []validator.String{stringvalidator.OneOf("rollback", "leave")},
			MarkdownDescription: "What destroy does: `rollback` to what ran before the last completed rollout, or `leave`, which only forgets the resource. " +
				"Default `rollback`.",
		},
		"wait_for_completion": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether an apply waits until the rollout ended or a person has to decide. `false` leaves it to the provider's `controller`, or to the " +
				"clock of a simulated fleet, once it is recorded: refreshes show what becomes of it. A destroy always waits. Default `true`; with a controller `false` " +
				"for `ABTesting` and for what takes longer than `max_blocking_wait`.",
		},
		"timeouts": timeoutsSchema(),
		"retry": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Id of a rollout that a verdict or a person rolled back, to try the same once more. Without it an apply that asks for the same " +
				"fails and touches nothing. Default: none.",
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
		Optional:            true,
		MarkdownDescription: "A person's answer to a rollout that is held. It is taken once.",
		Attributes: map[string]schema.Attribute{
			"rollout_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Rollout that it is about, as the held apply names it.",
			},
			"action": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{stringvalidator.OneOf("promote", "rollback")},
				MarkdownDescription: "`promote` goes on, whatever the verdict was; `rollback` goes back, also where nothing is held.",
			},
			"reason": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{plainText{}},
				MarkdownDescription: "Why, for the journal. Default: none.",
			},
			"by": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{plainText{}},
				MarkdownDescription: "Who decided, for the journal. Default: `terraform`.",
			},
			"stage": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Stage that it is about, for a rollout that is held twice. Default: wherever the rollout is.",
			},
		},
	}
}

func timeoutsSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Longest time of an operation, on the fleet's clock. Default: the longest that the plan can take, plus 10 minutes.",
		Attributes: map[string]schema.Attribute{
			"create": durationAttribute("Of a create."),
			"update": durationAttribute("Of an update."),
			"delete": durationAttribute("Of a destroy."),
		},
	}
}

// durationAttribute is an optional length of time.
func durationAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, CustomType: durationType{},
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{keepSpelling{}},
	}
}

func computedSchemas() map[string]schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":         text("`ENVIRONMENT/PLUGIN`."),
		"rollout_id": text("Last rollout of this resource; null where the fleet ran the version already."),
		"status": text("`progressing`, `held`, `paused`, `rolling_back`, `succeeded`, `rolled_back`, " +
			"`retained` or `stuck`."),
		"outcome":          text("`succeeded`, `rolled_back`, `retained` or `stuck`; null while not ended."),
		"reason":           text("Why the status is what it is."),
		"active_version":   text("Version that the fleet really runs."),
		"previous_version": text("Version before the last rollout. A destroy goes back to that before the last completed one."),
		"affected_tenants": schema.Int64Attribute{Computed: true, MarkdownDescription: "Most tenants that the new version served at one time; null where nobody could look."},
		"started_at":       text("When the last rollout began, RFC 3339."),
		"finished_at":      text("When it ended; null while it has not."),
		"stages":           stagesSchema(),
		"summary": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The plan in words: a headline, then a line for each stage.",
		},
	}
}

// stageThresholdsSchema has the names of the settings, with every default filled in.
func stageThresholdsSchema() schema.Attribute {
	number := func(description string) schema.Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What the gate asks for, every default filled in; null: not checked.",
		Attributes: map[string]schema.Attribute{
			"max_error_rate":        number("Cap."),
			"max_latency_p99_ms":    number("Cap."),
			"min_success_rate":      number("Cap."),
			"max_cpu":               number("Cap."),
			"max_memory":            number("Cap."),
			"max_execution_time_ms": number("Cap."),
			"max_tenant_error_rate": number("Cap."),
			"min_requests":          schema.Int64Attribute{Computed: true, MarkdownDescription: "Least."},
			"min_tenants":           schema.Int64Attribute{Computed: true, MarkdownDescription: "Least."},
		},
	}
}

func stagesSchema() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The stages, known when planning. Ends count from the start of the rollout.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":  text("Name of the stage."),
			"share": schema.Float64Attribute{Computed: true, MarkdownDescription: "Traffic that the new version serves at most, percent."},
			"targets": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "What the new version reaches at most.",
				Attributes: map[string]schema.Attribute{
					"tenants":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Tenants."},
					"instances": schema.Int64Attribute{Computed: true, MarkdownDescription: "Instances."},
				},
			},
			"settle":             text("Longest wait until everything touched is ready."),
			"bake":               text("Time for which it is then measured."),
			"gate":               text("What the measurement has to show, in words."),
			"hold":               schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it ends with a wait for a person."},
			"final":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is no way back once it began."},
			"earliest_end":       text("Earliest end."),
			"latest_end":         text("Latest end, without waits for a person."),
			"thresholds":         stageThresholdsSchema(),
			"on_fail":            text("What a failed gate leads to: `rollback`, `hold`, `retain` in an A/B test (A stays), or null: there is none."),
			"on_inconclusive":    text("What too little data leads to, likewise."),
			"bake_seconds":       schema.Float64Attribute{Computed: true, MarkdownDescription: "`bake` in seconds."},
			"latest_end_seconds": schema.Float64Attribute{Computed: true, MarkdownDescription: "`latest_end` in seconds."},
		}},
	}
}
