package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// plainText is the validator of what a person wrote and others read in a terminal: one
// line, without a character that does something instead of being seen.
type plainText struct{}

// Description implements validator.String.
func (plainText) Description(context.Context) string { return "one line of printable characters" }

// MarkdownDescription implements validator.String.
func (v plainText) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (plainText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if v := req.ConfigValue.ValueString(); engine.Visible(v) != v || strings.ContainsAny(v, "\n\t") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid decision", fmt.Sprintf("%s: %q is not one line of printable characters.",
			req.Path, engine.Shortened(v)))
	}
}
