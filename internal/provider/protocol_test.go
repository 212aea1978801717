package provider

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const deploymentType = "hotswap_plugin_deployment"

// core plays Terraform: it plans and applies one resource over the protocol, and
// keeps what Terraform would keep, without a binary.
type core struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	typ    tftypes.Object // of the resource

	state    tftypes.Value // null: there is none
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// newCore serves a provider whose fleets are w.
func newCore(t *testing.T, w worlds) *core {
	t.Helper()
	w = nearOrFar(t, w)
	p := &hotswap{version: "test", connect: func(context.Context, types.Object) (worlds, diag.Diagnostics) { return w, nil }}
	c := &core{t: t, server: providerserver.NewProtocol6(p)()}
	c.start(map[string]any{"simulated": map[string]any{}})
	return c
}

func (c *core) start(provider map[string]any) {
	c.t.Helper()
	schema, err := schemas()
	c.must(err, nil)
	c.typ = schema.ResourceSchemas[deploymentType].ValueType().(tftypes.Object)
	c.state = tftypes.NewValue(c.typ, nil)
	typ := schema.Provider.ValueType()
	configured, err := c.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: dynamic(c.t, typ, build(c.t, typ, provider)),
	})
	c.must(err, configured.Diagnostics)
}

// schemas are the provider's, which are the same in every test.
var schemas = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	server := providerserver.NewProtocol6(New("test")())()
	return server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

func (c *core) must(err error, diags []*tfprotov6.Diagnostic) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	if text := errorsIn(diags); text != "" {
		c.t.Fatal(text)
	}
}

// validate returns the diagnostics of a configuration.
func (c *core) validate(config map[string]any) []*tfprotov6.Diagnostic {
	c.t.Helper()
	resp, err := c.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: deploymentType, Config: dynamic(c.t, c.typ, build(c.t, c.typ, config)),
	})
	c.must(err, nil)
	return resp.Diagnostics
}

// refresh is Read.
func (c *core) refresh() []*tfprotov6.Diagnostic {
	c.t.Helper()
	if c.state.IsNull() {
		return nil
	}
	resp, err := c.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: deploymentType, CurrentState: dynamic(c.t, c.typ, c.state), Private: c.private, CurrentIdentity: c.identity,
	})
	c.must(err, nil)
	c.state = c.read(resp.NewState)
	c.private, c.identity = resp.Private, resp.NewIdentity
	return resp.Diagnostics
}

// plan is PlanResourceChange; a nil config plans a destroy.
func (c *core) plan(config map[string]any) (*tfprotov6.PlanResourceChangeResponse, tftypes.Value) {
	c.t.Helper()
	conf := tftypes.NewValue(c.typ, nil)
	proposed := conf
	if config != nil {
		conf = build(c.t, c.typ, config)
		proposed = c.propose(conf)
	}
	prior := c.state
	if c.tainted {
		prior = tftypes.NewValue(c.typ, nil)
	}
	resp, err := c.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: deploymentType, PriorState: dynamic(c.t, c.typ, prior), ProposedNewState: dynamic(c.t, c.typ, proposed),
		Config: dynamic(c.t, c.typ, conf), PriorPrivate: c.private, PriorIdentity: c.identity,
	})
	c.must(err, nil)
	if errorsIn(resp.Diagnostics) != "" {
		return resp, tftypes.Value{}
	}
	return resp, c.read(resp.PlannedState)
}

// propose fills what the configuration leaves out with the state, as Terraform does
// for computed attributes.
func (c *core) propose(config tftypes.Value) tftypes.Value {
	c.t.Helper()
	if c.state.IsNull() {
		return config
	}
	attrs := maps.Clone(attributes(c.t, config)) // config keeps its own
	prior := attributes(c.t, c.state)
	for _, name := range []string{
		"strategy", "on_hold", "on_interrupt", "on_timeout", "on_destroy", "id", "rollout_id", "status", "outcome", "reason", "active_version",
		"previous_version", "affected_tenants", "started_at", "finished_at", "stages", "summary", "wait_for_completion",
	} {
		if attrs[name].IsNull() {
			attrs[name] = prior[name]
		}
	}
	return tftypes.NewValue(c.typ, attrs)
}

// apply refreshes, plans and applies, as `terraform apply` does. It returns all
// diagnostics.
func (c *core) apply(ctx context.Context, config map[string]any) []*tfprotov6.Diagnostic {
	c.t.Helper()
	diags := c.refresh()
	if c.tainted {
		return append(diags, c.replace(ctx, config)...)
	}
	planned, value := c.plan(config)
	diags = append(diags, planned.Diagnostics...)
	if errorsIn(planned.Diagnostics) != "" {
		return diags
	}
	if value.Equal(c.state) {
		return diags
	}
	return append(diags, c.applyPlan(ctx, config, planned, value)...)
}

