package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// faultState is what became of a fault.
type faultState struct {
	Active bool  `json:"active,omitempty"`
	Struck int   `json:"struck,omitempty"` // how often
	Since  int64 `json:"since,omitempty"`  // when it began, while it is active
	Turn   int32 `json:"turn,omitempty"`   // tells the events of a crash loop that is over
}

// scheduleFaults puts the faults that count from base into the queue.
func (w *World) scheduleFaults(base int64, absolute bool) {
	for i, f := range w.cfg.Faults {
		if f.Absolute != absolute {
			continue
		}
		w.queue.Push(kernel.Event{At: base + nanoseconds(f.FromSeconds), Handler: faultBegins, A: int32(i)})
		if f.ToSeconds > 0 {
			w.queue.Push(kernel.Event{At: base + nanoseconds(f.ToSeconds), Handler: faultEnds, A: int32(i)})
		}
	}
}

// faultBegins starts a fault.
func (w *World) faultBegins(e kernel.Event) {
	f, s := &w.cfg.Faults[e.A], &w.Faults[e.A]
	s.Active, s.Since, w.dirty = true, w.Time, true
	w.stirNamed(f.Instances) // it may be a fault of their probes
	switch f.Kind {
	case InstanceCrash:
		w.crash(int(e.A))
	case MetricsGap, MetricsNaN, MetricsTwice:
		w.Gaps = append(w.Gaps, traffic.Gap{From: w.Time, To: w.endOf(f), Version: f.Version, NaN: f.Kind == MetricsNaN, Twice: f.Kind == MetricsTwice})
		w.fired(int(e.A))
	case InstanceJoins:
		w.join(f.Count)
		w.fired(int(e.A))
	case CrashLoop:
		w.loopTurns(kernel.Event{A: e.A, B: s.Turn})
	case Drift:
		w.drift(int(e.A))
	case ClockJump:
		w.jump(f.magnitude())
		w.fired(int(e.A))
	case CounterReset:
		w.Gaps = append(w.Gaps, traffic.Gap{From: -2 * traffic.History, To: w.Time, Version: f.Version})
		w.traffic.Forget()
		w.fired(int(e.A))
	case InstanceLeave:
		w.lose(int(e.A))
	}
}

// lose takes the instances away that a fault names, but the last one of a slot.
func (w *World) lose(fault int) {
	for _, id := range w.cfg.Faults[fault].Instances {
		if in := w.instance(id); in != nil && len(w.slot(in.Slot)) > 1 {
			w.leave(in)
			w.fired(fault)
		}
	}
}

// crash lets the instances die that a fault strikes.
func (w *World) crash(fault int) {
	for _, in := range w.Members {
		if w.strikesAt(fault, in.ID, in.Default) {
			w.die(in)
		}
	}
}

// join lets instances join the active slot on their own.
func (w *World) join(n int) {
	version := w.commonest()
	for range n {
		in := w.hire(w.activeSlot())
		in.Joined = true
		w.replace(in, version)
	}
}

// endOf is when a fault ends that begins now.
func (w *World) endOf(f *Fault) int64 {
	if f.ToSeconds <= 0 {
		return math.MaxInt64
	}
	return w.Time + nanoseconds(f.ToSeconds) - nanoseconds(f.FromSeconds)
}

// faultEnds stops a fault.
func (w *World) faultEnds(e kernel.Event) {
	f, s := &w.cfg.Faults[e.A], &w.Faults[e.A]
	s.Active, w.dirty = false, true
	s.Turn++
	if f.Kind != InstanceCrash && f.Kind != CrashLoop && f.Kind != CapacityLost {
		return
	}
	for _, in := range w.Members {
		if len(f.Instances) == 0 || slices.Contains(f.Instances, in.ID) {
			w.revive(in)
		}
	}
}

// strikesAt draws whether the active fault i strikes an instance and a version,
// and counts it.
func (w *World) strikesAt(i int, instance, version string, more ...uint64) bool {
	f, s := &w.cfg.Faults[i], &w.Faults[i]
	if !s.Active || !f.concerns(instance, version) || f.Times > 0 && s.Struck >= f.Times {
		return false
	}
	if f.Probability > 0 {
		keys := append([]uint64{w.faultKey(i), chance.Key(instance), chance.Key(version), uint64(s.Since)}, more...)
		g := chance.StreamOf(w.seed, chance.ForFaults, keys...)
		if !g.Happens(chance.Of(f.Probability)) {
			return false
		}
	}
	s.Struck++
	w.fired(i)
	return true
}

