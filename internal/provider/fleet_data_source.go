package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// fleetDataSource is the data source hotswap_fleet.
type fleetDataSource struct{ fleetReader }

var _ datasource.DataSourceWithConfigure = (*fleetDataSource)(nil)

func newFleetDataSource() datasource.DataSource { return &fleetDataSource{} }

func (d *fleetDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fleet"
}

type fleetModel struct {
	Environment   types.String            `tfsdk:"environment"`
	PluginID      types.String            `tfsdk:"plugin_id"`
	WithTenants   types.Bool              `tfsdk:"with_tenants"`
	TenantsAfter  types.String            `tfsdk:"tenants_after"`
	TenantsLimit  types.Int64             `tfsdk:"tenants_limit"`
	TenantsNext   types.String            `tfsdk:"tenants_next"`
	TenantCount   types.Int64             `tfsdk:"tenant_count"`
	ActiveVersion types.String            `tfsdk:"active_version"`
	ActiveSlot    types.String            `tfsdk:"active_slot"`
	Versions      map[string]fleetVersion `tfsdk:"versions"`
	Split         map[string]float64      `tfsdk:"split"`
	Slots         map[string]fleetSlot    `tfsdk:"slots"`
	Instances     []fleetInstance         `tfsdk:"instances"`
	Tenants       []fleetTenant           `tfsdk:"tenants"`
}

type fleetVersion struct {
	Instances int64 `tfsdk:"instances"`
	Tenants   int64 `tfsdk:"tenants"`
}

type fleetSlot struct {
	Instances int64   `tfsdk:"instances"`
	Percent   float64 `tfsdk:"percent"`
}

type fleetInstance struct {
	ID        string       `tfsdk:"id"`
	Slot      string       `tfsdk:"slot"`
	Version   types.String `tfsdk:"version"`
	Installed []string     `tfsdk:"installed"`
	Ready     bool         `tfsdk:"ready"`
}

type fleetTenant struct {
	ID     string       `tfsdk:"id"`
	Weight float64      `tfsdk:"weight"`
	Pin    types.String `tfsdk:"pin"`
}

func (d *fleetDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	whole := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	object := func(attributes map[string]schema.Attribute) schema.NestedAttributeObject {
		return schema.NestedAttributeObject{Attributes: attributes}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The fleet of a plugin in an environment, as it is now. Reading it changes nothing.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.StringAttribute{Required: true, MarkdownDescription: "The environment, by its name."},
			"plugin_id":   schema.StringAttribute{Required: true, MarkdownDescription: "The plugin."},
			"with_tenants": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether `tenants` is filled in. Default `false`. A page at " +
				"a time: all that is read is in the state, some 100 bytes a tenant."},
			"tenants_after": schema.StringAttribute{Optional: true, MarkdownDescription: "Id after which `tenants` begins: the `tenants_next` of " +
				"the page before. Default: at the first."},
			"tenants_limit": schema.Int64Attribute{Optional: true, MarkdownDescription: "Length of a page of `tenants`, 1 to 10000. Default `1000`."},
			"tenants_next": text("Id of the last of `tenants`, where there are more: the `tenants_after` of the next page. Null on the last page, " +
				"and unless `with_tenants` is set."),
			"tenant_count":   whole("How many tenants there are in all."),
			"active_version": text("Version that most instances which serve run; null where the plugin is not installed."),
			"active_slot":    text("Slot that takes the most traffic."),
			"versions": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "Who runs what, by version.",
				NestedObject: object(map[string]schema.Attribute{
					"instances": whole("Instances whose default the version is."),
					"tenants":   whole("Tenants that it serves; those that are not pinned are shared out by the routes."),
				}),
			},
			"split": schema.MapAttribute{
				Computed: true, ElementType: types.Float64Type,
				MarkdownDescription: "Share of the expected traffic, percent, by version.",
			},
			"slots": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The slots, by name.",
				NestedObject: object(map[string]schema.Attribute{
					"instances": whole("Instances in the slot."),
					"percent":   schema.Float64Attribute{Computed: true, MarkdownDescription: "Share of the traffic that is routed to the slot, percent."},
				}),
			},
			"instances": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The instances, by id.",
				NestedObject: object(map[string]schema.Attribute{
					"id":      text("Id of the instance."),
					"slot":    text("Slot that it is in."),
					"version": text("Version that it serves by default; null where the plugin is not installed."),
					"installed": schema.ListAttribute{
						Computed: true, ElementType: types.StringType, MarkdownDescription: "Every version that is installed on it.",
					},
					"ready": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it takes traffic."},
				}),
			},
			"tenants": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The tenants, by id; null unless `with_tenants` is set.",
				NestedObject: object(map[string]schema.Attribute{
					"id":     text("Id of the tenant."),
					"weight": schema.Float64Attribute{Computed: true, MarkdownDescription: "Its traffic, relative to the other tenants'."},
					"pin":    text("Version that it is held to; null where it follows its instance."),
				}),
			},
		},
	}
}

