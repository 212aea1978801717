package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// phase is what an instance is busy with.
type phase string

// The phases. Only a ready instance takes traffic.
const (
	ready        phase = "ready"
	provisioning phase = "provisioning" // it comes up for the first time
	draining     phase = "draining"     // it finishes its requests before a replace
	installing   phase = "installing"
	starting     phase = "starting"
	broken       phase = "broken" // an install failed halfway: it is out of service
	dead         phase = "dead"
)

// instance is one running copy of the application.
type instance struct {
	Serial  int32  `json:"serial"`
	ID      string `json:"id"`
	Slot    string `json:"slot"`
	Phase   phase  `json:"phase"`
	Default string `json:"default,omitempty"`
	Held    []held `json:"held,omitempty"` // versions that are there or on their way, sorted

	// Target is what the work under way makes the default, where Working is set.
	Working bool   `json:"working,omitempty"`
	Target  string `json:"target,omitempty"`
	// Epoch tells the work under way from earlier work, whose events are void.
	Epoch int32 `json:"epoch,omitempty"`
	// Wanted is a version on its way that becomes the default when it is there.
	Wanted   string `json:"wanted,omitempty"`
	By       string `json:"by,omitempty"`       // rollout of the last order
	Trouble  string `json:"trouble,omitempty"`  // what could not be done
	Installs uint64 `json:"installs,omitempty"` // ever begun
	Died     int64  `json:"died,omitempty"`     // when, while dead
}

// held is a version on an instance.
type held struct {
	Version string `json:"version"`
	Ready   bool   `json:"ready,omitempty"`
	Epoch   int32  `json:"epoch,omitempty"` // of its install beside the default
}

// hire adds an instance to a slot, neither ready nor at work.
func (w *World) hire(slot string) *instance {
	w.Hired++
	width := max(2, len(strconv.Itoa(2*w.cfg.Instances)))
	in := &instance{Serial: w.Hired, ID: fmt.Sprintf("instance-%0*d", width, w.Hired), Slot: slot, Phase: provisioning}
	at, _ := slices.BinarySearchFunc(w.Instances, in.ID, func(in *instance, id string) int { return strings.Compare(in.ID, id) })
	w.Instances = slices.Insert(w.Instances, at, in)
	w.dirty = true
	return in
}

// instance finds an instance by its id; nil: it is not there.
func (w *World) instance(id string) *instance {
	at, found := slices.BinarySearchFunc(w.Instances, id, func(in *instance, id string) int { return strings.Compare(in.ID, id) })
	if !found {
		return nil
	}
	return w.Instances[at]
}

// numbered finds an instance by its serial number; nil: it is not there.
func (w *World) numbered(serial int32) *instance {
	// The ids are in the order of the numbers as long as they have the same width.
	if at := int(serial) - 1; at < len(w.Instances) && w.Instances[at].Serial == serial {
		return w.Instances[at]
	}
	for _, in := range w.Instances {
		if in.Serial == serial {
			return in
		}
	}
	return nil
}

// slot lists the instances of a slot.
func (w *World) slot(name string) []*instance {
	var in []*instance
	for _, i := range w.Instances {
		if i.Slot == name {
			in = append(in, i)
		}
	}
	return in
}

// holds finds a version on in; nil: it is neither there nor on its way.
func (in *instance) holds(version string) *held {
	for i := range in.Held {
		if in.Held[i].Version == version {
			return &in.Held[i]
		}
	}
	return nil
}

// has says whether version is on in and ready to serve.
func (in *instance) has(version string) bool {
	h := in.holds(version)
	return h != nil && h.Ready
}

func (in *instance) hold(h held) {
	if there := in.holds(h.Version); there != nil {
		*there = h
		return
	}
	in.Held = append(in.Held, h)
	slices.SortFunc(in.Held, func(a, b held) int { return strings.Compare(a.Version, b.Version) })
}

func (in *instance) drop(version string) {
	in.Held = slices.DeleteFunc(in.Held, func(h held) bool { return h.Version == version })
}

// runsOnly says whether in runs version and nothing else, or is on its way there.
func (in *instance) runsOnly(version string) bool {
	if in.Trouble != "" || in.Phase == dead {
		return false
	}
	if in.Working {
		return in.Target == version
	}
	if version == "" {
		return in.Default == "" && len(in.Held) == 0
	}
	return in.Default == version && len(in.Held) == 1 && in.has(version)
}

