package provider

import (
	"math"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// specModel is a rollout as it is asked for, wherever one can be. Blocks are objects
// and not Go structs, because any of them may be unknown while Terraform plans.
type specModel struct {
	PluginID        types.String `tfsdk:"plugin_id"`
	Environment     types.String `tfsdk:"environment"`
	EnvironmentKind types.String `tfsdk:"environment_kind"`
	Version         types.String `tfsdk:"version"`
	Strategy        types.String `tfsdk:"strategy"`

	Direct    types.Object `tfsdk:"direct"`
	Canary    types.Object `tfsdk:"canary"`
	BlueGreen types.Object `tfsdk:"blue_green"`
	Rolling   types.Object `tfsdk:"rolling"`
	ABTesting types.Object `tfsdk:"ab_testing"`

	HoldTimeout   durationValue `tfsdk:"hold_timeout"`
	OnHoldTimeout types.String  `tfsdk:"on_hold_timeout"`
	Guards        types.String  `tfsdk:"guards"`

	RollbackTriggers types.Object `tfsdk:"rollback_triggers"`
	Analysis         types.Object `tfsdk:"analysis"`
}

// reading turns a model into a spec, and remembers what it could not know.
type reading struct {
	unknown  []string        // paths of values that are not known yet
	problems engine.Problems // what no spec can hold
}

// readSpec is the spec of m. Values that are unknown are left to their defaults.
func readSpec(m specModel) (engine.Spec, *reading) {
	r := &reading{}
	top := block{r: r, attrs: map[string]attr.Value{
		"plugin_id": m.PluginID, "environment": m.Environment, "environment_kind": m.EnvironmentKind, "version": m.Version, "strategy": m.Strategy,
		"direct": m.Direct, "canary": m.Canary, "blue_green": m.BlueGreen, "rolling": m.Rolling, "ab_testing": m.ABTesting,
		"hold_timeout": m.HoldTimeout, "on_hold_timeout": m.OnHoldTimeout, "guards": m.Guards,
		"rollback_triggers": m.RollbackTriggers, "analysis": m.Analysis,
	}}
	s := engine.Spec{
		PluginID:        value(top.text("plugin_id")),
		Environment:     engine.Environment(value(top.text("environment"))),
		EnvironmentKind: engine.Environment(value(top.text("environment_kind"))),
		Version:         value(top.text("version")),
		Direct:          readDirect(top), Canary: readCanary(top), BlueGreen: readBlueGreen(top),
		Rolling: readRolling(top), ABTesting: readABTesting(top),
		HoldTimeout:   top.duration("hold_timeout"),
		OnHoldTimeout: (*engine.Policy)(top.text("on_hold_timeout")), Guards: (*engine.GuardPolicy)(top.text("guards")),
		Triggers: readTriggers(top), Analysis: readAnalysis(top),
	}
	if strategy := top.text("strategy"); strategy != nil {
		s.Strategy = engine.Strategy(*strategy)
		if s.Strategy == "" {
			r.problems = append(r.problems, engine.Problem{Path: "strategy", Value: `""`, Rule: "is empty: leave it out for the default"})
		}
	}
	return s, r
}

// validate finds all that is wrong with what is known.
func (r *reading) validate(s engine.Spec) engine.Problems {
	var ps engine.Problems
	for _, p := range append(r.problems, s.Validate()...) {
		if !r.concernsUnknown(p.Path) {
			ps = append(ps, p)
		}
	}
	return ps
}

// concernsUnknown says whether a problem at path may come of a value that stands in
// for an unknown one.
func (r *reading) concernsUnknown(path string) bool {
	blocks := []string{"direct", "canary", "blue_green", "rolling", "ab_testing"}
	related := map[string][]string{
		"version":          {"ab_testing.variant_a", "ab_testing.variant_b"},
		"strategy":         blocks,
		"environment":      append(blocks, "environment_kind"),
		"environment_kind": append(blocks, "environment"),
	}
	for _, u := range r.unknown {
		if within(path, u) || within(u, path) && strings.Contains(path, ".") {
			return true
		}
		for _, other := range related[u] {
			if path == other {
				return true
			}
		}
	}
	return false
}

// within says whether path is outer or inside of it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// block is one settings block while it is read.
type block struct {
	r     *reading
	path  string
	attrs map[string]attr.Value
}

func (b block) at(name string) string {
	if b.path == "" {
		return name
	}
	return b.path + "." + name
}

// get is the value of an attribute, or nil where it is unset or unknown.
func (b block) get(name string) attr.Value {
	v := b.attrs[name]
	switch {
	case v == nil || v.IsNull():
		return nil
	case v.IsUnknown():
		b.r.unknown = append(b.r.unknown, b.at(name))
		return nil
	}
	return v
}

func (b block) block(name string) (block, bool) {
	o, ok := b.get(name).(types.Object)
	if !ok {
		return block{}, false
	}
	return block{r: b.r, path: b.at(name), attrs: o.Attributes()}, true
}

func (b block) text(name string) *string {
	if v, ok := b.get(name).(types.String); ok {
		return v.ValueStringPointer()
	}
	return nil
}

func (b block) flag(name string) *bool {
	if v, ok := b.get(name).(types.Bool); ok {
		return v.ValueBoolPointer()
	}
	return nil
}

func (b block) number(name string) *float64 {
	if v, ok := b.get(name).(types.Float64); ok {
		return v.ValueFloat64Pointer()
	}
	return nil
}

func (b block) long(name string) *int64 {
	if v, ok := b.get(name).(types.Int64); ok {
		return v.ValueInt64Pointer()
	}
	return nil
}

func (b block) whole(name string) *int {
	v := b.long(name)
	if v == nil {
		return nil
	}
	n := int(max(math.MinInt32, min(math.MaxInt32, *v))) // both ends are outside of every range
	return &n
}

// duration is nil for what is no duration: the type has said so on the attribute.
func (b block) duration(name string) *engine.Duration {
	v, ok := b.get(name).(durationValue)
	if !ok {
		return nil
	}
	d, err := engine.ParseDuration(v.ValueString())
	if err != nil {
		return nil
	}
	length := engine.Duration(d)
	return &length
}

// list is nil where the list is unset, or one of its elements is unknown or null.
func list[T any](b block, name string, read func(attr.Value) T) []T {
	v, ok := b.get(name).(types.List)
	if !ok {
		return nil
	}
	out := []T{}
	for _, e := range v.Elements() {
		if e.IsUnknown() {
			b.r.unknown = append(b.r.unknown, b.at(name))
			return nil
		}
		if e.IsNull() {
			b.r.problems = append(b.r.problems, engine.Problem{Path: b.at(name), Rule: "holds a null element"})
			return nil
		}
		out = append(out, read(e))
	}
	return out
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
