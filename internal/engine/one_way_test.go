package engine_test

import (
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestOneWay has plans say where there is no way back, hold what fails after it, and refuse to
// go where there is no way.
func TestOneWay(t *testing.T) {
	fleet := enginetest.NewFleet(engine.Production, "p", 3, 30, "1.0.0", 100)
	s, err := engine.ReadSnapshot(t.Context(), fleet)
	if err != nil {
		t.Fatal(err)
	}
	plan := func(strategy engine.Strategy, version string, ways ...engine.OneWay) (engine.Plan, error) {
		s.OneWay = ways
		return engine.Compile("r", engine.Spec{PluginID: "p", Environment: engine.Production, Version: version, Strategy: strategy}, s)
	}
	up := engine.OneWay{From: "1.0.0", To: "2.0.0", Where: []string{s.Instances[1].ID}}
	const why = "there is no update path from 2.0.0 back to 1.0.0 on "
	for strategy, marked := range map[engine.Strategy]string{
		engine.Canary: "10% 30% 50% 100%", engine.Rolling: "batch 1 of 3 batch 2 of 3 batch 3 of 3", engine.Direct: "replace",
	} {
		p, err := plan(strategy, "2.0.0", up)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, stage := range p.Stages {
			if stage.OneWay == "" {
				continue
			}
			names = append(names, stage.Name)
			if stage.OneWay != why+up.Where[0] || stage.Final || !stage.NoWayBack() || stage.Gate.OnFail != engine.Hold || stage.Gate.OnInconclusive != engine.Hold {
				t.Errorf("%s: %+v", strategy, stage)
			}
		}
		if strategy != engine.Direct && strings.Join(names, " ") != marked || len(names) == 0 {
			t.Errorf("%s: %q are marked", strategy, names)
		}
		text := strings.Join(engine.SummaryLines(&p), "\n") + p.String()
		if p.Guards.OnTrip != engine.Hold || !strings.Contains(text, "final: "+why) || !strings.Contains(text, "warning: no way back: ") {
			t.Errorf("%s: %s", strategy, text)
		}
		for _, other := range [][]engine.OneWay{nil, {{From: "1.0.0", To: "3.0.0"}}} {
			without, err := plan(strategy, "2.0.0", other...)
			if err != nil || without.Guards.OnTrip != engine.Rollback || strings.Contains(without.String(), "no way back: ") || without.Digest == p.Digest {
				t.Errorf("%s: %v, %s", strategy, err, without.String())
			}
		}
	}
	if _, err := plan(engine.Rolling, "0.9.0", engine.OneWay{From: "0.9.0", To: "1.0.0"}); err == nil ||
		!strings.Contains(err.Error(), "cannot be had from 1.0.0: there is no update path from 1.0.0 back to 0.9.0") {
		t.Errorf("a version that there is no way to: %v", err)
	}
	last, err := plan(engine.Rolling, "2.0.0", up)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Instances {
		s.Instances[i].Default, s.Instances[i].Installed = "2.0.0", []string{"2.0.0"}
	}
	if _, err := engine.CompileRestore("r2", last, s); err == nil || !strings.Contains(err.Error(), why+up.Where[0]) {
		t.Errorf("a restoring that has no way: %v", err)
	}
}
