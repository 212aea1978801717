package simulator

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// backAfter is how many seconds an instance in a crash loop is away.
const backAfter = 5

// loopTurns kills the instances of a crash loop, or brings them back until they die
// again. B is the turn of the fault: what is left of a loop that is over does nothing.
func (w *World) loopTurns(e kernel.Event) {
	f, s := &w.cfg.Faults[e.A], &w.Faults[e.A]
	if !s.Active || s.Turn != e.B {
		return
	}
	died := false
	for _, in := range w.Members {
		switch {
		case in.Phase == dead && f.concerns(in.ID, in.Default):
			w.revive(in)
		case w.strikesAt(int(e.A), in.ID, in.Default, uint64(w.Time)):
			w.die(in)
			died = true
		}
	}
	w.after(cond(died, backAfter, max(1, f.magnitude())), loopTurns, e.A, e.B)
}

// drift gives instances another version, as somebody might who does not know of the
// rollout: that of the fault, or the one that most instances serve.
func (w *World) drift(i int) {
	version := w.cfg.Faults[i].Version
	if version == "" {
		version = w.commonest()
	}
	for _, in := range w.Members {
		if version != "" && in.Phase == ready && w.strikesAt(i, in.ID, version) {
			w.started(in, version)
			in.Default = version
		}
	}
}

// drifted says whether somebody else changed the fleet.
func (w *World) drifted() bool {
	for i, f := range w.cfg.Faults {
		if f.Kind == Drift && w.Faults[i].Struck > 0 {
			return true
		}
	}
	return false
}

// jump sets the clock ahead. What was to happen meanwhile happens at once, late;
// nobody measured anything.
func (w *World) jump(seconds float64) {
	from := w.Time
	w.Time += nanoseconds(seconds)
	w.Gaps = append(w.Gaps, traffic.Gap{From: from, To: w.Time})
}

// installing is how many seconds an install takes that begins now.
func (w *World) installing(in *instance, version string) float64 {
	for i, f := range w.cfg.Faults {
		if f.Kind == InstallHangs && w.strikesAt(i, in.ID, version, uint64(w.Time)) {
			if f.ToSeconds == 0 {
				return maxSeconds
			}
			end := w.Faults[i].Since + nanoseconds(f.ToSeconds) - nanoseconds(f.FromSeconds)
			return float64(end-w.Time)/1e9 + w.cfg.InstallSeconds
		}
	}
	return w.cfg.InstallSeconds
}

// abandon takes away what a failed install had put on in, or where it is half done
// leaves it there.
func (w *World) abandon(in *instance, version string) {
	for i, f := range w.cfg.Faults {
		if f.Kind == InstallHalfDone && w.Faults[i].Active && f.concerns(in.ID, version) {
			in.hold(held{Version: version, Epoch: halfDone})
			return
		}
	}
	in.drop(version)
}

// probeResult is what the health probes of an instance say.
type probeResult struct {
	version  string // whose probes failed; "": nobody's did
	failures int    // in a row, up to now
	unproven bool   // none was good since the version started
}

// probes asks the probes of the versions that in serves, the candidate's first: they
// are made when a version starts, and then at every interval of the clock.
func (w *World) probes(in *instance, candidate string) probeResult {
	if in.Phase == dead {
		every := nanoseconds(w.cfg.ProbeIntervalSeconds)
		return probeResult{version: in.Default, failures: int(w.Time/every - in.Died/every)}
	}
	if in.Phase != ready { // an instance that is out of service for work on it is not probed
		return probeResult{}
	}
	if h := in.holds(candidate); h != nil && h.Ready {
		if p := w.probesOf(in, candidate, h.Since); p.failures > 0 {
			return p
		}
	}
	if in.Default == candidate || in.Default == "" && candidate != "" {
		return probeResult{}
	}
	since := int64(-1)
	if h := in.holds(in.Default); h != nil {
		since = h.Since
	}
	return w.probesOf(in, in.Default, since)
}

