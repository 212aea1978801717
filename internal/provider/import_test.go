package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestImportTakesARolloutOver: an apply was killed and its settings are gone, so no
// apply can go on with the rollout. Importing can.
func TestImportTakesARolloutOver(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	other := deployment("1.6.0", map[string]any{"canary": map[string]any{"evaluation_period": "7m"}})
	disturbances["killed"](t, c, w, other, 6)
	w.written = nil
	expectError(t, c.apply(context.Background(), deployment("1.6.0")), "Another rollout is unfinished", "import Production/stripe")
	diags := c.importState("Production/stripe", nil)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "unattended")
	expect(t, c, map[string]string{"status": "progressing", "version": "1.6.0", "rollout_id": "stripe-production-1", "strategy": "Canary"})
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expect(t, c, map[string]string{"status": "succeeded", "rollout_id": "stripe-production-1"})
	expectQuiet(t, c, deployment("1.6.0"))
}

// TestImportKnowsTheWayBack: the last rollout failed, and a destroy goes back to
// before the one that did not.
func TestImportKnowsTheWayBack(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expectError(t, c.apply(context.Background(), deployment("9.9.9")), "rolled back")
	c = newCore(t, w)
	expectGood(t, c.importState("Production/stripe", nil))
	expect(t, c, map[string]string{"version": "1.6.0", "status": "rolled_back", "rollout_id": "stripe-production-2"})
	expectGood(t, c.destroy(context.Background()))
	if !running(t, w).RunsOnly("1.5.0") {
		t.Errorf("the fleet runs %s", running(t, w).Baseline())
	}
}

// TestCreateAfterADestroyAndWithoutARefresh: the latest rollout is then the way back
// of another resource.
func TestCreateAfterADestroyAndWithoutARefresh(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	expectGood(t, c.destroy(context.Background()))
	expectGood(t, c.apply(context.Background(), deployment("1.5.0")))
	resp, value := c.plan(deployment("1.7.0"))
	expectGood(t, resp.Diagnostics)
	expectGood(t, c.applyPlan(context.Background(), deployment("1.7.0"), resp, value))
	expect(t, c, map[string]string{"active_version": "1.7.0"})
}

func TestImportOfWhatWasNeverRolledOut(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.importState("Production/stripe", nil))
	expect(t, c, map[string]string{"version": "1.5.0", "active_version": "1.5.0", "rollout_id": "", "status": "succeeded"})
	expectQuiet(t, c, deployment("1.5.0"))
	diags := c.destroy(context.Background())
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "nothing was rolled back")
}

// TestImportByIdentity is what Terraform does from 1.12 on.
func TestImportByIdentity(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"environment": tftypes.String, "plugin_id": tftypes.String}}
	expectGood(t, c.importState("", &tfprotov6.ResourceIdentityData{
		IdentityData: dynamic(t, typ, build(t, typ, map[string]any{"environment": "Production", "plugin_id": "stripe"})),
	}))
	expect(t, c, map[string]string{"id": "Production/stripe", "version": "1.5.0"})
}

func TestImportOfNothing(t *testing.T) {
	for _, id := range []string{"", "Production", "Nowhere/stripe", "Production/", "/stripe", "Production/unknown"} {
		t.Run(id, func(t *testing.T) { expectError(t, newCore(t, newMemoryWorlds(t)).importState(id, nil)) })
	}
}

// TestWithoutARefresh is a plan with -refresh=false: right after an apply there is
// nothing that a refresh would find.
func TestWithoutARefresh(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	resp, value := c.plan(deployment("1.7.0"))
	expectGood(t, resp.Diagnostics)
	expectGood(t, c.applyPlan(context.Background(), deployment("1.7.0"), resp, value))
	expect(t, c, map[string]string{"active_version": "1.7.0"})

	// Somebody else rolls out; a plan from the state as it was has to notice.
	expectGood(t, newCore(t, w).apply(context.Background(), deployment("1.8.0")))
	resp, _ = c.plan(deployment("1.9.0"))
	expectError(t, resp.Diagnostics, "The fleet changed since the plan", "1.8.0")
	expectGood(t, c.apply(context.Background(), deployment("1.9.0")))
}
