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
	RejectedCall  FaultKind = "rejected_call"  // a change is refused for good
	RefusedCall   FaultKind = "refused_call"   // a change is not taken, and an error comes back
	MeasureFails  FaultKind = "measure_fails"  // counting traffic fails
	SnapshotFails FaultKind = "snapshot_fails" // listing the fleet fails
	LookFails     FaultKind = "look_fails"     // reading the condition of the instances fails
	InstanceJoins FaultKind = "instance_joins" // Count instances join the active slot when the fault begins
	InstanceLeave FaultKind = "instance_leave" // the targeted instances leave when the fault begins; never the last one of a slot

	CrashLoop       FaultKind = "crash_loop"         // instances die, come back after 5 seconds, and die again after Magnitude seconds, 0: 20
	Hang            FaultKind = "hang"               // instances take requests and probes, and answer none
	InstallHangs    FaultKind = "install_hangs"      // an install that begins does not end before the fault does
	InstallHalfDone FaultKind = "install_half_done"  // an install fails, and leaves what it had put there
	ProbesFlaky     FaultKind = "probes_flaky"       // each health probe fails with the chance of Magnitude, 0: 0.1
	ProbesStuck     FaultKind = "probes_stuck"       // instances are told to be well, whatever they are
	Drift           FaultKind = "drift"              // somebody else gives instances another version when the fault begins: Version, or that which most have
	CapacityLost    FaultKind = "capacity_lost"      // an instance that is taken out of service to get a version dies
	SlowCall        FaultKind = "slow_call"          // a change takes Magnitude seconds until the reply, 0: 10
	DuplicateCall   FaultKind = "duplicate_call"     // a change reaches the fleet twice
	PartialCall     FaultKind = "partial_call"       // a change reaches half of its instances, and an error comes back
	HalfSwitch      FaultKind = "half_switch"        // a shift of routes goes half of the way and fails
	Surge           FaultKind = "surge"              // there are Magnitude times as many requests, 0: 3
	HotTenant       FaultKind = "hot_tenant"         // the targeted tenants send Magnitude times as much, 0: 20
	NoisyMinute     FaultKind = "noisy_minute"       // all versions err Magnitude times as often, 0: 3
	GrayFailure     FaultKind = "gray_failure"       // the 99th percentile of latency is Magnitude times as high, and the median as ever; 0: 5
	MetricsLate     FaultKind = "metrics_late"       // samples arrive Magnitude seconds late, 0: 30
	MetricsStale    FaultKind = "metrics_stale"      // reading gives what there was when the fault began
	MetricsTwice    FaultKind = "metrics_duplicated" // samples are counted twice
	CounterReset    FaultKind = "counter_reset"      // all samples so far are lost when the fault begins
	ClockJump       FaultKind = "clock_jump"         // the clock jumps Magnitude seconds ahead when the fault begins, 0: 120; nothing is measured meanwhile
)

// FaultKinds lists every kind.
func FaultKinds() []FaultKind {
	return []FaultKind{
		InstallFails, InstanceCrash, ProbesFail, SlowStart, ErrorSpike, Latency, TenantFails, MetricsGap,
		MetricsNaN, SwitchFails, SmokeFails, LostReply, RefusedCall, RejectedCall, MeasureFails, SnapshotFails, LookFails, InstanceJoins, InstanceLeave,
		CrashLoop, Hang, InstallHangs, InstallHalfDone, ProbesFlaky, ProbesStuck, Drift, CapacityLost, SlowCall, DuplicateCall,
		PartialCall, HalfSwitch, Surge, HotTenant, NoisyMinute, GrayFailure, MetricsLate, MetricsStale, MetricsTwice, CounterReset, ClockJump,
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
	case ProbesFlaky:
		p.within(path+"magnitude", f.Magnitude, 0, 1)
	case CrashLoop, SlowCall, MetricsLate, ClockJump:
		p.within(path+"magnitude", f.Magnitude, 0, 3_600)
	case Surge, HotTenant, NoisyMinute, GrayFailure:
		p.within(path+"magnitude", f.Magnitude, 0, 1_000)
	case InstanceJoins:
		p.within(path+"count", float64(f.Count), 1, 10_000)
	case InstanceLeave:
		if len(f.Instances) == 0 {
			p.add(path+"instances", "", "names no instance that leaves")
		}
	}
}

// usual are the magnitudes of the kinds that have one where none is given.
var usual = map[FaultKind]float64{
	CrashLoop: 20, ProbesFlaky: 0.1, SlowCall: 10, Surge: 3, HotTenant: 20, NoisyMinute: 3, GrayFailure: 5, MetricsLate: 30, ClockJump: 120,
}

// magnitude is Magnitude, or the usual one of the kind.
func (f *Fault) magnitude() float64 {
	if f.Magnitude == 0 {
		return usual[f.Kind]
	}
	return f.Magnitude
}

// maxSeconds bounds times on a world's clock: about 95 years.
const maxSeconds = 3e9

// targeted says whether f singles out tenants.
func (f *Fault) targeted() bool { return len(f.Tenants) > 0 || f.TenantShare > 0 }

// concerns says whether f is about an instance and a version.
func (f *Fault) concerns(instance, version string) bool {
	return (f.Version == "" || f.Version == version) &&
		(len(f.Instances) == 0 || slices.Contains(f.Instances, instance))
}