// strikes says whether a fault of a kind strikes an order.
func (w *World) strikes(kind FaultKind, o engine.Order) bool {
	for i, f := range w.cfg.Faults {
		if f.Kind == kind && w.strikesAt(i, "", o.Change.Version, w.Calls) {
			return true
		}
	}
	return false
}

// anyFault says whether a fault of a kind strikes now, whatever it targets.
func (w *World) anyFault(kind FaultKind) bool { return w.faulted(kind, "", "") }

// faulted says whether a fault of a kind strikes an instance and a version now.
func (w *World) faulted(kind FaultKind, instance, version string) bool {
	for i, f := range w.cfg.Faults {
		if f.Kind == kind && w.strikesAt(i, instance, version, uint64(w.Time), w.Calls) {
			return true
		}
	}
	return false
}

// installFails says why the install of version on in fails; "" where it succeeds.
func (w *World) installFails(in *instance, version string) string {
	in.Installs++
	for i, f := range w.cfg.Faults {
		if (f.Kind == InstallFails || f.Kind == InstallHalfDone) && w.strikesAt(i, in.ID, version, in.Installs) {
			return "the install of " + version + " failed"
		}
	}
	s := chance.StreamOf(w.seed, chance.ForInstalls, uint64(in.Serial), chance.Key(version), in.Installs)
	if s.Happens(chance.Of(w.behaviourOf(version).InstallFailureRate)) {
		w.note("install_failure")
		return "the install of " + version + " failed"
	}
	return ""
}

// startup is how many seconds a version takes to start on in: of several faults that slow
// it down the worst counts.
func (w *World) startup(in *instance, version string) float64 {
	if version == "" {
		return 0
	}
	usual := w.behaviourOf(version).StartupSeconds
	seconds := usual
	for i, f := range w.cfg.Faults {
		if f.Kind == SlowStart && w.strikesAt(i, in.ID, version, uint64(w.Time)) {
			seconds = max(seconds, cond(usual > 0, float64(usual*f.Magnitude), f.Magnitude))
		}
	}
	return min(seconds, maxSeconds)
}

// tenantFaults lists the active faults that single out tenants, but for those about a version
// that nobody ever ran.
func (w *World) tenantFaults() []int {
	var active []int
	for i := range w.cfg.Faults {
		f := &w.cfg.Faults[i]
		if w.Faults[i].Active && (f.Kind == HotTenant || f.Kind == TenantFails && f.targeted() && w.mayConcern(f)) {
			active = append(active, i)
		}
	}
	return active
}

// mayConcern says whether f is about all versions, or about one that ran here.
func (w *World) mayConcern(f *Fault) bool { return f.Version == "" || w.census.ran[f.Version] }

// hits says whether fault i targets tenant t.
func (w *World) hits(i, t int) bool {
	f := &w.cfg.Faults[i]
	switch {
	case len(f.Tenants) > 0:
		return slices.Contains(f.Tenants, w.traffic.Roster().ID(t))
	case f.TenantShare > 0:
		s := chance.StreamOf(w.seed, chance.ForTargets, uint64(t), 2, w.faultKey(i))
		return s.Happens(chance.Of(f.TenantShare))
	default:
		return true
	}
}

// activeSlot is the slot that takes the most traffic.
func (w *World) activeSlot() string {
	best := w.Routes[0]
	for _, r := range w.Routes {
		if r.Percent > best.Percent {
			best = r
		}
	}
	return best.Slot
}

// commonest is the version that most instances of the active slot serve by
// default, the lesser one where two tie.
func (w *World) commonest() string {
	in := w.slot(w.activeSlot())
	counts := map[string]int{}
	for _, i := range in {
		counts[i.Default]++
	}
	best, most := "", 0
	for _, i := range in {
		if n := counts[i.Default]; i.Default != "" && (n > most || n == most && i.Default < best) {
			best, most = i.Default, n
		}
	}
	return best
}
