package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

var _ provider.ProviderWithValidateConfig = (*hotswap)(nil)

// ValidateConfig says all that is wrong with the fleet's settings, as far as they
// are known. Whether there is a fleet at all is asked when one is needed.
func (p *hotswap) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.checkEnvironments(&resp.Diagnostics)
	switch m.kind(&resp.Diagnostics) {
	case simulatedFleet:
		if !m.Simulated.IsUnknown() {
			_, diags := readSimulated(ctx, m.Simulated)
			resp.Diagnostics.Append(diags...)
		}
	case realFleet:
		if m.known(ctx) {
			m.readFleet(ctx, p.version, &resp.Diagnostics)
		}
	case throughServer:
		if m.known(ctx) {
			m.readController(p.version, &resp.Diagnostics)
		}
	}
	m.blockingWait(&resp.Diagnostics)
}

// simulatedSettings are the block as the simulator wants it.
type simulatedSettings struct {
	config    simulator.Config
	path      string
	timeScale float64
}

// readSimulated reads the block. What is unknown is left to its default.
func readSimulated(ctx context.Context, o types.Object) (s simulatedSettings, diags diag.Diagnostics) {
	at, b := path.Root("simulated"), blockOf(o, "simulated")
	s = simulatedSettings{config: simulator.DefaultConfig(), path: cmp.Or(os.Getenv(statePathVariable), ".hotswap/fleet")}
	s.readOwn(b)
	if file := b.text("scenario"); file != nil {
		played, found := readScenario(*file, at.AtName("scenario"))
		diags.Append(found...)
		if found.HasError() {
			return s, diags
		}
		s.config = played.Config(played.Seed)
	}
	if keep := b.long("keep_rollouts"); keep != nil {
		if s.config.KeepRollouts = int(*keep); *keep < 1 || *keep > 10_000 { // 0 is the simulator's word for its default
			diags.AddAttributeError(at.AtName("keep_rollouts"), invalidFleet, fmt.Sprintf("keep_rollouts: %d is not in 1..10000.", *keep))
			s.config.KeepRollouts = 0
		}
	}
	settleFleet(ctx, b, &s.config)
	s.config.Left = b.left()
	if s.path == "" {
		diags.AddAttributeError(at.AtName("state_path"), invalidFleet, "state_path: is empty: leave it out for the default.")
	}
	if !(s.timeScale >= 0 && s.timeScale <= 1e9) {
		diags.AddAttributeError(at.AtName("time_scale"), invalidFleet, "time_scale: is not in 0..1e9.")
	}
	if err := s.config.Validate(); err != nil {
		addError(&diags, path.Empty(), invalidFleet, err)
	}
	diags.Append(idleFleet(ctx, o, s.config)...)
	return s, diags
}

// readOwn reads what the block says of the fleet's folder and clock.
func (s *simulatedSettings) readOwn(b block) {
	if folder := b.text("state_path"); folder != nil {
		s.path = *folder
	}
	if scale := b.number("time_scale"); scale != nil {
		s.timeScale = *scale
	}
}

// settleFleet puts what is set and known over what c says. Plugins and versions are
// put beside those that c knows.
func settleFleet(ctx context.Context, b block, c *simulator.Config) {
	b.settle(reflect.ValueOf(c).Elem())
	if m, ok := b.get("installed").(types.Map); ok && wholly(ctx, m) {
		installed := map[string]string{}
		for plugin, v := range m.Elements() {
			if version, ok := v.(types.String); ok && !version.IsNull() { // null is as if it were not there
				installed[plugin] = version.ValueString()
			}
		}
		c.Installed = over(c.Installed, installed)
	}
	if m, ok := b.get("versions").(types.Map); ok {
		c.Versions = over(c.Versions, settleVersions(m, c.Versions))
	}
	if m, ok := b.get("can").(types.Map); ok {
		c.Can = over(c.Can, settleCan(m))
	}
	if weights := b.numbers("tenant_weights"); weights != nil {
		c.TenantWeights = weights
	}
	if metrics, ok := b.block("metrics"); ok {
		settleMetrics(metrics, &c.Metrics)
	}
}

// settleVersions are the versions of a block, over what is known of them.
func settleVersions(m types.Map, known map[string]simulator.Behaviour) map[string]simulator.Behaviour {
	behaviours := map[string]simulator.Behaviour{}
	for version, v := range m.Elements() {
		if v.IsNull() {
			continue
		}
		behaviour, ok := known[version]
		if !ok {
			behaviour = simulator.DefaultBehaviour()
		}
		if o, ok := v.(types.Object); ok {
			blockOf(o, "").settle(reflect.ValueOf(&behaviour).Elem())
		}
		behaviours[version] = behaviour
	}
	return behaviours
}

// settleCan is what a block says that a fleet can, and cannot.
func settleCan(m types.Map) map[engine.Capability]bool {
	can := map[engine.Capability]bool{}
	for what, v := range m.Elements() {
		if has, ok := v.(types.Bool); ok && !has.IsNull() && !has.IsUnknown() {
			can[engine.Capability(what)] = has.ValueBool()
		}
	}
	return can
}

// settleMetrics puts what is set and known over what m says.
func settleMetrics(b block, m *simulator.Metrics) {
	b.settle(reflect.ValueOf(m).Elem())
	if d := b.duration("resolution"); d != nil {
		m.Resolution = *d
	}
	if d := b.duration("delay"); d != nil {
		m.Delay = *d
	}
	if by := b.flag("by_tenant"); by != nil {
		m.ByTenant = *by
	}
	if bounds := b.numbers("bounds"); bounds != nil {
		m.Bounds = bounds
	}
}

// numbers is a list of numbers; nil: it is not set, or not known.
func (b block) numbers(name string) []float64 {
	return list(b, name, func(v attr.Value) float64 { n, _ := v.(types.Float64); return n.ValueFloat64() })
}

// left are the settings that the block leaves to what a fleet was made with. A
// scenario leaves none: what it does not say is its default.
func (b block) left() []string {
	if b.text("scenario") != nil {
		return nil
	}
	return slices.DeleteFunc(simulator.Held(), func(name string) bool {
		v := b.get(name)
		return v != nil && !v.IsNull()
	})
}

// blockOf is an object as a block of its own.
func blockOf(o types.Object, at string) block {
	return block{r: &reading{}, path: at, attrs: o.Attributes()}
}

// settle puts each number that is set and known into the field of a struct that has
// its name in JSON. So the simulator's settings need no second list here.
func (b block) settle(to reflect.Value) {
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("json"), ",")
		if v := b.number(name); v != nil {
			to.Field(i).SetFloat(*v)
		}
		if v := b.long(name); v != nil {
			to.Field(i).SetInt(*v)
		}
	}
}

// over is a map with everything in below, and everything in above in its place.
func over[K comparable, V any](below, above map[K]V) map[K]V {
	all := maps.Clone(above)
	if all == nil {
		all = map[K]V{}
	}
	for name, v := range below {
		if _, ok := all[name]; !ok {
			all[name] = v
		}
	}
	return all
}

const invalidFleet = "Invalid simulated fleet"

// take copies v into to where it is set and known.
func take[V attr.Value, T any](v V, to *T, read func(V) T) {
	if !v.IsNull() && !v.IsUnknown() {
		*to = read(v)
	}
}
