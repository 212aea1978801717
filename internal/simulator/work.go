package simulator

import (
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// replace takes in out of service and makes version its default.
func (w *World) replace(in *instance, version string) {
	w.stir(in)
	switch {
	case in.Working && in.Target == version && in.Trouble == "":
		return
	case in.serves(version):
		in.Trouble = ""
		return
	}
	// An install that the work so far was at is given up.
	in.Held = slices.DeleteFunc(in.Held, func(h held) bool { return !h.Ready && h.Epoch <= 0 })
	in.Working, in.Target, in.Trouble, in.Wanted, in.Epoch = true, version, "", "", w.begun()
	w.dirty = true
	if in.Phase == ready && w.faulted(CapacityLost, in.ID, version) {
		w.die(in)
	}
	switch in.Phase {
	case dead: // it begins when the instance is back
	case ready, draining:
		in.Phase = draining
		w.after(w.cfg.DrainSeconds, workDone, in.Serial, in.Epoch)
	case provisioning:
		w.after(w.cfg.ProvisionSeconds, workDone, in.Serial, in.Epoch)
	default:
		w.install(in)
	}
}

// serves says whether in serves version, and is not at work on another one.
func (in *instance) serves(version string) bool {
	return !in.Working && in.Phase == ready && in.Default == version && in.has(version)
}

// install puts in.Target on in, which is out of service, unless it is there.
func (w *World) install(in *instance) {
	if in.Default != in.Target {
		in.drop(in.Default)
		in.Default = ""
	}
	if in.Target == "" || in.has(in.Target) {
		w.start(in)
		return
	}
	in.Phase = installing
	in.hold(held{Version: in.Target})
	w.after(w.installing(in, in.Target), workDone, in.Serial, in.Epoch)
}

// start starts in with in.Target as its default.
func (w *World) start(in *instance) {
	in.Phase, in.Default = starting, in.Target
	w.after(w.startup(in, in.Target), workDone, in.Serial, in.Epoch)
}

// workDone is the end of a phase of the work on an instance.
func (w *World) workDone(e kernel.Event) {
	in := w.numbered(e.A)
	if in == nil || in.Epoch != e.B || !in.Working || in.Phase == dead {
		return
	}
	w.stir(in)
	w.dirty = true
	switch in.Phase {
	case draining, provisioning:
		w.install(in)
	case installing:
		if reason := w.installFails(in, in.Target); reason != "" {
			w.abandon(in, in.Target)
			in.Phase, in.Working, in.Trouble = broken, false, reason
			return
		}
		w.start(in)
	case starting:
		if in.Target != "" {
			w.started(in, in.Target)
		}
		in.Phase, in.Working, in.Target = ready, false, ""
	}
}

// beside puts version on in without taking it out of service.
func (w *World) beside(in *instance, version string) {
	w.stir(in)
	in.Trouble = ""
	if h := in.holds(version); h != nil && h.Epoch != halfDone {
		return
	}
	h := held{Version: version, Epoch: w.begun()}
	in.hold(h)
	w.after(w.installing(in, version)+w.startup(in, version), besideDone, in.Serial, h.Epoch)
}

// besideDone is the end of an install beside the default.
func (w *World) besideDone(e kernel.Event) {
	in := w.numbered(e.A)
	if in == nil || in.Phase == dead {
		return
	}
	at := slices.IndexFunc(in.Held, func(h held) bool { return h.Epoch == e.B && !h.Ready })
	if at < 0 {
		return
	}
	w.stir(in)
	w.dirty = true
	version := in.Held[at].Version
	if reason := w.installFails(in, version); reason != "" {
		w.abandon(in, version)
		in.Trouble = reason
		return
	}
	w.started(in, version)
	if in.Wanted == version {
		in.Default, in.Wanted = version, ""
	}
}

// activate makes version, which is installed, the default of in; "" leaves it
// without one.
func (w *World) activate(in *instance, version string) {
	w.stir(in)
	in.Trouble, in.Wanted = "", ""
	w.dirty = true
	switch h := in.holds(version); {
	case version == "": // no default, as before a first deployment
		in.Default = ""
	case h == nil:
		in.Trouble = fmt.Sprintf("%s cannot become the default: it is not installed", version)
	case !h.Ready:
		in.Wanted = version
	default:
		in.Default = version
	}
}

// remove takes version away from in. Where it is the default, the plugin is gone.
func (w *World) remove(in *instance, version string) {
	w.stir(in)
	in.Trouble = ""
	w.dirty = true
	in.drop(version)
	if in.Wanted == version {
		in.Wanted = ""
	}
	if in.Default == version {
		in.Default = ""
	}
	aimed := in.Working && in.Target == version
	if aimed || in.Phase == broken { // what it was out of service for is no more
		in.Working, in.Target, in.Epoch = false, "", w.begun()
		if in.Phase != dead {
			in.Phase = ready
		}
	}
}

// die takes in out of service until revive.
func (w *World) die(in *instance) {
	if in.Phase == dead {
		return
	}
	w.stir(in)
	in.Phase, in.Died = dead, w.Time
	in.Deaths = slices.DeleteFunc(append(in.Deaths, w.Time), func(at int64) bool { return at < w.Time-traffic.History })
	w.dirty = true
}

// revive brings a dead instance back and takes up the work on it again.
func (w *World) revive(in *instance) {
	if in.Phase != dead {
		return
	}
	w.stir(in)
	in.Phase, in.Died = ready, 0
	w.dirty = true
	for i := range in.Held {
		if h := &in.Held[i]; !h.Ready && h.Epoch > 0 {
			h.Epoch = w.begun()
			w.after(w.installing(in, h.Version)+w.startup(in, h.Version), besideDone, in.Serial, h.Epoch)
		}
	}
	if in.Working {
		in.Phase, in.Epoch = installing, w.begun()
		w.install(in)
	} else if in.Trouble != "" && in.Default == "" {
		in.Phase = broken
	}
}
