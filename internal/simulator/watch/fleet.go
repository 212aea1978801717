package watch

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// asBefore: after rolled_back or retained, every instance, tenant and route is as
// the snapshot had it. Instances that a fault killed or took away are not the
// engine's to bring back, and those that joined are not its to remove.
var asBefore = checker{promise: 3, wrote: func(x *Watcher, e engine.Event) {
	if e.Kind == engine.Finished && e.Outcome != engine.Succeeded && !x.world.Drifted() {
		x.compare()
	}
}}

func (x *Watcher) compare() {
	for _, was := range x.before.Instances {
		if !wasComing(was) {
			x.compareInstance(was)
		}
	}
	for _, was := range x.before.Tenants {
		if pin := x.world.Pin(was.ID); pin != was.Pin {
			x.violated(3, "tenant %s is pinned to %q, and before to %q", was.ID, pin, was.Pin)
		}
	}
	if routes := x.world.Routes(); !slices.Equal(routes, x.before.Routes) {
		x.violated(3, "the routes are %v, and before %v", routes, x.before.Routes)
	}
	if slot := x.plan.NewSlot; slot != "" && !slices.ContainsFunc(x.before.Instances, func(i engine.Instance) bool { return i.Slot == slot }) {
		if n := x.count(slot); n > 0 {
			x.violated(3, "slot %s has %d instances, and was not there before", slot, n)
		}
	}
}

// count is how many instances a slot has.
func (x *Watcher) count(slot string) (n int) {
	for range x.slot(slot) {
		n++
	}
	return n
}

// compareInstance looks for what is otherwise with an instance than it was.
func (x *Watcher) compareInstance(was engine.Instance) {
	in, there := x.world.Instance(was.ID)
	switch {
	case there:
	case was.Slot == x.plan.NewSlot && x.count(was.Slot) > 0, x.world.Leaves(was.ID):
		return // a standby slot was provisioned anew
	default:
		x.violated(3, "instance %s is gone", was.ID)
		return
	}
	if in.Slot != was.Slot || in.Default != was.Default {
		x.violated(3, "instance %s of slot %s serves %q, and before %q in slot %s", in.ID, in.Slot, in.Default, was.Default, was.Slot)
	}
	if has, had := in.versions(), versionsOf(was); !slices.Equal(has, had) {
		x.violated(3, "instance %s has the versions %q, and before %q", in.ID, has, had)
	}
	if was.Ready && !in.Ready && !in.Dead {
		x.violated(3, "instance %s is %s, and was ready before", in.ID, in.Phase)
	}
}

// versionsOf are the versions that an instance had, with the one that it was starting.
func versionsOf(was engine.Instance) []string {
	if was.Ready || was.Default == "" || slices.Contains(was.Installed, was.Default) {
		return was.Installed
	}
	return slices.Sorted(slices.Values(append(slices.Clone(was.Installed), was.Default)))
}

// versions are the versions that in has, or that are on their way.
func (in *Instance) versions() []string {
	var has []string
	for _, h := range in.Held {
		has = append(has, h.Version)
	}
	return has
}

// wasComing says whether an instance was coming up when the plan was made: what it
// would serve was not known, so it cannot be brought back to it.
func wasComing(was engine.Instance) bool { return was.Default == "" && !was.Ready }

// exposureBound: exposure never exceeds what the plan shows for the stage. Where a
// strategy changes instances, the number of tenants is what even spreading gives,
// and not a bound.
var exposureBound = checker{promise: 4, changed: func(x *Watcher) {
	if x.world.Drifted() {
		return // nobody can answer for what somebody else did
	}
	bound := x.bound()
	e := x.exposed()
	if e.Instances > bound.Instances {
		x.violated(4, "%d instances can serve %s, and the plan says %d", e.Instances, x.plan.Candidate, bound.Instances)
	}
	if x.plan.Spec.Strategy == engine.Direct || x.plan.Spec.Strategy == engine.Rolling || x.plan.Restores != "" {
		return
	}
	if !x.state.InFlight() {
		return // what happens now is no rollout's doing
	}
	if x.state.Phase == engine.PhaseRollingBack && x.who().joined {
		return // they are brought back at the end, and until then serve whom they get
	}
	if x.world.Churns() {
		return // who comes is in nobody's plan, and the others' share changes with who is there
	}
	if x.world.Lacks(engine.CanTenants) { // then the plan counts no tenants, and a slot with a share has one, whatever it sends
		if e.Tenants <= 1 {
			return
		}
		bound.Tenants = e.Tenants
	}
	const rounding = 0.01 // of both shares
	if e.Tenants > bound.Tenants || e.Share > bound.Share+rounding {
		x.violated(4, "%s serves %d tenants, %.3f %% of the traffic, and the plan says %d, %.3f %%",
			x.plan.Candidate, e.Tenants, e.Share, bound.Tenants, bound.Share)
	}
}}

// known is what follows from who is there.
type known struct {
	ever      bool // it was found out
	arrivals  int64
	strangers []string // those whose exposure is none of the plan's
	joined    bool     // one has joined since the rollout began, or was about to
}

