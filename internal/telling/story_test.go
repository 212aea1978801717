package telling

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// rolling is the plan of a rollout over n instances, one stage for each.
func rolling(n int) engine.Plan {
	p := engine.Plan{Rollout: "r1", Baseline: "1.5.0", Candidate: "1.6.0", Spec: engine.Spec{PluginID: "stripe", Environment: engine.Production, Strategy: engine.Rolling}}
	for i := range n {
		p.Stages = append(p.Stages, engine.Stage{Name: fmt.Sprintf("batch %d of %d", i+1, n), Undo: []engine.Change{{Kind: engine.Replace}}})
	}
	return p
}

// TestTextsAreShort: a text names ten of what it is about and counts the rest, however large
// the fleet is.
func TestTextsAreShort(t *testing.T) {
	const n = 2000
	var targets, reasons, stages []string
	for i := range n {
		targets = append(targets, fmt.Sprintf("instance-%04d", i))
		reasons = append(reasons, targets[i]+": the install of 1.6.0 failed")
		stages = append(stages, fmt.Sprintf("batch %d of %d", i+1, n))
	}
	ro := &Rollout{Plan: rolling(n), State: engine.State{Phase: engine.PhaseRolledBack, Outcome: engine.RolledBack, Undone: targets}}
	story := func() *Story {
		return &Story{
			Of: ro, Turn: engine.Event{Kind: engine.Failed, Error: engine.Reasons(reasons), Targets: targets},
			Summary: engine.Summary{Stage: stages[n-1], Undone: stages},
		}
	}
	going := &Rollout{Plan: ro.Plan, State: engine.State{Phase: engine.PhaseRollingBack, Begun: n}}
	for name, text := range map[string]func() (string, string){
		"rolled back": func() (string, string) { return story().RolledBack("next") },
		"stuck":       func() (string, string) { return story().Stuck("next") },
		"on the way":  func() (string, string) { s := story(); s.Of = going; return s.RolledBack("next") },
	} {
		summary, detail := text()
		if !strings.Contains(detail, "and 1990 more") || len(summary)+len(detail) > 4096 {
			t.Errorf("%s: %d bytes: %.1000s", name, len(summary)+len(detail), detail)
		}
	}
}

// TestNamesOfTenantsStay: a tenant may be called like a metric.
func TestNamesOfTenantsStay(t *testing.T) {
	ro := &Rollout{Plan: rolling(1), State: engine.State{Phase: engine.PhaseHeld, Reason: "tenant errorRate-1 has an error rate of 20 %"}}
	if _, detail := Tell(ro, ro.Began()).Held("next"); !strings.Contains(detail, "tenant errorRate-1 has") {
		t.Error(detail)
	}
}
