package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// rolloutDataSource is the data source hotswap_rollout.
type rolloutDataSource struct{ fleetReader }

var _ datasource.DataSourceWithConfigure = (*rolloutDataSource)(nil)

func newRolloutDataSource() datasource.DataSource { return &rolloutDataSource{} }

func (d *rolloutDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_rollout"
}

func (d *rolloutDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m rolloutModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("environment"), &m.Environment)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("plugin_id"), &m.PluginID)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("rollout_id"), &m.RolloutID)...)
	s, ok := lookFor(ctx, d.conn, look, m.Environment, m.PluginID, &resp.Diagnostics)
	if !ok {
		return
	}
	ro, ok := chosenRollout(ctx, s, m.RolloutID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	m.fill(ro, s.now)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// chosenRollout is the rollout of that id, or, where that is "", the one that began last;
// nil where there was none.
func chosenRollout(ctx context.Context, s sight, id string, diags *diag.Diagnostics) (*telling.Rollout, bool) {
	if id == "" || s.rollout != nil && id == s.rollout.Plan.Rollout {
		return s.rollout, true
	}
	ro, err := rolloutNamed(ctx, s.journals, id)
	if err != nil {
		addError(diags, path.Empty(), "Cannot read the journal", err)
	} else if ro == nil {
		diags.AddAttributeError(path.Root("rollout_id"), "No such rollout",
			fmt.Sprintf("There is no rollout %s of %s in %s, or its journal is not kept any more: keep_rollouts says how many are.", id, s.head.Plugin, s.head.Environment))
	}
	return ro, ro != nil
}

type rolloutModel struct {
	Environment   types.String      `tfsdk:"environment"`
	PluginID      types.String      `tfsdk:"plugin_id"`
	RolloutID     types.String      `tfsdk:"rollout_id"`
	Strategy      types.String      `tfsdk:"strategy"`
	Baseline      types.String      `tfsdk:"baseline"`
	Candidate     types.String      `tfsdk:"candidate"`
	Restores      types.String      `tfsdk:"restores"`
	Phase         types.String      `tfsdk:"phase"`
	Outcome       types.String      `tfsdk:"outcome"`
	Reason        types.String      `tfsdk:"reason"`
	Stage         types.String      `tfsdk:"stage"`
	Progress      types.Int64       `tfsdk:"progress"`
	StartedAt     types.String      `tfsdk:"started_at"`
	FinishedAt    types.String      `tfsdk:"finished_at"`
	Duration      types.String      `tfsdk:"duration"`
	Exposure      *rolloutReach     `tfsdk:"exposure"`
	MostExposed   *rolloutReach     `tfsdk:"most_exposed"`
	ExposedFor    types.String      `tfsdk:"exposed_for"`
	FailedTenants []failedTenant    `tfsdk:"failed_tenants"`
	Comparison    []comparisonModel `tfsdk:"comparison"`
	Timeline      []string          `tfsdk:"timeline"`
	Events        []eventModel      `tfsdk:"events"`
}

type rolloutReach struct {
	Tenants   types.Int64   `tfsdk:"tenants"`
	Instances types.Int64   `tfsdk:"instances"`
	Share     types.Float64 `tfsdk:"share"`
}

type failedTenant struct {
	ID       string `tfsdk:"id"`
	Requests int64  `tfsdk:"requests"`
	Errors   int64  `tfsdk:"errors"`
}

type comparisonModel struct {
	Metric    string  `tfsdk:"metric"`
	A         float64 `tfsdk:"a"`
	B         float64 `tfsdk:"b"`
	Advantage float64 `tfsdk:"advantage"`
	Decides   bool    `tfsdk:"decides"`
	Word      string  `tfsdk:"word"`

	Least       float64 `tfsdk:"least"`
	P           float64 `tfsdk:"p"`
	Detectable  float64 `tfsdk:"detectable"`
	Significant bool    `tfsdk:"significant"`
}

type eventModel struct {
	Seq   int64  `tfsdk:"seq"`
	At    string `tfsdk:"at"`
	Kind  string `tfsdk:"kind"`
	Stage string `tfsdk:"stage"`
	Text  string `tfsdk:"text"`
}

// fill says a rollout in the words of the data source; nil is that there was none.
func (m *rolloutModel) fill(ro *telling.Rollout, now time.Time) {
	m.FailedTenants, m.Comparison, m.Timeline, m.Events = []failedTenant{}, []comparisonModel{}, []string{}, []eventModel{}
	if ro == nil {
		return
	}
	t := telling.Tell(ro, now)
	m.RolloutID = types.StringValue(ro.Plan.Rollout)
	m.Strategy = types.StringValue(string(ro.Plan.Spec.Strategy))
	m.Baseline, m.Candidate, m.Restores = orNull(ro.Plan.Baseline), orNull(ro.Plan.Candidate), orNull(ro.Plan.Restores)
	m.Phase, m.Outcome = types.StringValue(string(ro.State.Phase)), orNull(string(ro.State.Outcome))
	m.Reason, m.Stage = orNull(ro.State.Reason), types.StringValue(t.Stage)
	m.Progress = types.Int64Value(int64(t.Progress))
	m.StartedAt, m.FinishedAt = moment(ro.Began()), moment(ro.State.Ended)
	m.Duration = types.StringValue(engine.FormatDuration(t.Took))
	m.Exposure, m.MostExposed = reachOf(t.Now, t.Unseen != nil), reachOf(t.Most, t.Unseen != nil)
	m.ExposedFor = types.StringValue(engine.FormatDuration(t.ExposedFor))
	m.Timeline = ro.Timeline()
	for _, e := range ro.Events {
		m.Events = append(m.Events, eventModel{
			Seq: e.Seq, At: e.At.UTC().Format(time.RFC3339), Kind: string(e.Kind), Stage: stageOf(ro, e), Text: ro.Plan.Line(e),
		})
		m.fillVerdict(e.Verdict)
	}
}

// stageOf names the stage of an event; "the end" is behind the last one.
func stageOf(ro *telling.Rollout, e engine.Event) string {
	if e.Stage >= 0 && e.Stage < len(ro.Plan.Stages) {
		return ro.Plan.Stages[e.Stage].Name
	}
	return "the end"
}

// fillVerdict notes the tenants that a verdict names, and keeps the last comparison.
func (m *rolloutModel) fillVerdict(v *engine.Verdict) {
	if v == nil {
		return
	}
	if w := v.Worst; w != nil && w.Errors > 0 && v.Result != engine.Pass {
		m.FailedTenants = append(m.FailedTenants, failedTenant{ID: w.Tenant, Requests: w.Requests, Errors: w.Errors})
	}
	if len(v.Comparison) == 0 {
		return
	}
	m.Comparison = m.Comparison[:0]
	for _, c := range v.Comparison {
		m.Comparison = append(m.Comparison, comparisonModel{
			Metric: string(c.Metric), A: c.A, B: c.B, Advantage: c.Advantage, Decides: c.Decides, Word: c.Word,
			Least: c.Least, P: c.P, Detectable: c.Detectable, Significant: c.Significant,
		})
	}
}

// reachOf is a reach; its figures are null where they are unknown.
func reachOf(e engine.Exposure, unknown bool) *rolloutReach {
	if unknown {
		return &rolloutReach{}
	}
	return &rolloutReach{Tenants: types.Int64Value(int64(e.Tenants)), Instances: types.Int64Value(int64(e.Instances)), Share: types.Float64Value(e.Share)}
}

func (d *rolloutDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	whole := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	rows := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		}
	}
	reach := func(description string) schema.Attribute {
		return schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: description,
			Attributes: map[string]schema.Attribute{
				"tenants":   whole("Number of tenants."),
				"instances": whole("Number of instances."),
				"share":     number("Share of the traffic, percent."),
			},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A rollout: where it is, whom it reaches, and everything that happened in it. Reading it changes nothing.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.StringAttribute{Required: true, MarkdownDescription: "The environment, by its name."},
			"plugin_id":   schema.StringAttribute{Required: true, MarkdownDescription: "The plugin."},
			"rollout_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The rollout. Default: the one that began last; where there is none, everything else is null or empty.",
			},
			"strategy":     text("Its strategy."),
			"baseline":     text("Version that it began with; null where the plugin was not installed."),
			"candidate":    text("Version that it rolls out."),
			"restores":     text("Rollout whose effect it undoes, where it is a destroy."),
			"phase":        text("`progressing`, `held`, `paused`, `rolling_back`, `succeeded`, `rolled_back`, `retained` or `stuck`."),
			"outcome":      text("`succeeded`, `rolled_back`, `retained` or `stuck`; null while it has not ended."),
			"reason":       text("Why the phase is what it is."),
			"stage":        text("Stage that it is in, or ended in."),
			"progress":     whole("How much of the way forward is done, percent."),
			"started_at":   text("When it began, on the fleet's clock, RFC 3339."),
			"finished_at":  text("When it ended, on the fleet's clock, RFC 3339; null while it has not."),
			"duration":     text("Time from its first event to its last, ISO 8601."),
			"exposure":     reach("What the new version reached at the last look. Null figures: nobody could look after the last change."),
			"most_exposed": reach("The most that it reached. Null figures: nobody could look after a change."),
			"exposed_for":  text("How long tenants were on the new version, ISO 8601."),
			"failed_tenants": rows("The tenants that fared worst when a verdict was not a pass.", map[string]schema.Attribute{
				"id":       text("Id of the tenant."),
				"requests": whole("Its requests to the new version."),
				"errors":   whole("How many of them erred."),
			}),
			"comparison": rows("The table of an A/B test, once it was judged.", map[string]schema.Attribute{
				"metric":      text("The metric."),
				"a":           number("Value of A."),
				"b":           number("Value of B."),
				"advantage":   number("B's relative advantage: 0.05 is 5 % better, negative is worse."),
				"decides":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether B may win on it; the others only guard."},
				"word":        text("`better`, `worse`, `same`, `unknown` (A had none to compare with) or `no data`."),
				"least":       number("Lower 95 % bound of the advantage; 0 where the judge does not reckon with chance."),
				"p":           number("Probability of an advantage like this by chance; 0 where the judge does not reckon with chance."),
				"significant": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether B is better past chance, all decision metrics reckoned in."},
				"detectable": number("Least advantage that the test had a chance of 80 % to see; 0 where the judge does not reckon with " +
					"chance."),
			}),
			"timeline": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The rollout in lines to read, each with its time since the start.",
			},
			"events": rows("The journal.", map[string]schema.Attribute{
				"seq":   whole("Number of the event, from 0."),
				"at":    text("When it happened, on the fleet's clock, RFC 3339."),
				"kind":  text("What happened, as the journal calls it."),
				"stage": text("Stage in which it happened."),
				"text":  text("The event in words."),
			}),
		},
	}
}
