package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// TestSignalsInTheMiddleOfSteps says something to rollouts as they begin, while the server
// writes step after step: none is refused because a step was faster.
func TestSignalsInTheMiddleOfSteps(t *testing.T) {
	t.Parallel()
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	c := r.Client("operator")
	ask := contract.Ask{Deployment: json.RawMessage(strings.Replace(string(canary(engine.Production, "shop", "1.1.0", "").Deployment), "PT2S", "PT1M", 1))}
	for n := range 40 {
		started, err := c.Start(t.Context(), engine.Production, "shop", "", ask)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Signal(t.Context(), started.ID, contract.Signal{Signal: "rollback"}); err != nil {
			t.Errorf("rollout %d: %v", n, err)
		}
		if d := end(t, c, started.ID); d.Outcome != "rolled_back" {
			t.Fatalf("rollout %d is %s", n, d.Phase)
		}
	}
}