// pending says how many changes of in are not in effect yet.
func (in *instance) pending() int {
	n := 0
	if in.Working {
		n++
	}
	for _, h := range in.Held {
		if !h.Ready && !(in.Working && h.Version == in.Target) {
			n++
		}
	}
	return n
}

// replace takes in out of service and makes version its default.
func (w *World) replace(in *instance, version string) {
	switch {
	case in.Working && in.Target == version && in.Trouble == "":
		return
	case !in.Working && in.Phase == ready && in.Default == version && in.has(version):
		in.Trouble = ""
		return
	}
	in.Working, in.Target, in.Trouble, in.Wanted, in.Epoch = true, version, "", "", w.begun()
	w.dirty = true
	switch in.Phase {
	case dead: // it begins when the instance is back
	case ready:
		in.Phase = draining
		w.after(w.cfg.DrainSeconds, workDone, in.Serial, in.Epoch)
	case draining:
		w.after(w.cfg.DrainSeconds, workDone, in.Serial, in.Epoch)
	case provisioning:
		w.after(w.cfg.ProvisionSeconds, workDone, in.Serial, in.Epoch)
	default:
		w.install(in)
	}
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
	w.after(w.cfg.InstallSeconds, workDone, in.Serial, in.Epoch)
}

// start starts in with in.Target as its default.
func (w *World) start(in *instance) {
	in.Phase, in.Default = starting, in.Target
	w.after(w.startup(in, in.Target), workDone, in.Serial, in.Epoch)
}

// workDone is the end of a phase of the work on an instance.
func (w *World) workDone(e event) {
	in := w.numbered(e.A)
	if in == nil || in.Epoch != e.B || !in.Working || in.Phase == dead {
		return
	}
	w.dirty = true
	switch in.Phase {
	case draining, provisioning:
		w.install(in)
	case installing:
		if reason := w.installFails(in, in.Target); reason != "" {
			in.drop(in.Target)
			in.Phase, in.Working, in.Trouble = broken, false, reason
			return
		}
		w.start(in)
	case starting:
		if in.Target != "" {
			in.hold(held{Version: in.Target, Ready: true})
		}
		in.Phase, in.Working, in.Target = ready, false, ""
	}
}

// beside puts version on in without taking it out of service.
func (w *World) beside(in *instance, version string) {
	in.Trouble = ""
	if in.holds(version) != nil {
		return
	}
	h := held{Version: version, Epoch: w.begun()}
	in.hold(h)
	w.after(w.cfg.InstallSeconds+w.startup(in, version), besideDone, in.Serial, h.Epoch)
}

// besideDone is the end of an install beside the default.
func (w *World) besideDone(e event) {
	in := w.numbered(e.A)
	if in == nil || in.Phase == dead {
		return
	}
	at := slices.IndexFunc(in.Held, func(h held) bool { return h.Epoch == e.B && !h.Ready })
	if at < 0 {
		return
	}
	w.dirty = true
	version := in.Held[at].Version
	if reason := w.installFails(in, version); reason != "" {
		in.drop(version)
		in.Trouble = reason
		return
	}
	in.Held[at] = held{Version: version, Ready: true}
	if in.Wanted == version {
		in.Default, in.Wanted = version, ""
	}
}

// activate makes version, which is installed, the default of in.
func (w *World) activate(in *instance, version string) {
	in.Trouble, in.Wanted = "", ""
	w.dirty = true
	switch h := in.holds(version); {
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
	in.Phase, in.Died = dead, w.Time
	w.dirty = true
}

// revive brings a dead instance back and takes up the work on it again.
func (w *World) revive(in *instance) {
	if in.Phase != dead {
		return
	}
	in.Phase, in.Died = ready, 0
	w.dirty = true
	for i := range in.Held {
		if h := &in.Held[i]; !h.Ready && h.Epoch != 0 {
			h.Epoch = w.begun()
			w.after(w.cfg.InstallSeconds+w.startup(in, h.Version), besideDone, in.Serial, h.Epoch)
		}
	}
	if in.Working {
		in.Phase, in.Epoch = installing, w.begun()
		w.install(in)
	} else if in.Trouble != "" && in.Default == "" {
		in.Phase = broken
	}
}