// probesOf counts the probes of a version on in that failed in a row, up to now. since is
// when the version started there.
func (w *World) probesOf(in *instance, version string, since int64) probeResult {
	p := probeResult{version: version}
	every := nanoseconds(w.cfg.ProbeIntervalSeconds)
	for i, f := range w.cfg.Faults {
		s := &w.Faults[i]
		if !s.Active || !f.concerns(in.ID, version) {
			continue
		}
		failures, unproven := 0, false
		switch f.Kind {
		case ProbesFail, Hang:
			w.fired(i)
			failures = int(w.Time/every - max(s.Since, since)/every)
			if unproven = s.Since <= since; unproven {
				failures++ // the one at its start
			}
		case ProbesFlaky:
			failures, unproven = w.flaky(in, i, since)
		}
		p.failures, p.unproven = max(p.failures, failures), p.unproven || unproven
	}
	return p
}

// flaky counts the probes of in, in a row, that fault i lets fail. A version that starts
// while they are flaky is probed at its start too.
func (w *World) flaky(in *instance, i int, since int64) (n int, unproven bool) {
	every := nanoseconds(w.cfg.ProbeIntervalSeconds)
	began := w.Faults[i].Since
	fails := func(probe int64) bool {
		s := chance.StreamOf(w.seed, chance.ForFaults, w.faultKey(i), chance.Key(in.ID), uint64(probe))
		return s.Happens(chance.Of(w.cfg.Faults[i].magnitude()))
	}
	for probe := w.Time / every; probe > max(began, since)/every; probe-- {
		if !fails(probe) {
			return n, false
		}
		w.fired(i)
		n++
	}
	if since < began || !fails(since/every) {
		return n, false
	}
	w.fired(i)
	return n + 1, true
}

// probing are the kinds of faults of which instances that are well show something when
// they are looked at.
func (k FaultKind) probing() bool {
	return k == ProbesFail || k == Hang || k == ProbesFlaky || k == ProbesStuck
}

// probed yields the active faults of probes that can concern somebody: a version that
// never ran has no probes.
func (w *World) probed(yield func(*Fault) bool) {
	if w.lacks(engine.CanProbes) {
		return
	}
	for i := range w.cfg.Faults {
		f := &w.cfg.Faults[i]
		if w.Faults[i].Active && f.Kind.probing() && w.mayConcern(f) && !yield(f) {
			return
		}
	}
}

// suspected says whether a fault of probes may concern any instance.
func (w *World) suspected() bool {
	for f := range w.probed {
		if len(f.Instances) == 0 {
			return true
		}
	}
	return false
}

// suspects are the instances that faults of probes name.
func (w *World) suspects() (ids []string) {
	for f := range w.probed {
		ids = append(ids, f.Instances...)
	}
	return ids
}

// seemsWell says whether health probes are stuck at telling that in is well, and notes
// that somebody was told.
func (w *World) seemsWell(in *instance) bool {
	i := w.stuckAtWell(in)
	if i >= 0 {
		w.fired(i)
	}
	return i >= 0
}

// stuckAtWell is the fault that has health probes tell that in is well; -1: none.
func (w *World) stuckAtWell(in *instance) int {
	if w.lacks(engine.CanProbes) {
		return -1
	}
	for i, f := range w.cfg.Faults {
		if f.Kind == ProbesStuck && w.Faults[i].Active && f.concerns(in.ID, in.Default) {
			return i
		}
	}
	return -1
}

// lateness moves a time up to which samples are asked for back to where there are
// some.
func (w *World) lateness(to int64) int64 {
	for i, f := range w.cfg.Faults {
		switch s := &w.Faults[i]; {
		case !s.Active:
		case f.Kind == MetricsLate:
			w.fired(i)
			to = min(to, w.Time-nanoseconds(f.magnitude()))
		case f.Kind == MetricsStale:
			w.fired(i)
			to = min(to, s.Since)
		}
	}
	return to
}

// surging is how many times as many requests there are.
func (w *World) surging() float64 {
	factor := 1.0
	for i, f := range w.cfg.Faults {
		if f.Kind == Surge && w.Faults[i].Active {
			factor = float64(factor * f.magnitude())
			w.fired(i)
		}
	}
	return min(factor, 1e6)
}
