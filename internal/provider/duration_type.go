package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// durationType is a string that says a length of time, in ISO 8601 (PT10M) or in
// Go's form (10m). The two spellings of one length are never a difference.
type durationType struct{ basetypes.StringType }

var _ basetypes.StringTypable = durationType{}

func (durationType) String() string { return "duration" }

func (t durationType) Equal(o attr.Type) bool {
	_, ok := o.(durationType)
	return ok
}

func (durationType) ValueType(context.Context) attr.Value { return durationValue{} }

func (durationType) ValueFromString(_ context.Context, v basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return durationValue{v}, nil
}

func (t durationType) ValueFromTerraform(ctx context.Context, v tftypes.Value) (attr.Value, error) {
	s, err := t.StringType.ValueFromTerraform(ctx, v)
	if err != nil {
		return nil, err
	}
	str, ok := s.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("a duration is a string, not %T", s)
	}
	return durationValue{str}, nil
}

// durationValue is a value of durationType.
type durationValue struct{ basetypes.StringValue }

var (
	_ basetypes.StringValuableWithSemanticEquals = durationValue{}
	_ xattr.ValidateableAttribute                = durationValue{}
)

func (durationValue) Type(context.Context) attr.Type { return durationType{} }

func (v durationValue) Equal(o attr.Value) bool {
	other, ok := o.(durationValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals says whether both are the same length of time.
func (v durationValue) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(durationValue)
	return ok && v.sameLength(other), nil
}

func (v durationValue) sameLength(o durationValue) bool {
	a, errA := engine.ParseDuration(v.ValueString())
	b, errB := engine.ParseDuration(o.ValueString())
	return errA == nil && errB == nil && a == b
}

// ValidateAttribute refuses what is no duration, on the attribute itself.
func (v durationValue) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	if _, err := engine.ParseDuration(v.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", sentence(err.Error()))
	}
}

// keepSpelling plans the spelling that the state has where the configuration
// spells the same length differently.
type keepSpelling struct{}

func (keepSpelling) Description(context.Context) string {
	return "PT10M and 10m are the same: changing the spelling is no change."
}

func (k keepSpelling) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

func (keepSpelling) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.StateValue.IsUnknown() || req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if (durationValue{req.StateValue}).sameLength(durationValue{req.ConfigValue}) {
		resp.PlanValue = req.StateValue
	}
}
