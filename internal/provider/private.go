package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// What this resource has to remember beyond its attributes is kept as one JSON
// value beside the state.
const (
	privateKey    = "deployment"
	privateFormat = 1
)

type memory struct {
	Format    int    `json:"format"`
	Completed string `json:"completed"` // the rollout that this resource completed last
}

type (
	keeper interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
	teller interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
)

// remember notes the rollout that was completed: a destroy goes back to before it.
func remember(ctx context.Context, k keeper, completed string) (diags diag.Diagnostics) {
	data, err := json.Marshal(memory{Format: privateFormat, Completed: completed})
	if err != nil {
		diags.AddError("Cannot remember the rollout", err.Error())
		return diags
	}
	return k.SetKey(ctx, privateKey, data)
}

// recall is the rollout that was completed last; "" where there was none.
func recall(ctx context.Context, t teller) (string, diag.Diagnostics) {
	data, diags := t.GetKey(ctx, privateKey)
	if diags.HasError() || len(data) == 0 {
		return "", diags
	}
	var m memory
	if err := json.Unmarshal(data, &m); err != nil {
		diags.AddError("Cannot read what is remembered of this resource", err.Error())
		return "", diags
	}
	if m.Format > privateFormat {
		diags.AddError("The state was written by a newer provider", fmt.Sprintf("It has format %d, and this provider reads up to %d: "+
			"use the newer provider.", m.Format, privateFormat))
		return "", diags
	}
	return m.Completed, diags
}
