package simulator

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// asBefore: after rolled_back or retained, every instance, tenant and route is as
// the snapshot had it. Instances that a fault killed or took away are not the
// engine's to bring back, and those that joined are not its to remove.
var asBefore = checker{promise: 3, wrote: func(x *Watcher, e engine.Event) {
	if e.Kind == engine.Finished && e.Outcome != engine.Succeeded && !x.world.drifted() {
		x.compare()
	}
}}

func (x *Watcher) compare() {
	w := x.world
	for _, was := range x.before.Instances {
		if !x.wasComing(was) {
			x.compareInstance(was)
		}
	}
	for t, was := range x.before.Tenants {
		if pin := w.Names[w.Pins[t]]; pin != was.Pin {
			x.violated(3, "tenant %s is pinned to %q, and before to %q", was.ID, pin, was.Pin)
		}
	}
	if !slices.Equal(w.Routes, x.before.Routes) {
		x.violated(3, "the routes are %v, and before %v", w.Routes, x.before.Routes)
	}
	if x.plan.NewSlot != "" && !slices.ContainsFunc(x.before.Instances, func(i engine.Instance) bool { return i.Slot == x.plan.NewSlot }) {
		if n := len(w.slot(x.plan.NewSlot)); n > 0 {
			x.violated(3, "slot %s has %d instances, and was not there before", x.plan.NewSlot, n)
		}
	}
}

// compareInstance looks for what is otherwise with an instance than it was.
func (x *Watcher) compareInstance(was engine.Instance) {
	in := x.world.instance(was.ID)
	switch {
	case in != nil:
	case was.Slot == x.plan.NewSlot && len(x.world.slot(was.Slot)) > 0, x.world.leavers(was.ID):
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
	if was.Ready && in.Phase != ready && in.Phase != dead {
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
func (in *instance) versions() []string {
	var has []string
	for _, h := range in.Held {
		has = append(has, h.Version)
	}
	return has
}

// wasComing says whether an instance was coming up when the plan was made: what it
// would serve was not known, so it cannot be brought back to it.
func (x *Watcher) wasComing(was engine.Instance) bool { return was.Default == "" && !was.Ready }

// leavers says whether a fault made an instance leave.
func (w *World) leavers(id string) bool {
	return slices.ContainsFunc(w.cfg.Faults, func(f Fault) bool {
		return f.Kind == InstanceLeave && slices.Contains(f.Instances, id)
	})
}

// exposureBound: exposure never exceeds what the plan shows for the stage. Where a
// strategy changes instances, the number of tenants is what even spreading gives,
// and not a bound.
var exposureBound = checker{promise: 4, changed: func(x *Watcher) {
	if x.world.drifted() {
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
	if x.state.Phase == engine.PhaseRollingBack && x.joined() {
		return // they are brought back at the end, and until then serve whom they get
	}
	if x.world.cfg.TenantChurn > 0 {
		return // who comes is in nobody's plan, and the others' share changes with who is there
	}
	if x.world.lacks(engine.CanTenants) { // then the plan counts no tenants, and a slot with a share has one, whatever it sends
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

// joined says whether an instance has joined since the rollout began, or was about to.
func (x *Watcher) joined() bool { return slices.ContainsFunc(x.world.Members, x.came) }

// came says whether in joined on its own, and was not there when the plan was made.
func (x *Watcher) came(in *instance) bool {
	return in.Joined && !slices.ContainsFunc(x.before.Instances, func(i engine.Instance) bool { return i.ID == in.ID && !x.wasComing(i) })
}

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
	e := x.world.exposure(x.plan.Candidate)
	e.Instances = 0
	for _, in := range x.world.Members {
		serves := in.has(x.plan.Candidate) || x.plan.Candidate == "" && in.Default == ""
		if serves && in.Phase == ready && x.world.percent(in.Slot) > 0 && (x.targets[in.ID] || in.Slot == x.plan.NewSlot && !in.Joined) {
			e.Instances++
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
	active := len(x.before.Active())
	allowed := s.Rolling.BatchSize.Of(active) * min(*s.Rolling.MaxParallelBatches, max(1, active))
	out := 0
	for _, in := range x.world.slot(x.plan.Slot) {
		if in.By == x.plan.Rollout && !x.behind(in) && in.Phase != ready && in.Phase != dead && slices.ContainsFunc(x.before.Instances, func(i engine.Instance) bool { return i.ID == in.ID }) {
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
	w, c := x.world, o.Change
	switch c.Kind {
	case engine.Shift:
		for _, r := range c.Routes {
			if r.Percent > w.percent(r.Slot) && !x.ravaged(r.Slot) && !x.servable(r.Slot, func(*instance) bool { return true }) {
				x.violated(10, "%g %% of the traffic is routed to slot %s, which is not ready", r.Percent, r.Slot)
			}
		}
	case engine.Pin:
		if !x.ravaged(w.activeSlot()) && !x.servable(w.activeSlot(), func(in *instance) bool { return in.has(c.Version) || !x.planned(in) || x.behind(in) }) {
			x.violated(10, "tenants are pinned to %s, which is not ready", c.Version)
		}
	case engine.Activate:
		for _, in := range w.targets(o) {
			if in.Phase == ready && !in.has(c.Version) && c.Version != "" {
				x.violated(10, "%s becomes the default of %s, where it is not ready", c.Version, in.ID)
			}
		}
	}
}}

// known lists the instances of a slot that were there from the start or that the
// rollout put there; those that joined on their own are still on their way.
func (x *Watcher) known(slot string) []*instance {
	return slices.DeleteFunc(x.world.slot(slot), x.came)
}

// ravaged says whether faults have left nothing of a slot that served at the start.
// Its traffic is lost wherever it is routed, and it is where it belongs.
func (x *Watcher) ravaged(slot string) bool {
	served := slices.ContainsFunc(x.before.Routes, func(r engine.Route) bool { return r.Slot == slot && r.Percent > 0 })
	return served && !slices.ContainsFunc(x.known(slot), func(in *instance) bool { return in.Phase != dead })
}

// behind says whether the rollout goes on without in.
func (x *Watcher) behind(in *instance) bool { return slices.Contains(x.state.Behind, in.ID) }

func (x *Watcher) planned(in *instance) bool {
	return slices.ContainsFunc(x.plan.Instances, func(p engine.PlanInstance) bool { return p.ID == in.ID })
}

// servable says whether a slot has instances, and all that no fault killed can serve. Of
// an instance whose probes are stuck at telling that it is well, nobody can know better.
func (x *Watcher) servable(slot string, can func(*instance) bool) bool {
	n := 0
	for _, in := range x.known(slot) {
		switch {
		case x.world.stuckAtWell(in) >= 0 && can(in):
			n++
		case in.Phase == dead, x.behind(in):
		case in.Phase != ready || !can(in):
			return false
		default:
			n++
		}
	}
	return n > 0
}
