package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// longest is how many bytes a diagnostic has at most, however large the fleet is.
const longest = 4096

func large(c *simulator.Config) { c.Instances = 2000 }

func expectShort(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if n := len(d.Summary) + len(d.Detail); n > longest {
			t.Errorf("%d bytes: %s\n%.2000s", n, d.Summary, d.Detail)
		}
	}
}

// TestMessagesOfALargeFleet: a message names some of what it is about, and counts the rest.
func TestMessagesOfALargeFleet(t *testing.T) {
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*simulator.Config){large}
			if s.fleet != nil {
				changes = append(changes, s.fleet)
			}
			w := newMemoryWorlds(t, changes...)
			c := newCore(t, w)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w.written = (&strike{after: s.cancel, do: func() error { cancel(); return nil }}).written
			expectShort(t, c.apply(ctx, s.config))
			expectShort(t, c.refresh())
			planned, _ := c.plan(nil)
			expectShort(t, planned.Diagnostics)
		})
	}
}

// TestDriftOfALargeFleet: every instance runs another version, and the rollout that was planned
// has other stages than the one that the fleet now needs.
func TestDriftOfALargeFleet(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t, large)
	c := newCore(t, w)
	rolling := map[string]any{"strategy": "Rolling", "rolling": map[string]any{"batch_size": "1", "wait_between_batches": "1s"}}
	expectGood(t, c.apply(ctx, deployment("1.6.0", map[string]any{"strategy": "Direct"})))
	resp, value := c.plan(deployment("1.7.0", rolling))
	expectShort(t, resp.Diagnostics)
	each := func(s engine.Snapshot) (engine.Snapshot, error) {
		for i := range s.Instances {
			s.Instances[i].Default = fmt.Sprintf("3.%d.0", i)
		}
		return s, nil
	}
	w.seen = each
	planned, _ := c.plan(deployment("1.7.0", rolling))
	expectShort(t, planned.Diagnostics)
	diags := c.applyPlan(ctx, deployment("1.7.0", rolling), resp, value)
	expectError(t, diags, "The fleet changed since the plan")
	expectShort(t, diags)
	w.seen = func(s engine.Snapshot) (engine.Snapshot, error) {
		s.Instances = s.Instances[:1000]
		return s, nil
	}
	diags = c.applyPlan(ctx, deployment("1.7.0", rolling), resp, value)
	expectError(t, diags, "The fleet changed since the plan", "and 1990 more differences")
	expectShort(t, diags)
	w.seen = each
	c.refresh()
	planned, _ = c.plan(deployment("1.7.0", rolling))
	expectText(t, warningsIn(planned.Diagnostics), "which something else brought")
	expectShort(t, planned.Diagnostics)
}
