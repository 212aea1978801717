package swarm

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

const (
	before    = "1.5.0"
	candidate = "1.6.0"
	// calm is when the last fault has ended, in seconds.
	calm = 3000
)

func oneOf[T any](d *simulator.Dice, of ...T) T { return of[d.Below(len(of))] }

// Draw is the scenario of a seed.
func Draw(seed int64) *scenario.Scenario {
	d := simulator.NewDice(uint64(seed))
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
	w.MinuteNoise = oneOf(d, 0.0, 0, 0.25)
	if !d.Maybe(10) {
		s.Installed = before
	}
	s.Versions = map[string]scenario.Version{candidate: {Behaviour: behaviour(d)}}
	s.Deployment = deployment(d)
	for range d.Below(5) {
		s.Faults = append(s.Faults, fault(d, w))
	}
	for range d.Below(4) {
		s.Crashes = append(s.Crashes, scenario.Crash{Call: 1 + d.Below(oneOf(d, 20, 100, 400)), After: d.Maybe(50)})
	}
	s.Signals = signals(d)
	s.Expect.Ends = true
	return s
}

func behaviour(d *simulator.Dice) simulator.Behaviour {
	b := simulator.DefaultBehaviour()
	if d.Maybe(40) { // otherwise few rollouts get far
		return b
	}
	b.ErrorRate = oneOf(d, 0, 0.01, 0.01, 0.045, 0.06, 0.2, 1)
	b.LatencyP99Ms = oneOf(d, 150.0, 200, 450, 900)
	b.ConversionRate = oneOf(d, 0.02, 0.03, 0.1)
	b.InstallFailureRate = oneOf(d, 0, 0, 0, 0.1, 0.7)
	b.SmokeFailureRate = oneOf(d, 0, 0, 0, 0.5)
	b.StartupSeconds = oneOf(d, 0.0, 1, 20)
	return b
}

// fault is one that ends before the calm.
func fault(d *simulator.Dice, w *simulator.Config) simulator.Fault {
	f := simulator.Fault{Kind: oneOf(d, simulator.FaultKinds()...), FromSeconds: float64(d.Below(oneOf(d, 30, 500)))}
	f.ToSeconds = min(calm, f.FromSeconds+1+float64(d.Below(oneOf(d, 400, 400, 400, calm)))) // some outlast every retry
	f.Probability = oneOf(d, 0, 0.3, 0.8)
	f.Magnitude = oneOf(d, 0.1, 0.5, 1)
	f.Version = oneOf(d, "", candidate, before)
	if d.Maybe(20) {
		f.Times = 1 + d.Below(3)
	}
	one := []string{fmt.Sprintf("instance-%02d", 1+d.Below(w.Instances))}
	if d.Maybe(50) {
		f.Instances = one
	}
	switch f.Kind {
	case simulator.Latency, simulator.SlowStart:
		f.Magnitude = oneOf(d, 2.0, 5, 50)
	case simulator.InstanceJoins:
		f.Count = 1 + d.Below(3)
	case simulator.InstanceLeave:
		f.Instances = one
	case simulator.TenantFails:
		f.TenantShare = oneOf(d, 0.1, 0.5)
	case simulator.SnapshotFails:
		f.FromSeconds = max(f.FromSeconds, 1) // a plan must come first
	default: // a kind that wants nothing more
	}
	return f
}

// signals are people who meddle, and then those who are there when they are waited
// for. These come late and do not tire: only a rollout that cannot end outlasts them.
func signals(d *simulator.Dice) []scenario.Signal {
	var out []scenario.Signal
	for range d.Below(3) {
		out = append(out, scenario.Signal{Do: oneOf(d, scenario.Words()...), At: engine.Duration(time.Duration(d.Below(900)) * time.Second)})
	}
	patience := engine.Duration(oneOf(d, 10*time.Second, 5*time.Minute, 20*time.Minute))
	return append(out,
		scenario.Signal{Do: oneOf(d, scenario.Promote, scenario.Rollback), When: engine.PhaseHeld, After: patience, Times: 30},
		scenario.Signal{Do: oneOf(d, scenario.Resume, scenario.Resume, scenario.Rollback), When: engine.PhasePaused, After: patience, Times: 30},
		scenario.Signal{Do: scenario.Resume, When: engine.PhaseStuck, After: engine.Duration(30 * time.Minute), Times: 30},
		scenario.Signal{Do: scenario.Rollback, When: engine.PhaseHeld, After: engine.Duration(time.Hour), Times: 30},
		scenario.Signal{Do: scenario.Resume, When: engine.PhasePaused, After: engine.Duration(time.Hour), Times: 30},
	)
}
