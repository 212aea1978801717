package scenario_test

import (
	"fmt"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// told checks that a summary does not say "nobody" where the candidate served requests.
func told(t *testing.T, r *scenario.Result, text string) {
	t.Helper()
	if s := &r.Summary; r.Requests > 0 && !s.Exposes() && s.Unseen == nil {
		t.Errorf("%d requests met the candidate, and nobody was exposed\n%s", r.Requests, text)
	}
	if r.Summary.Stage == "" {
		t.Errorf("no stage is told\n%s", text)
	}
}

// TestExposureIsTold: whenever a person takes a rollout back, or pauses it, or whoever
// walks it goes away, those who met the candidate are told of, or it is said that nobody
// could look.
func TestExposureIsTold(t *testing.T) {
	for _, strategy := range strategies {
		for _, fault := range []string{
			"{kind: slow_start, version: 1.6.0, instances: [instance-03], magnitude: 10000}",
			"{kind: measure_fails, from_seconds: 1, to_seconds: 1500}",
			"{kind: measure_fails, from_seconds: 3, to_seconds: 40}",
		} {
			for _, do := range []string{"rollback", "pause", "leave"} {
				for _, at := range []string{"1s", "2s", "3s", "5s", "12s", "20s", "33s\ncrashes: [{call: 9}, {call: 14, after: true}]", "75s", "250s\ncrashes: [{call: 40}]"} {
					text := fmt.Sprintf("installed: 1.5.0\nversions:\n  1.6.0: {error_rate: 0.9}\nfaults:\n  - %s\ndeployment:\n  plugin_id: p\n  environment: Production\n  version: 1.6.0\n  %s\n"+
						"signals:\n  - do: %s\n    at: %s\n", fault, strategy, do, at)
					told(t, played(t, text), text)
				}
			}
		}
	}
}

// TestWhoDecidedIsTold: a person's rollback keeps what the rollout was held for, and the
// stage is the one in which it ended.
func TestWhoDecidedIsTold(t *testing.T) {
	r := played(t, "installed: 1.5.0\nversions:\n  1.6.0: {error_rate: 0.11}\ndeployment:\n  plugin_id: p\n  environment: Production\n  version: 1.6.0\n  strategy: Canary\n  canary: {auto_rollback: false}\n"+
		"signals:\n  - {do: leave, at: 10s, reason: the laptop sleeps}\n  - {do: promote, when: held, after: 1h}\n  - {do: rollback, at: 4h, reason: enough}\n")
	s := r.Summary
	if s.Stage != "30%" || s.Cause == nil || s.Cause.Kind != engine.Aborted || s.Cause.By == "" || s.Cause.Error != "enough" {
		t.Errorf("it ended in %s, by %+v", s.Stage, s.Cause)
	}
	if s.Verdict == nil || s.Verdict.Result == engine.Pass {
		t.Errorf("what it was held for is forgotten: %+v", s.Verdict)
	}
	left := false
	for _, e := range r.Events {
		left = left || e.Kind == engine.Left && e.Exposed != nil && e.Exposed.Tenants == 15
	}
	if !left {
		t.Error("that somebody left is not in the journal, with whom it exposed")
	}
}

// TestSpells: the journal knows which tenants a canary moved, from when to when.
func TestSpells(t *testing.T) {
	const head = "installed: 1.5.0\ndeployment:\n  plugin_id: p\n  environment: Production\n  version: 1.6.0\n"
	bad := played(t, head+"  strategy: Canary\nversions:\n  1.6.0: {error_rate: 0.3}\nfaults: []\n")
	tenants, instances, err := engine.Spells(bad.Plan, bad.Events)
	if err != nil || len(tenants) != 15 || len(instances) != 10 {
		t.Fatalf("%d tenants and %d instances, %v", len(tenants), len(instances), err)
	}
	for i, s := range tenants {
		if s.From.IsZero() || !s.To.After(s.From) || s.To.Sub(s.From) != bad.Summary.ExposedFor || i > 0 && s.ID <= tenants[i-1].ID {
			t.Errorf("%+v; exposed for %s", s, bad.Summary.ExposedFor)
		}
	}
	good := played(t, head+"  strategy: Canary\n")
	tenants, instances, err = engine.Spells(good.Plan, good.Events)
	if err != nil || len(tenants) != 150 || len(instances) != 10 {
		t.Fatalf("%d tenants and %d instances, %v", len(tenants), len(instances), err)
	}
	stages := map[string]int{}
	for _, s := range tenants {
		if !s.To.IsZero() {
			t.Errorf("%+v is over", s)
		}
		stages[s.From.String()]++
	}
	if len(stages) != 4 {
		t.Errorf("tenants came in %d stages: %v", len(stages), stages)
	}
	late := played(t, head+"  strategy: Canary\nversions:\n  1.6.0: {promoted_error_rate: 0.3}\n")
	tenants, _, err = engine.Spells(late.Plan, late.Events)
	if err != nil || len(tenants) != 150 || late.Ending != scenario.Ending(engine.RolledBack) {
		t.Fatalf("%d tenants, %s, %v", len(tenants), late.Ending, err)
	}
	for _, s := range tenants {
		if s.To.IsZero() {
			t.Errorf("%+v is not over, and the rollout was rolled back", s)
		}
	}
	rolling := played(t, head+"  strategy: Rolling\nversions:\n  1.6.0: {error_rate: 0.3}\n")
	if _, instances, err = engine.Spells(rolling.Plan, rolling.Events); err != nil || len(instances) != 1 || instances[0].To.IsZero() {
		t.Errorf("%+v, %v", instances, err)
	}
}
