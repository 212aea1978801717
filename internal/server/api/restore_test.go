package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// TestRestoreElsewhere takes nothing back that was rolled out to another fleet: there it is not.
func TestRestoreElsewhere(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for _, who := range []string{"staging", "operator"} {
		for _, what := range []string{"plan", "rollouts"} {
			r.refused(refusal{reason: fleetcontract.UnknownRollout, who: who, method: "POST", path: "/v1/environments/Staging/plugins/shop/" + what, body: `{"restores": "r1"}`})
		}
	}
}

// TestNamesThatDifferInCase rolls out to fleets whose rollouts would have the same ids.
func TestNamesThatDifferInCase(t *testing.T) {
	t.Parallel()
	r := still(t, nil, servertest.Fleet(engine.Production, "shop"), servertest.Fleet(engine.Production, "SHOP"))
	ids := map[string]bool{}
	for _, plugin := range []string{"shop", "SHOP"} {
		body := text(t, canary(engine.Production, plugin, "1.1.0", ""))
		plan := read[contract.Plan](t, r.want(http.StatusOK, "reader", "POST", "/v1/environments/Production/plugins/"+plugin+"/plan", body).Body)
		got := read[contract.Started](t, r.want(http.StatusCreated, "operator", "POST", "/v1/environments/Production/plugins/"+plugin+"/rollouts", body).Body)
		if got.ID != plan.Rollout || got.Plugin != plugin || ids[got.ID] {
			t.Errorf("%s was planned, and %s of %s began", plan.Rollout, got.ID, got.Plugin)
		}
		ids[got.ID] = true
	}
}
