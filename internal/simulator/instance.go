package simulator

import (
	"slices"
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
	Wanted   string  `json:"wanted,omitempty"`
	By       string  `json:"by,omitempty"`       // rollout of the last order
	Trouble  string  `json:"trouble,omitempty"`  // what could not be done
	Installs uint64  `json:"installs,omitempty"` // ever begun
	Died     int64   `json:"died,omitempty"`     // when, while dead
	Deaths   []int64 `json:"deaths,omitempty"`   // when it died in the last day
	Joined   bool    `json:"joined,omitempty"`   // on its own, whatever rollout was under way
}

// held is a version on an instance.
type held struct {
	Version string `json:"version"`
	Ready   bool   `json:"ready,omitempty"`
	Epoch   int32  `json:"epoch,omitempty"` // of its install beside the default; halfDone
	Since   int64  `json:"since,omitempty"` // when it started, while it is ready
}

// deaths is how often in died from a time on, since its newest version started: what it
// died of before, that version has nothing to do with.
func (in *instance) deaths(from int64) int {
	for _, h := range in.Held {
		from = max(from, h.Since)
	}
	n := 0
	for _, at := range in.Deaths {
		if at >= from {
			n++
		}
	}
	return n
}

// halfDone is the epoch of an install that failed and left something behind.
const halfDone = -1

// hire adds an instance to a slot, neither ready nor at work.
func (w *World) hire(slot string) *instance {
	w.Hired++
	in := &instance{Serial: w.Hired, ID: instanceName(int(w.Hired), w.cfg.Instances), Slot: slot, Phase: provisioning}
	at, _ := indexIn(w.Members, in)
	w.Members = slices.Insert(w.Members, at, in)
	w.comes(in)
	w.dirty = true
	return in
}

// instance finds an instance by its id; nil: it is not there.
func (w *World) instance(id string) *instance {
	at, found := slices.BinarySearchFunc(w.Members, id, func(in *instance, id string) int { return strings.Compare(in.ID, id) })
	if !found {
		return nil
	}
	return w.Members[at]
}

// numbered finds an instance by its serial number; nil: it is not there.
func (w *World) numbered(serial int32) *instance {
	// The ids are in the order of the numbers as long as they have the same width, and
	// nobody left.
	if at := int(serial) - 1; at >= 0 && at < len(w.Members) && w.Members[at].Serial == serial {
		return w.Members[at]
	}
	return w.instance(instanceName(int(serial), w.cfg.Instances))
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
		if !h.Ready && h.Epoch != halfDone && !(in.Working && h.Version == in.Target) {
			n++
		}
	}
	return n
}