func (d *fleetDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m fleetModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("environment"), &m.Environment)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("plugin_id"), &m.PluginID)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("with_tenants"), &m.WithTenants)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("tenants_after"), &m.TenantsAfter)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("tenants_limit"), &m.TenantsLimit)...)
	if n := m.TenantsLimit; !n.IsNull() && (n.ValueInt64() < 1 || n.ValueInt64() > mostTenants) {
		resp.Diagnostics.AddAttributeError(path.Root("tenants_limit"), "No such page", fmt.Sprintf("tenants_limit: %d is not in 1..%d.", n.ValueInt64(), mostTenants))
	}
	s, ok := lookFor(ctx, d.conn, lookAtAll, m.Environment, m.PluginID, &resp.Diagnostics)
	if !ok {
		return
	}
	m.fill(s.snapshot)
	if next := m.TenantsNext; !next.IsNull() && m.TenantsLimit.IsNull() && m.TenantsAfter.IsNull() {
		resp.Diagnostics.AddAttributeWarning(path.Root("with_tenants"), "Not all tenants are listed", fmt.Sprintf("There are %d tenants, and tenants has "+
			"the first %d: set tenants_limit, and read on with tenants_after = %q.", m.TenantCount.ValueInt64(), len(m.Tenants), next.ValueString()))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// looking is how a world is looked at: look or lookAtAll.
type looking func(ctx context.Context, conn *connection, e engine.Environment, plugin string) (sight, error)

// lookFor is look for a data source, which has its own words for bad input.
func lookFor(ctx context.Context, conn *connection, look looking, environment, plugin types.String, diags *diag.Diagnostics) (sight, bool) {
	if diags.HasError() {
		return sight{}, false
	}
	if !conn.known() {
		diags.AddError("The fleet is not known", "The provider's configuration depends on values that are not known yet, so this can only be "+
			"read when they are.")
		return sight{}, false
	}
	env := engine.Environment(environment.ValueString())
	if ps := engine.CheckAddress(env, plugin.ValueString()); len(ps) > 0 {
		addProblems(diags, path.Empty(), "No such fleet", ps)
		return sight{}, false
	}
	s, ok := conn.caughtUp(ctx, look, env, plugin.ValueString(), diags)
	if ok && !env.IsKind() && s.rollout == nil { // a slip of the pen?
		diags.AddAttributeWarning(path.Root("environment"), "Nothing was rolled out there yet", fmt.Sprintf("%q is not one of Development, QA, Staging, "+
			"Production, and no rollout of %s has begun in an environment of that name: what is read is a new fleet.", env, plugin.ValueString()))
	}
	return s, ok
}

func (m *fleetModel) fill(s engine.Snapshot) {
	m.ActiveVersion, m.ActiveSlot = orNull(s.Baseline()), orNull(s.ActiveSlot())
	m.Versions, m.Split, m.Slots = map[string]fleetVersion{}, map[string]float64{}, map[string]fleetSlot{}
	m.Instances = []fleetInstance{}
	for _, r := range s.Routes {
		m.Slots[r.Slot] = fleetSlot{Percent: r.Percent}
	}
	for _, i := range s.Instances {
		m.Instances = append(m.Instances, fleetInstance{
			ID: i.ID, Slot: i.Slot, Version: orNull(i.Default), Installed: append([]string{}, i.Installed...), Ready: i.Ready,
		})
		slot := m.Slots[i.Slot]
		slot.Instances++
		m.Slots[i.Slot] = slot
		if i.Default != "" {
			v := m.Versions[i.Default]
			v.Instances++
			m.Versions[i.Default] = v
		}
	}
	m.fillTenants(s)
}

// fillTenants shares the traffic out: a pinned tenant is its version's, all others
// land on instances as the routes say.
func (m *fleetModel) fillTenants(s engine.Snapshot) {
	pinned, weights := map[string]int{}, map[string]float64{}
	followers, followersWeight, whole := 0, 0.0, 0.0
	for _, t := range s.Tenants {
		whole += t.Weight
		if t.Pin == "" {
			followers, followersWeight = followers+1, followersWeight+t.Weight
		} else {
			pinned[t.Pin]++
			weights[t.Pin] += t.Weight
		}
	}
	m.TenantCount = types.Int64Value(int64(len(s.Tenants)))
	if m.WithTenants.ValueBool() {
		m.pageTenants(s.Tenants)
	}
	for version := range pinned {
		if _, ok := m.Versions[version]; !ok {
			m.Versions[version] = fleetVersion{}
		}
	}
	landing := m.landing(s)
	for version, v := range m.Versions {
		v.Tenants = int64(pinned[version]) + int64(float64(followers)*landing[version]+0.5)
		m.Versions[version] = v
		if whole > 0 {
			m.Split[version] = engine.Percent(weights[version]+followersWeight*landing[version], whole)
		}
	}
}

// The length of a page of tenants.
const (
	usualTenants = 1_000
	mostTenants  = 10_000
)

// pageTenants fills one page of the tenants in, which are sorted by id.
func (m *fleetModel) pageTenants(all []engine.Tenant) {
	from := 0
	if after := m.TenantsAfter.ValueString(); after != "" {
		at, found := slices.BinarySearchFunc(all, after, func(t engine.Tenant, id string) int { return cmp.Compare(t.ID, id) })
		if from = at; found {
			from++
		}
	}
	limit := usualTenants
	if !m.TenantsLimit.IsNull() {
		limit = int(m.TenantsLimit.ValueInt64())
	}
	page := all[from:min(len(all), from+limit)]
	m.Tenants = make([]fleetTenant, 0, len(page))
	for _, t := range page {
		m.Tenants = append(m.Tenants, fleetTenant{ID: t.ID, Weight: t.Weight, Pin: orNull(t.Pin)})
	}
	if from+len(page) < len(all) {
		m.TenantsNext = types.StringValue(page[len(page)-1].ID)
	}
}

// landing is the share of unpinned traffic that each version gets, 0..1.
func (m *fleetModel) landing(s engine.Snapshot) map[string]float64 {
	landing := map[string]float64{}
	for _, i := range s.Instances {
		if slot := m.Slots[i.Slot]; slot.Instances > 0 {
			landing[i.Default] += slot.Percent / 100 / float64(slot.Instances)
		}
	}
	return landing
}
