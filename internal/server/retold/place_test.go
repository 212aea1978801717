package retold_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// TestPlace: a rollout that went back is where it turned round, and one without stages is nowhere.
func TestPlace(t *testing.T) {
	of := &telling.Rollout{Plan: engine.Plan{Stages: []engine.Stage{{Name: "install"}, {Name: "25%"}, {Name: "100%"}}}}
	of.State = engine.State{Stage: 3, Outcome: engine.Succeeded}
	if p := retold.Place(of); p.Number != 3 || p.Of != 3 || p.Name != "100%" {
		t.Errorf("one that succeeded is at %+v", p)
	}
	of.State = engine.State{Stage: 3, Outcome: engine.RolledBack}
	of.Events = []engine.Event{{Kind: engine.Reverting, Stage: 1}, {Kind: engine.Reverting}}
	if p := retold.Place(of); p.Number != 2 || p.Name != "25%" {
		t.Errorf("one that was rolled back is at %+v", p)
	}
	if p := retold.Place(&telling.Rollout{}); p.Number != 0 || p.Of != 0 {
		t.Errorf("one without stages is at %+v", p)
	}
}
