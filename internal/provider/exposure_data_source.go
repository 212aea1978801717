package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// exposureDataSource is the data source hotswap_exposure.
type exposureDataSource struct{ fleetReader }

var _ datasource.DataSourceWithConfigure = (*exposureDataSource)(nil)

func newExposureDataSource() datasource.DataSource { return &exposureDataSource{} }

func (d *exposureDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_exposure"
}

type exposureModel struct {
	Environment types.String      `tfsdk:"environment"`
	PluginID    types.String      `tfsdk:"plugin_id"`
	RolloutID   types.String      `tfsdk:"rollout_id"`
	After       types.String      `tfsdk:"tenants_after"`
	Limit       types.Int64       `tfsdk:"tenants_limit"`
	Next        types.String      `tfsdk:"tenants_next"`
	Known       types.Bool        `tfsdk:"known"`
	TenantCount types.Int64       `tfsdk:"tenant_count"`
	Tenants     []exposedTenant   `tfsdk:"tenants"`
	Instances   []exposedInstance `tfsdk:"instances"`
}

type exposedTenant struct {
	ID       string       `tfsdk:"id"`
	From     string       `tfsdk:"from"`
	To       types.String `tfsdk:"to"`
	Requests types.Int64  `tfsdk:"requests"`
	Errors   types.Int64  `tfsdk:"errors"`
}

type exposedInstance struct {
	ID   string       `tfsdk:"id"`
	From string       `tfsdk:"from"`
	To   types.String `tfsdk:"to"`
}

