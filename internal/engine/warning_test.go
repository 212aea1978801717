package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestWarningForms: plans of format 1 had sentences alone, and are written as they
// were read.
func TestWarningForms(t *testing.T) {
	for _, c := range []struct {
		json string
		want engine.Warning
	}{
		{`"few tenants"`, engine.Warning{Detail: "few tenants"}},
		{`{"problem":"few tenants","detail":"a canary of 3"}`, engine.Warning{Problem: "few tenants", Detail: "a canary of 3"}},
	} {
		var got engine.Warning
		if err := json.Unmarshal([]byte(c.json), &got); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.json, got, err)
		}
		if back, err := json.Marshal(got); err != nil || string(back) != c.json {
			t.Errorf("%s was written as %s, %v", c.json, back, err)
		}
	}
}