// who finds out who is there, where that may have changed.
func (x *Watcher) who() *known {
	k := &x.known
	if now := x.world.Arrivals(); !k.ever || k.arrivals != now {
		*k = known{ever: true, arrivals: now}
		for in := range x.world.Instances() {
			if !x.targets[in.ID] && (in.Slot != x.plan.NewSlot || in.Joined) {
				k.strangers = append(k.strangers, in.ID)
			}
			k.joined = k.joined || x.came(&in)
		}
	}
	return k
}

// came says whether in joined on its own, and was not there when the plan was made.
func (x *Watcher) came(in *Instance) bool { return in.Joined && !x.there[in.ID] }

// bound is what the plan allows now, with what the candidate had from the start.
func (x *Watcher) bound() engine.Exposure {
	b := x.start
	if n := len(x.begun); n > 0 {
		e := x.plan.Stages[x.begun[n-1]].Exposure
		b.Tenants, b.Instances, b.Share = b.Tenants+e.Tenants, b.Instances+e.Instances, b.Share+e.Share
	}
	return b
}

// exposed is what the candidate reaches among the plan's instances and tenants:
// those that joined meanwhile are in no plan.
func (x *Watcher) exposed() engine.Exposure {
	e, routes := x.world.Exposure(x.plan.Candidate), x.world.Routes()
	for _, id := range x.who().strangers {
		if in, _ := x.world.Instance(id); in.serves(x.plan.Candidate) && share(routes, in.Slot) > 0 {
			e.Instances--
		}
	}
	return e
}

// capacityKept: rolling never has more instances out of service than its batches
// allow, on the way forward and back. Those that a fault killed, or that the fleet could
// not change and the rollout went on without, do not count.
var capacityKept = checker{promise: 9, changed: func(x *Watcher) {
	s := &x.plan.Spec
	if s.Strategy != engine.Rolling || x.plan.Restores != "" || s.Rolling == nil || x.plan.Baseline == x.plan.Candidate {
		return
	}
	allowed := s.Rolling.BatchSize.Of(x.active) * min(*s.Rolling.MaxParallelBatches, max(1, x.active))
	out := 0
	for in := range x.world.Restless() {
		_, there := x.there[in.ID]
		if there && in.Slot == x.plan.Slot && in.By == x.plan.Rollout && !in.Ready && !in.Dead && !x.behind(&in) {
			out++
		}
	}
	if out > allowed {
		x.violated(9, "%d instances are out of service, and the batches allow %d", out, allowed)
	}
}}

// routedToReady: traffic is never routed to an environment or a version that is not
// ready to take it, as far as its health probes tell.
var routedToReady = checker{promise: 10, ordered: func(x *Watcher, o engine.Order) {
	routes, c := x.world.Routes(), o.Change
	switch c.Kind {
	case engine.Shift:
		for _, r := range c.Routes {
			if r.Percent > share(routes, r.Slot) && !x.ravaged(r.Slot) && !x.servable(r.Slot, func(*Instance) bool { return true }) {
				x.violated(10, "%g %% of the traffic is routed to slot %s, which is not ready", r.Percent, r.Slot)
			}
		}
	case engine.Pin:
		slot := busiest(routes)
		if !x.ravaged(slot) && !x.servable(slot, func(in *Instance) bool { return in.has(c.Version) || !x.targets[in.ID] || x.behind(in) }) {
			x.violated(10, "tenants are pinned to %s, which is not ready", c.Version)
		}
	case engine.Activate:
		x.activated(&o)
	}
}}

// activated looks for instances that are told to serve what they do not have.
func (x *Watcher) activated(o *engine.Order) {
	version := o.Change.Version
	ids := slices.Clone(o.Change.Named)
	for i := range o.Instances {
		ids = append(ids, o.Instances[i].ID)
	}
	for _, id := range ids {
		if in, _ := x.world.Instance(id); in.Ready && !in.has(version) && version != "" {
			x.violated(10, "%s becomes the default of %s, where it is not ready", version, in.ID)
		}
	}
}

// busiest is the slot that takes the most traffic.
func busiest(routes []engine.Route) string {
	best := routes[0]
	for _, r := range routes {
		if r.Percent > best.Percent {
			best = r
		}
	}
	return best.Slot
}

// ravaged says whether faults have left nothing of a slot that served at the start, but
// for those that joined on their own, which are still on their way. Its traffic is lost
// wherever it is routed, and it is where it belongs.
func (x *Watcher) ravaged(slot string) bool {
	for in := range x.slot(slot) {
		if !x.came(&in) && !in.Dead {
			return false
		}
	}
	return share(x.before.Routes, slot) > 0
}

// behind says whether the rollout goes on without in.
func (x *Watcher) behind(in *Instance) bool { return slices.Contains(x.state.Behind, in.ID) }

// servable says whether a slot has instances, and all that no fault killed and that did
// not join on their own can serve. Of an instance whose probes are stuck at telling that
// it is well, nobody can know better.
func (x *Watcher) servable(slot string, can func(*Instance) bool) bool {
	n := 0
	for in := range x.slot(slot) {
		switch {
		case x.came(&in):
		case in.SeemsFit && can(&in):
			n++
		case in.Dead, x.behind(&in):
		case !in.Ready || !can(&in):
			return false
		default:
			n++
		}
	}
	return n > 0
}
