package watch

import (
	"iter"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// World is a fleet as it is, whatever its faults let others see of it.
type World interface {
	// Imprint is how long the world's clock has run, and a number that differs where what
	// happened differs.
	Imprint() (clock time.Duration, happened uint64)
	// Notify has changed called after every change of the world; nil: nobody is.
	Notify(changed func())
	// News has the next moment count as a change, even if nothing happens in it.
	News()
	// Exposure is what a version reaches now.
	Exposure(version string) engine.Exposure
	// Routes are the shares of the traffic. They are not to be changed.
	Routes() []engine.Route
	// Instances are all, sorted by id.
	Instances() iter.Seq[Instance]
	// Restless are those that are not ready, and some others, sorted by id.
	Restless() iter.Seq[Instance]
	// Instance finds one by its id; false: it is not there.
	Instance(id string) (Instance, bool)
	// Arrivals grows whenever an instance comes or leaves.
	Arrivals() int64
	// Pin is the version that a tenant is pinned to; "": none, or there is no such tenant.
	Pin(tenant string) string
	// Counted is what the world's own books say.
	Counted(q *engine.Question) engine.Answer
	// Churns says whether tenants join and leave by themselves.
	Churns() bool
	// Lacks says whether the fleet has not got a capability.
	Lacks(what engine.Capability) bool
	// Drifted says whether somebody else changed the fleet.
	Drifted() bool
	// Leaves says whether a fault makes an instance leave.
	Leaves(id string) bool
}

// Instance is one running copy of the application.
type Instance struct {
	ID, Slot string
	Phase    string // what it is busy with
	Ready    bool   // it takes traffic
	Dead     bool   // it is out of service until a fault ends
	Default  string // version; "": none
	By       string // rollout of the last order about it
	Joined   bool   // it came on its own
	SeemsFit bool   // its health probes are stuck at telling that it is well
	Held     []Held // versions that are there or on their way, sorted
}

// Held is a version on an instance.
type Held struct {
	Version string
	Ready   bool // to serve
}

// has says whether a version is on in and ready to serve.
func (in *Instance) has(version string) bool { return slices.Contains(in.Held, Held{version, true}) }

// serves says whether in is ready and serves a version; "": it has no default.
func (in *Instance) serves(version string) bool {
	return in.Ready && (in.has(version) || version == "" && in.Default == "")
}

// share is the percentage of the traffic that goes to a slot.
func share(routes []engine.Route, slot string) float64 {
	for _, r := range routes {
		if r.Slot == slot {
			return r.Percent
		}
	}
	return 0
}

// slot yields the instances of a slot, sorted by id.
func (x *Watcher) slot(name string) iter.Seq[Instance] {
	return func(yield func(Instance) bool) {
		for in := range x.world.Instances() {
			if in.Slot == name && !yield(in) {
				return
			}
		}
	}
}