// replace plans a replacement as Terraform does, destroys, plans the create once more,
// and applies that: of a tainted resource the create's plan sees nothing, of any other
// one what is kept beside the state.
func (c *core) replace(ctx context.Context, config map[string]any) []*tfprotov6.Diagnostic {
	c.t.Helper()
	state, private := c.state, c.private
	if c.tainted {
		c.private = nil
	} else {
		first, _ := c.plan(config)
		c.private = first.PlannedPrivate
	}
	c.state = tftypes.NewValue(c.typ, nil)
	planned, value := c.plan(config)
	c.state, c.private = state, private
	diags := planned.Diagnostics
	if errorsIn(diags) != "" {
		return diags
	}
	diags = append(diags, c.destroyAs(ctx, planned.PlannedPrivate)...)
	if !c.state.IsNull() {
		return diags
	}
	return append(diags, c.applyFinally(ctx, config, value)...)
}

// applyFinally plans a create for the second time and applies it.
func (c *core) applyFinally(ctx context.Context, config map[string]any, value tftypes.Value) []*tfprotov6.Diagnostic {
	c.t.Helper()
	final, last := c.finally(config, value)
	if errorsIn(final.Diagnostics) != "" {
		return final.Diagnostics
	}
	return append(final.Diagnostics, c.applyPlan(ctx, config, final, last)...)
}

// finally plans a create for the second time, and checks what Terraform checks.
func (c *core) finally(config map[string]any, value tftypes.Value) (*tfprotov6.PlanResourceChangeResponse, tftypes.Value) {
	c.t.Helper()
	final, last := c.plan(config)
	if errorsIn(final.Diagnostics) != "" {
		return final, last
	}
	now := attributes(c.t, last)
	for name, v := range attributes(c.t, value) {
		if v.IsFullyKnown() && !v.Equal(now[name]) {
			c.t.Errorf("inconsistent final plan: %s was %s and is %s", name, v, now[name])
		}
	}
	return final, last
}

// applyPlan is ApplyResourceChange, with Terraform's checks of what comes back.
func (c *core) applyPlan(ctx context.Context, config map[string]any, planned *tfprotov6.PlanResourceChangeResponse, value tftypes.Value) []*tfprotov6.Diagnostic {
	c.t.Helper()
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: deploymentType, PriorState: dynamic(c.t, c.typ, c.state), PlannedState: planned.PlannedState,
		Config: dynamic(c.t, c.typ, build(c.t, c.typ, config)), PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	c.must(err, nil)
	created := c.state.IsNull()
	failed := errorsIn(resp.Diagnostics) != ""
	c.state, c.private, c.identity = c.read(resp.NewState), resp.Private, resp.NewIdentity
	c.tainted = failed && created && !c.state.IsNull()
	if !failed {
		c.consistent(value)
	}
	return resp.Diagnostics
}

// consistent checks what Terraform checks: what was known when planning is so.
func (c *core) consistent(planned tftypes.Value) {
	c.t.Helper()
	now := attributes(c.t, c.state)
	for name, v := range attributes(c.t, planned) {
		if v.IsFullyKnown() && !v.Equal(now[name]) {
			c.t.Errorf("inconsistent result: %s was planned as %s and is %s", name, v, now[name])
		}
		if !now[name].IsFullyKnown() {
			c.t.Errorf("%s is unknown after the apply", name)
		}
	}
}

// destroy plans a destroy and applies it.
func (c *core) destroy(ctx context.Context) []*tfprotov6.Diagnostic {
	c.t.Helper()
	planned, _ := c.plan(nil)
	c.must(nil, planned.Diagnostics)
	return append(planned.Diagnostics, c.destroyAs(ctx, planned.PlannedPrivate)...)
}

// destroyAs is the apply of a destroy that was planned with this private state.
func (c *core) destroyAs(ctx context.Context, private []byte) []*tfprotov6.Diagnostic {
	c.t.Helper()
	null := tftypes.NewValue(c.typ, nil)
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: deploymentType, PriorState: dynamic(c.t, c.typ, c.state), PlannedState: dynamic(c.t, c.typ, null),
		Config: dynamic(c.t, c.typ, null), PlannedPrivate: private,
	})
	c.must(err, nil)
	c.state = c.read(resp.NewState)
	if c.private = resp.Private; c.state.IsNull() {
		c.private, c.identity, c.tainted = nil, nil, false
	}
	return resp.Diagnostics
}

// importState imports a deployment, by its id or by its identity.
func (c *core) importState(id string, identity *tfprotov6.ResourceIdentityData) []*tfprotov6.Diagnostic {
	c.t.Helper()
	resp, err := c.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{
		TypeName: deploymentType, ID: id, Identity: identity,
	})
	c.must(err, nil)
	if errorsIn(resp.Diagnostics) != "" {
		return resp.Diagnostics
	}
	c.state, c.private, c.identity = c.read(resp.ImportedResources[0].State), resp.ImportedResources[0].Private, resp.ImportedResources[0].Identity
	return append(resp.Diagnostics, c.refresh()...)
}

func (c *core) read(d *tfprotov6.DynamicValue) tftypes.Value {
	c.t.Helper()
	v, err := d.Unmarshal(c.typ)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// get is an attribute of the state as text; "" where it is null.
func (c *core) get(name string) string {
	c.t.Helper()
	if c.state.IsNull() {
		return ""
	}
	return textOf(c.t, attributes(c.t, c.state)[name])
}