func (d *exposureDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m exposureModel
	for name, v := range map[string]any{
		"environment": &m.Environment, "plugin_id": &m.PluginID, "rollout_id": &m.RolloutID, "tenants_after": &m.After, "tenants_limit": &m.Limit,
	} {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), v)...)
	}
	s, ok := lookFor(ctx, d.conn, look, m.Environment, m.PluginID, &resp.Diagnostics)
	if !ok {
		return
	}
	ro, ok := chosenRollout(ctx, s, m.RolloutID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	if err := m.fill(ctx, s.meter, ro, s.now); err != nil {
		addError(&resp.Diagnostics, path.Empty(), "Cannot tell who was exposed", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// fill says whom a rollout exposed, a page of them.
func (m *exposureModel) fill(ctx context.Context, meter engine.Meter, ro *telling.Rollout, now time.Time) error {
	m.Tenants, m.Instances, m.Known, m.TenantCount = []exposedTenant{}, []exposedInstance{}, types.BoolValue(true), types.Int64Value(0)
	if ro == nil {
		return nil
	}
	m.RolloutID = types.StringValue(ro.Plan.Rollout)
	tenants, instances, err := engine.Spells(&ro.Plan, ro.Events)
	if err != nil {
		return err
	}
	t := telling.Tell(ro, now)
	served := servedBy(ctx, meter, ro, now)
	if len(tenants) == 0 && t.Exposes() { // the fleet alone knows who landed on what was changed
		tenants = spellsOf(served, ro, t)
		m.Known = types.BoolValue(len(tenants) > 0)
	}
	if t.Unseen != nil && len(tenants) == 0 {
		m.Known = types.BoolValue(false)
	}
	m.TenantCount = types.Int64Value(int64(len(tenants)))
	m.page(tenants, served)
	for _, i := range instances {
		m.Instances = append(m.Instances, exposedInstance{i.ID, i.From.UTC().Format(time.RFC3339), moment(i.To)})
	}
	return nil
}

// page keeps the tenants after m.After, m.Limit of them.
func (m *exposureModel) page(tenants []engine.Spell, served []engine.TenantCount) {
	from, _ := slices.BinarySearchFunc(tenants, m.After.ValueString(), func(s engine.Spell, after string) int { return strings.Compare(s.ID, after) })
	if from < len(tenants) && tenants[from].ID == m.After.ValueString() {
		from++
	}
	limit := int64(usualTenants)
	if !m.Limit.IsNull() {
		limit = m.Limit.ValueInt64()
	}
	to := min(len(tenants), from+int(limit))
	for _, s := range tenants[from:to] {
		row := exposedTenant{ID: s.ID, From: s.From.UTC().Format(time.RFC3339), To: moment(s.To)}
		at, found := slices.BinarySearchFunc(served, s.ID, func(c engine.TenantCount, id string) int { return strings.Compare(c.Tenant, id) })
		switch {
		case found:
			row.Requests, row.Errors = types.Int64Value(served[at].Requests), types.Int64Value(served[at].Errors)
		case served != nil:
			row.Requests, row.Errors = types.Int64Value(0), types.Int64Value(0)
		}
		m.Tenants = append(m.Tenants, row)
	}
	if to < len(tenants) {
		m.Next = types.StringValue(tenants[to-1].ID)
	}
}

// servedBy counts the requests that the candidate served, by tenant, sorted by id; nil
// where the fleet cannot say.
func servedBy(ctx context.Context, meter engine.Meter, ro *telling.Rollout, now time.Time) []engine.TenantCount {
	if !ro.State.Ended.IsZero() && ro.State.Ended.Before(now) && ro.State.Outcome != engine.Succeeded {
		now = ro.State.Ended
	}
	a, err := meter.Measure(ctx, engine.Question{
		Rollout: ro.Plan.Rollout, Version: ro.Plan.Candidate, From: ro.Began(), To: now, Candidate: engine.WantCounts | engine.WantByTenant,
	})
	if err != nil || a.Candidate.PerTenant == nil {
		return nil
	}
	served := slices.Clone(a.Candidate.PerTenant)
	slices.SortFunc(served, func(a, b engine.TenantCount) int { return strings.Compare(a.Tenant, b.Tenant) })
	return served
}

// spellsOf are those of the tenants that a fleet says were served, where the journal does
// not know them: as long as anybody was exposed.
func spellsOf(served []engine.TenantCount, ro *telling.Rollout, t *telling.Story) []engine.Spell {
	from, to := exposedFrom(ro), time.Time{}
	if ro.State.Outcome == engine.RolledBack || ro.State.Outcome == engine.Retained {
		to = from.Add(t.ExposedFor)
	}
	var out []engine.Spell
	for _, c := range served {
		if c.Requests > 0 {
			out = append(out, engine.Spell{ID: c.Tenant, From: from, To: to})
		}
	}
	return out
}

// exposedFrom is when the first change was made that exposes tenants.
func exposedFrom(ro *telling.Rollout) time.Time {
	for _, e := range ro.Events {
		if e.Kind == engine.Made && e.Stage < len(ro.Plan.Stages) && ro.Plan.Stages[e.Stage].Exposure.Tenants > 0 {
			return e.At
		}
	}
	return time.Time{}
}

func (d *exposureDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	whole := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	rows := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who was exposed to the new version of a rollout: which tenants and instances, from when to when. Reading it changes " +
			"nothing. Tenants are told a page at a time.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.StringAttribute{Required: true, MarkdownDescription: "Environment of the fleet."},
			"plugin_id":   schema.StringAttribute{Required: true, MarkdownDescription: "The plugin."},
			"rollout_id": schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The rollout. Default: the one that began " +
				"last; where there is none, nobody was exposed."},
			"tenants_after": schema.StringAttribute{Optional: true, MarkdownDescription: "Id after which the page of `tenants` begins: `tenants_next` of the page " +
				"before. Default: the first."},
			"tenants_limit": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, mostTenants)},
				MarkdownDescription: fmt.Sprintf("Most tenants of a page, 1 to %d. Default `%d`.", mostTenants, usualTenants),
			},
			"tenants_next": text("Id of the last of `tenants`, where there are more: the `tenants_after` of the next page. Null on the last page."),
			"known":        schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all that were exposed are known: `false` where nobody could look, or the fleet has forgotten."},
			"tenant_count": whole("How many tenants were exposed, on all pages."),
			"tenants": rows("The tenants, by id. Where a strategy changes instances or routes and not tenants, those that the fleet served with the new version.", map[string]schema.Attribute{
				"id":       text("Id of the tenant."),
				"from":     text("When it was moved to the new version, on the fleet's clock, RFC 3339. Where instances or routes are changed and not tenants: when the first was."),
				"to":       text("When it was moved back; null while the new version serves it."),
				"requests": whole("Its requests to the new version; null where the fleet cannot say."),
				"errors":   whole("How many of them erred; null where the fleet cannot say."),
			}),
			"instances": rows("The instances that could serve the new version, by id; those of a second slot are not among them.", map[string]schema.Attribute{
				"id":   text("Id of the instance."),
				"from": text("From when, on the fleet's clock, RFC 3339."),
				"to":   text("Until when; null while it can."),
			}),
		},
	}
}
