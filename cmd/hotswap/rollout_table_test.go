package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestWarn: a warning's title is told from its text without colours too, and a long text has a
// line of its own.
func TestWarn(t *testing.T) {
	long := strings.Repeat("long ", 20) + "text"
	for _, c := range []struct {
		w    engine.Warning
		want string
	}{
		{engine.Warning{Problem: "few tenants", Detail: "a canary of 3"}, "warning: few tenants: a canary of 3\n"},
		{engine.Warning{Problem: "few tenants", Detail: long}, "warning: few tenants:\n  " + long + "\n"},
		{engine.Warning{Detail: "a canary of 3"}, "warning: a canary of 3\n"},
		{engine.Warning{Problem: "a\x1b[2J", Detail: "b\nc"}, `warning: a\x1b[2J: b\nc` + "\n"},
	} {
		var out bytes.Buffer
		(&console{out: &out}).warn(c.w)
		if out.String() != c.want {
			t.Errorf("%q, want %q", out.String(), c.want)
		}
	}
}
