package swarm

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// hardships makes some worlds poorer, their refusals longer, and their people come from
// elsewhere. Its dice are its own: all other worlds of a seed are what they were before
// there were any hardships.
func hardships(s *scenario.Scenario, seed int64) {
	d := chance.NewDice(uint64(seed) ^ 0x706f6f72) // "poor"
	if d.Maybe(20) {
		lack(d, s)
	}
	if d.Maybe(20) {
		s.World.Metrics = metrics(d)
	}
	if d.Maybe(10) {
		s.Faults = append(s.Faults, refusal(d))
	}
	if d.Maybe(40) {
		for i := range s.Signals {
			s.Signals[i].Elsewhere = s.Signals[i].Do != scenario.Leave && d.Maybe(70)
		}
	}
	s.Faults = slices.DeleteFunc(s.Faults, func(f simulator.Fault) bool { // that can no longer strike
		c := s.World
		c.Faults = []simulator.Fault{f}
		return c.Idle() != nil
	})
}

// lack takes capabilities from the fleet: mostly one, sometimes half of all. Who counts no
// traffic is mostly rolled out to by health alone, as everybody else would be refused.
func lack(d *chance.Dice, s *scenario.Scenario) {
	s.World.Can = map[engine.Capability]bool{}
	some := d.Maybe(40)
	for _, what := range engine.AllCapabilities() {
		if some && what != engine.CanJournal && d.Maybe(30) {
			s.World.Can[what] = false
		}
	}
	if !some {
		s.World.Can[oneOf(d, engine.AllCapabilities()...)] = false
	}
	if s.World.Lacks(engine.CanTraffic) && !d.Maybe(20) {
		if a := s.Deployment.Analysis; a == nil {
			s.Deployment.Analysis = &engine.AnalysisSettings{}
		} else {
			own := *a
			s.Deployment.Analysis = &own
		}
		s.Deployment.Analysis.MinRequests = ptr(int64(0))
	}
}

// metrics draws what a meter tells.
func metrics(d *chance.Dice) simulator.Metrics {
	m := simulator.DefaultMetrics()
	m.Resolution = engine.Duration(oneOf(d, 0, time.Second, 5*time.Second, 15*time.Second, 30*time.Second, time.Minute))
	m.Delay = engine.Duration(oneOf(d, 0, 0, 5*time.Second, 15*time.Second, 45*time.Second))
	m.Bounds = oneOf(d, nil, nil, []float64{5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}, []float64{100, 1000}, []float64{30})
	m.ByTenant = !d.Maybe(30)
	m.Coverage = oneOf(d, 1, 1, 1, 0.95, 0.5, 0)
	if m.Resolution > 0 {
		m.Resets = oneOf(d, 0, 0, 0.1, 20)
		m.Missing = oneOf(d, 0, 0, 0.1, 0.6)
	}
	return m
}

// refusal draws a time in which the fleet refuses every call of a kind, for minutes, and
// which is over before the calm.
func refusal(d *chance.Dice) simulator.Fault {
	f := simulator.Fault{Kind: oneOf(d, simulator.RefusedCall, simulator.RefusedCall, simulator.RejectedCall, simulator.LookFails, simulator.MeasureFails)}
	f.FromSeconds = float64(d.Below(oneOf(d, 1, 60, 1000)))
	f.ToSeconds = f.FromSeconds + float64(60+d.Below(1200))
	return f
}
