package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// keptBytes is private state as a test has it.
type keptBytes []byte

func (k keptBytes) GetKey(context.Context, string) ([]byte, diag.Diagnostics) { return k, nil }

// TestRecallReadsTheFirstFormat: what the first version wrote is read for ever, and
// what a newer one wrote is refused.
func TestRecallReadsTheFirstFormat(t *testing.T) {
	m, diags := recall(context.Background(), keptBytes(`{"format":1,"completed":"stripe-production-1","seen":"1.6.0 after stripe-production-1"}`))
	if diags.HasError() || m.Completed != "stripe-production-1" || m.Seen != "1.6.0 after stripe-production-1" {
		t.Errorf("%v %v", m, diags)
	}
	if _, diags := recall(context.Background(), keptBytes(`{"format":2}`)); !diags.HasError() {
		t.Error("a newer format was read")
	}
	if m, diags := recall(context.Background(), keptBytes(nil)); diags.HasError() || m.Completed != "" {
		t.Errorf("%v %v", m, diags)
	}
}
