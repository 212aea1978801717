package simulator

import (
	"slices"
	"strconv"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	InstallFails  FaultKind = "install_fails"  // an install is taken and does not succeed
	InstanceCrash FaultKind = "instance_crash" // instances die when the fault begins and come back when it ends
	ProbesFail    FaultKind = "probes_fail"    // instances serve, and fail their health probes
	SlowStart     FaultKind = "slow_start"     // a start takes Magnitude times as long; where it takes none, Magnitude seconds
	ErrorSpike    FaultKind = "error_spike"    // the error rate is at least Magnitude, 0..1
	Latency       FaultKind = "latency"        // latencies are Magnitude times as long
	TenantFails   FaultKind = "tenant_fails"   // the error rate of the targeted tenants is at least Magnitude, 0..1
	MetricsGap    FaultKind = "metrics_gap"    // samples are lost
	MetricsNaN    FaultKind = "metrics_nan"    // sums of samples are not numbers
	SwitchFails   FaultKind = "switch_fails"   // a shift of routes is taken and does not succeed
	SmokeFails    FaultKind = "smoke_fails"    // smoke tests fail
	LostReply     FaultKind = "lost_reply"     // a change is taken, and an error comes back
	RefusedCall   FaultKind = "refused_call"   // a change is not taken, and an error comes back
	MeasureFails  FaultKind = "measure_fails"  // reading traffic and health fails
	SnapshotFails FaultKind = "snapshot_fails" // reading the fleet fails
	InstanceJoins FaultKind = "instance_joins" // Count instances join the active slot when the fault begins
	InstanceLeave FaultKind = "instance_leave" // the targeted instances leave when the fault begins; never the last one of a slot
)

// FaultKinds lists every kind.
func FaultKinds() []FaultKind {
	return []FaultKind{
		InstallFails, InstanceCrash, ProbesFail, SlowStart, ErrorSpike, Latency, TenantFails, MetricsGap,
		MetricsNaN, SwitchFails, SmokeFails, LostReply, RefusedCall, MeasureFails, SnapshotFails, InstanceJoins, InstanceLeave,
	}
}

// Fault is one thing that goes wrong for a while.
type Fault struct {
	Kind FaultKind `json:"kind"`
	// FromSeconds and ToSeconds bound the time of the fault, [from, to): from the
	// start of each rollout, or where Absolute is set, from that of the world's
	// clock. ToSeconds 0: for ever.
	FromSeconds float64 `json:"from_seconds,omitempty"`
	ToSeconds   float64 `json:"to_seconds,omitempty"`
	Absolute    bool    `json:"absolute,omitempty"`

	Version   string   `json:"version,omitempty"`   // only this one; "": all
	Instances []string `json:"instances,omitempty"` // only these; none: all
	Tenants   []string `json:"tenants,omitempty"`   // only these
	// TenantShare targets this share of the tenants, 0..1, where Tenants names none; 0: all.
	TenantShare float64 `json:"tenant_share,omitempty"`
	// Probability is the chance that the fault strikes where it can, 0..1; 0: 1.
	Probability float64 `json:"probability,omitempty"`
	// Times is how often the fault strikes at most; 0: no limit.
	Times     int     `json:"times,omitempty"`
	Magnitude float64 `json:"magnitude,omitempty"` // see the kinds
	Count     int     `json:"count,omitempty"`     // see the kinds; at least 1 where they use it
}

func (f Fault) validate(p *problems, i int) {
	path := "simulated.faults[" + strconv.Itoa(i) + "]."
	if !slices.Contains(FaultKinds(), f.Kind) {
		p.add(path+"kind", quoted(string(f.Kind)), "is not a kind of fault")
	}
	p.within(path+"from_seconds", f.FromSeconds, 0, maxSeconds)
	p.within(path+"to_seconds", f.ToSeconds, 0, maxSeconds)
	if f.ToSeconds != 0 && f.ToSeconds <= f.FromSeconds {
		p.add(path+"to_seconds", number(f.ToSeconds), "is not after from_seconds, "+number(f.FromSeconds))
	}
	p.within(path+"tenant_share", f.TenantShare, 0, 1)
	p.within(path+"probability", f.Probability, 0, 1)
	p.within(path+"times", float64(f.Times), 0, 1e9)
	switch f.Kind {
	case ErrorSpike, TenantFails:
		p.within(path+"magnitude", f.Magnitude, 0, 1)
	case Latency, SlowStart:
		p.within(path+"magnitude", f.Magnitude, 0, 10_000)
	case InstanceJoins:
		p.within(path+"count", float64(f.Count), 1, 10_000)
	case InstanceLeave:
		if len(f.Instances) == 0 {
			p.add(path+"instances", "", "names no instance that leaves")
		}
	}
}

// maxSeconds bounds times on a world's clock: about 95 years.
const maxSeconds = 3e9

// concerns says whether f is about an instance and a version.
func (f *Fault) concerns(instance, version string) bool {
	return (f.Version == "" || f.Version == version) &&
		(len(f.Instances) == 0 || slices.Contains(f.Instances, instance))
}
