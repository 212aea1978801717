package swarm

import (
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// magnitudes are how strong a fault of a kind may be. 0 is what is usual for those
// that know such a thing.
var magnitudes = map[simulator.FaultKind][]float64{
	simulator.ErrorSpike:  {0.03, 0.1, 0.5, 1},
	simulator.TenantFails: {0.1, 0.5, 1},
	simulator.Latency:     {1.5, 2, 5, 50},
	simulator.SlowStart:   {2, 5, 50, 200},
	simulator.GrayFailure: {0, 2, 30},
	simulator.NoisyMinute: {0, 1.5, 20},
	simulator.Surge:       {0, 1.5, 20},
	simulator.HotTenant:   {0, 3, 200},
	simulator.ProbesFlaky: {0, 0.01, 0.3, 0.9},
	simulator.CrashLoop:   {0, 4, 45},
	simulator.SlowCall:    {0, 1, 45},
	simulator.MetricsLate: {0, 5, 90},
	simulator.ClockJump:   {0, 5, 900},
}

// onTheSwitch are the kinds that strike nothing but a blue-green switch, and not for
// long: there they are drawn more often than chance would.
var onTheSwitch = []simulator.FaultKind{simulator.SmokeFails, simulator.SwitchFails, simulator.HalfSwitch}

// fault draws one that ends before the calm.
func fault(d *chance.Dice, s *scenario.Scenario) simulator.Fault {
	green := s.Deployment.Strategy == engine.BlueGreen
	f := strike(d, green)
	aim(d, &f, s.World.Instances)
	if !green && slices.Contains(onTheSwitch, f.Kind) {
		f.Kind = simulator.LostReply // there is no switch
	}
	for _, v := range s.Versions {
		if (f.Kind == simulator.ErrorSpike || f.Kind == simulator.TenantFails) && v.ErrorRate >= f.Magnitude {
			f.Magnitude = 1 // else nobody would notice
		}
	}
	if f.Version == before && s.Installed == "" && f.Kind != simulator.Drift {
		f.Version = candidate // nobody has another
	}
	return f.Heeded()
}

// strike draws what goes wrong, and when; green says that there is a switch.
func strike(d *chance.Dice, green bool) simulator.Fault {
	f := simulator.Fault{Kind: oneOf(d, simulator.FaultKinds()...), FromSeconds: float64(d.Below(oneOf(d, 30, 500)))}
	if green && d.Maybe(30) {
		f.Kind, f.FromSeconds = oneOf(d, onTheSwitch...), 0
	}
	f.ToSeconds = min(calm, f.FromSeconds+1+float64(d.Below(oneOf(d, 400, 400, 400, calm)))) // some outlast every retry
	if d.Maybe(30) {                                                                         // there when the first calls are made, of which there are few
		f.FromSeconds = 0
	}
	f.Absolute = d.Maybe(10)
	f.Probability = oneOf(d, 0, 0.3, 0.8)
	return f
}

// aim draws whom a fault strikes, and how hard.
func aim(d *chance.Dice, f *simulator.Fault, instances int) {
	if of := magnitudes[f.Kind]; of != nil {
		f.Magnitude = oneOf(d, of...)
	}
	f.Version = oneOf(d, "", candidate, before)
	if d.Maybe(20) {
		f.Times = 1 + d.Below(3)
	}
	one := []string{fmt.Sprintf("instance-%02d", 1+d.Below(instances))}
	if d.Maybe(50) {
		f.Instances = one
	}
	switch f.Kind {
	case simulator.InstanceJoins:
		f.Count = 1 + d.Below(3)
	case simulator.InstanceLeave:
		f.Instances = one
	case simulator.TenantFails, simulator.HotTenant:
		f.TenantShare = oneOf(d, 0, 0.1, 0.5)
	case simulator.SnapshotFails:
		f.FromSeconds = max(f.FromSeconds, 1) // a plan must come first
		f.ToSeconds = max(f.ToSeconds, f.FromSeconds+1)
	default: // a kind that wants nothing more
	}
}
