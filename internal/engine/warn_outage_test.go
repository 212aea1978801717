package engine_test

import (
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestNobodyIsServed has a plan that replaces all at once say so, once, with the strategy that
// does otherwise on that fleet, and no other plan. The simulator's TestOutages holds that it is so.
func TestNobodyIsServed(t *testing.T) {
	const all, one = "all 3 instances that serve are replaced at once", "the only instance that serves is replaced"
	for name, c := range map[string]struct {
		strategy  engine.Strategy
		batch     string
		instances int
		change    func(*engine.Snapshot)
		want      []string // nil: no word of it
	}{
		"direct":               {strategy: engine.Direct, instances: 3, want: []string{all, "Rolling replaces them batch by batch"}},
		"direct, one":          {strategy: engine.Direct, instances: 1, want: []string{one, "Blue-Green brings another one up first"}},
		"direct, no room":      {engine.Direct, "", 1, func(s *engine.Snapshot) { s.Spare = 0 }, []string{one, "Canary puts the version beside"}},
		"direct, nothing else": {engine.Direct, "", 1, lacks(engine.CanSlots, engine.CanTenants), []string{one, "no strategy can do otherwise on this fleet"}},
		"direct, one is ready": {engine.Direct, "", 3, func(s *engine.Snapshot) { s.Instances[0].Ready, s.Instances[2].Ready = false, false }, []string{one}},
		"direct, one is there": {engine.Direct, "", 3, func(s *engine.Snapshot) {
			s.Instances[1].Default, s.Instances[1].Installed = "2.0.0", []string{"2.0.0"}
		}, nil},
		"direct, serves on": {engine.Direct, "", 3, func(s *engine.Snapshot) { s.KeepsServing = true }, nil},
		"direct, the first": {engine.Direct, "", 3, func(s *engine.Snapshot) {
			for i := range s.Instances {
				s.Instances[i].Default, s.Instances[i].Installed = "", nil
			}
		}, nil},
		"rolling":      {strategy: engine.Rolling, instances: 3},
		"rolling, all": {strategy: engine.Rolling, batch: "100%", instances: 3, want: []string{all, "a lower batch_size or max_parallel_batches leaves some to serve"}},
		"rolling, one": {strategy: engine.Rolling, instances: 1, want: []string{one}},
		"canary":       {strategy: engine.Canary, instances: 1},
		"blue-green":   {strategy: engine.BlueGreen, instances: 1},
		"a/b":          {strategy: engine.ABTesting, instances: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := enginetest.NewFleet(engine.Production, "p", c.instances, 30, "1.0.0", 100).Snapshot()
			if c.change != nil {
				c.change(&s)
			}
			spec := engine.Spec{PluginID: "p", Environment: engine.Production, Version: "2.0.0", Strategy: c.strategy}
			if c.batch != "" {
				size, err := engine.ParseBatchSize(c.batch)
				if err != nil {
					t.Fatal(err)
				}
				spec.Rolling = &engine.RollingSettings{BatchSize: &size}
			}
			p, err := engine.Compile("r", spec, s)
			if err != nil {
				t.Fatal(err)
			}
			holdOutage(t, &p, c.want)
		})
	}
}

// holdOutage fails the test where p does not say what is wanted, once.
func holdOutage(t *testing.T, p *engine.Plan, want []string) {
	t.Helper()
	text := p.String()
	if n := strings.Count(text, "nobody is served meanwhile"); n > 1 || n == 1 != (want != nil) {
		t.Errorf("it says so %d times:\n%s", n, text)
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not there:\n%s", w, text)
		}
	}
}

func lacks(what ...engine.Capability) func(*engine.Snapshot) {
	return func(s *engine.Snapshot) { s.Capabilities.Lacks = what }
}

// TestNobodyIsServedOnTheWayBack: a destroy of what one instance runs replaces it too.
func TestNobodyIsServedOnTheWayBack(t *testing.T) {
	for instances, want := range map[int][]string{1: {"the only instance that serves is replaced, so that requests go unanswered until it is back\n"}, 3: nil} {
		fleet := enginetest.NewFleet(engine.Production, "p", instances, 30, "1.0.0", 100)
		last, err := engine.Compile("r", engine.Spec{PluginID: "p", Environment: engine.Production, Version: "2.0.0", Strategy: engine.BlueGreen}, fleet.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		s := fleet.Snapshot()
		for i := range s.Instances {
			s.Instances[i].Default, s.Instances[i].Installed = "2.0.0", []string{"2.0.0"}
		}
		p, err := engine.CompileRestore("r2", last, s)
		if err != nil || len(p.Stages) == 0 {
			t.Fatal(p, err)
		}
		holdOutage(t, &p, want)
	}
}
