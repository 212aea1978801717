package swarm

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

const (
	before    = "1.5.0"
	candidate = "1.6.0"
	// calm is when the last fault has ended, in seconds.
	calm = 3000
)

func oneOf[T any](d *chance.Dice, of ...T) T { return of[d.Below(len(of))] }

// Draw is the scenario of a seed.
func Draw(seed int64) *scenario.Scenario {
	d := chance.NewDice(uint64(seed))
	s := scenario.New()
	s.Name, s.Seed = fmt.Sprintf("swarm-%d", seed), seed
	w := &s.World
	w.Instances = oneOf(d, 1, 2, 3, 5, 10, 17)
	w.Tenants = oneOf(d, 3, 15, 40, 150)
	w.RequestsPerSecond = oneOf(d, 0.5, 5, 50, 150, 1000)
	w.Spare = oneOf(d, -1, -1, -1, 0, 1)
	w.InstallSeconds = oneOf(d, 0.0, 1, 7)
	w.SwitchSeconds = oneOf(d, 0.0, 1, 5)
	w.ProvisionSeconds = oneOf(d, 0.0, 60, 200)
	w.DrainSeconds = oneOf(d, 0.0, 0.5, 10)
	w.TenantSpread = oneOf(d, 0.0, 0.5, 2)
	w.TenantErrorSpread = oneOf(d, 0.0, 0, 0.83)
	w.TenantConversionSpread = oneOf(d, 0.0, 0, 0.83)
	w.MinuteNoise = oneOf(d, 0.0, 0, 0.25)
	w.DailySwing = oneOf(d, 0.0, 0, 0.5, 1)
	w.DailyPeakHour = oneOf(d, 0.0, 1, 12)
	w.SmokeSeconds = oneOf(d, 30.0, 30, 0, 100)
	w.ProbeIntervalSeconds = oneOf(d, 10.0, 10, 2, 60)
	w.TenantChurn = oneOf(d, 0.0, 0, 0, 0.3)
	if !d.Maybe(10) {
		s.Installed = before
	}
	s.Versions = map[string]scenario.Version{candidate: {Behaviour: behaviour(d, w.RequestsPerSecond)}}
	if d.Maybe(20) && s.Installed != "" { // nobody said that what runs is any better
		s.Versions[before] = scenario.Version{Behaviour: behaviour(d, w.RequestsPerSecond)}
	}
	s.Deployment = deployment(d)
	if d.Maybe(3) {
		won(d, s)
	}
	for name, v := range s.Versions {
		if v.Behaviour = v.Heeded(); s.Deployment.Strategy != engine.BlueGreen {
			v.SmokeFailureRate = 0 // nobody tests it
		}
		s.Versions[name] = v
	}
	for range d.Below(5) {
		s.Faults = append(s.Faults, fault(d, s))
	}
	for range d.Below(4) {
		s.Crashes = append(s.Crashes, scenario.Crash{Call: 1 + d.Below(oneOf(d, 20, 100, 400)), After: d.Maybe(50)})
	}
	s.Signals = signals(d)
	s.Expect.Ends = true
	hardships(s, seed)
	return s
}

// won makes s a test that B wins and a person has to decide about, while B goes bad:
// chance alone hardly ever draws all that at once.
func won(d *chance.Dice, s *scenario.Scenario) {
	s.World.RequestsPerSecond, s.World.Tenants, s.Installed = 1000, 150, before
	b := simulator.DefaultBehaviour()
	b.ConversionRate, b.LeakSeconds, b.LeakErrorRate = 0.1, oneOf(d, 90.0, 200), 0.5
	s.Versions = map[string]scenario.Version{candidate: {Behaviour: b}}
	s.Deployment = engine.Spec{
		PluginID: s.Deployment.PluginID, Version: candidate, Environment: s.Deployment.Environment, Strategy: engine.ABTesting,
		ABTesting: &engine.ABTestingSettings{
			TestDuration: lasting(time.Minute), AutoPromote: ptr(false), DecisionMetrics: []engine.Metric{engine.ConversionRate},
		},
		Analysis: &engine.AnalysisSettings{Margin: ptr(1.0)},
	}
}

// signals are people who meddle, and then those who are there when they are waited
// for. These come late and do not tire: only a rollout that cannot end outlasts them.
func signals(d *chance.Dice) []scenario.Signal {
	var out []scenario.Signal
	for range d.Below(3) {
		out = append(out, scenario.Signal{Do: oneOf(d, scenario.Words()...), At: engine.Duration(time.Duration(d.Below(900)) * time.Second)})
	}
	patience := engine.Duration(oneOf(d, 10*time.Second, 5*time.Minute, 20*time.Minute))
	return append(out,
		scenario.Signal{Do: oneOf(d, scenario.Promote, scenario.Rollback), When: engine.PhaseHeld, After: patience, Times: 30},
		scenario.Signal{Do: oneOf(d, scenario.Resume, scenario.Resume, scenario.Rollback), When: engine.PhasePaused, After: patience, Times: 30},
		scenario.Signal{Do: oneOf(d, scenario.Resume, scenario.Resume, scenario.Rollback), When: engine.PhaseStuck, After: engine.Duration(30 * time.Minute), Times: 30},
		scenario.Signal{Do: scenario.Resume, When: engine.PhaseStuck, After: engine.Duration(time.Hour), Times: 30},
		scenario.Signal{Do: scenario.Rollback, When: engine.PhaseHeld, After: engine.Duration(time.Hour), Times: 30},
		scenario.Signal{Do: scenario.Resume, When: engine.PhasePaused, After: engine.Duration(time.Hour), Times: 30},
	)
}
