package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// What this resource has to remember beyond its attributes is kept as one JSON
// value beside the state.
const (
	privateKey    = "deployment"
	privateFormat = 1
)

// memory is that value.
type memory struct {
	Format    int    `json:"format"`
	Completed string `json:"completed,omitempty"` // the rollout that this resource completed last
	Claim     string `json:"claim,omitempty"`     // by which this resource owns a rollout that it took over, see claimsFile
	Seen      string `json:"seen,omitempty"`      // the fleet when the state was written, see fingerprint
	At        string `json:"at,omitempty"`        // where the rollout in flight was then, see whereabouts
	Target    string `json:"target,omitempty"`    // ENVIRONMENT/PLUGIN: a replacement may be planned with the memory of another one
}

type (
	keeper interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
	teller interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
)

// fingerprint is what of a fleet decides which rollout another version needs.
//
// Terraform plans a second time right before it applies, and calls it a bug of the
// provider when the second plan differs from the first. An update can do better:
// the state that both plans begin with remembers what the fleet looked like, so the
// second one can say that it changed.
func fingerprint(s sight) string {
	last := ""
	if s.rollout != nil {
		last = s.rollout.Plan.Rollout
	}
	return fmt.Sprintf("%s after %s", telling.Named(s.head.Baseline()), telling.Named(last))
}

// remember keeps m beside the state.
func remember(ctx context.Context, k keeper, m memory) (diags diag.Diagnostics) {
	m.Format = privateFormat
	data, err := json.Marshal(m)
	if err != nil {
		diags.AddError("Cannot remember the rollout", err.Error())
		return diags
	}
	return k.SetKey(ctx, privateKey, data)
}

// recall is what was kept; nothing where nothing was.
func recall(ctx context.Context, t teller) (m memory, diags diag.Diagnostics) {
	data, diags := t.GetKey(ctx, privateKey)
	if diags.HasError() || len(data) == 0 {
		return m, diags
	}
	if err := json.Unmarshal(data, &m); err != nil {
		diags.AddError("Cannot read what is remembered of this resource", err.Error())
	} else if m.Format > privateFormat {
		diags.AddError("The state was written by a newer provider", fmt.Sprintf("It has format %d, and this provider reads up to %d: "+
			"use the newer provider.", m.Format, privateFormat))
	}
	return m, diags
}
