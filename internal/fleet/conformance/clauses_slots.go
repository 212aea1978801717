package conformance

import (
	"math"
	"net/http"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var slots = []engine.Capability{engine.CanSlots}

func slotClauses() []Clause {
	after := []string{"orders.taken", "fleet.routes", "slots.provision"}
	return []Clause{
		{ID: "slots.provision", Says: "`provision`: `slot` has exactly `count` instances that hold only `version`, and gets no traffic from that.", Needs: slots, After: []string{"orders.taken", "fleet.routes"}, try: (*trial).provision},
		{ID: "slots.count", Says: "`provision` is absolute: with another `count` the slot has so many.", Needs: slots, After: after, try: (*trial).provisionAgain},
		{ID: "slots.retire", Says: "`retire`: `slot` and its instances are removed; where there is none, nothing happens.", Needs: slots, After: after, try: (*trial).retire},
		{ID: "slots.shift", Says: "`shift`: traffic is routed as `routes` say, and never is less than all routed.", Needs: slots, After: after, try: (*trial).shiftAll},
		{ID: "slots.unnamed", Says: "`shift`: a slot that is not named gets no traffic.", Needs: slots, After: []string{"orders.taken", "slots.provision", "slots.shift"}, try: (*trial).shiftUnnamed},
		{ID: "slots.shift_exposed", Says: "What the candidate reaches has the share of the traffic that is routed to it.", Needs: slots, After: []string{"orders.taken", "slots.provision", "slots.shift"}, try: (*trial).shiftExposed},
		{ID: "slots.share", Says: "`shift` with the capability `routes`: a slot gets any percentage.", Needs: []engine.Capability{engine.CanSlots, engine.CanRoutes}, After: after, try: (*trial).shiftShare},
		{ID: "smoke.run", Says: "`smoke`: `tests` are run on `slot`, and the condition counts which are running, passed and failed.", Needs: []engine.Capability{engine.CanSlots, engine.CanSmokeTests}, After: after, try: (*trial).smoke},
		{ID: "smoke.again", Says: "The order of a smoke change again does not run the tests again.", Needs: []engine.Capability{engine.CanSlots, engine.CanSmokeTests}, After: []string{"orders.taken", "orders.again", "slots.provision", "smoke.run"}, try: (*trial).smokeAgain},
	}
}

// room is for how many instances there is room, up to two.
func (t *trial) room() int {
	f := t.describe()
	if f.Spare == nil {
		return 1
	}
	if *f.Spare < 1 {
		t.leaveOut("there is no room for another instance: spare is %d", *f.Spare)
	}
	return min(2, *f.Spare)
}

// extra has n instances of the new version in a slot of their own.
func (t *trial) extra(n int) contract.Condition {
	return t.done(engine.Change{Kind: engine.Provision, Slot: extraSlot, Count: n, Version: t.box.new}, nil)
}

// inExtra are the instances of that slot.
func (t *trial) inExtra() []contract.Instance {
	return slices.DeleteFunc(t.instances(), func(i contract.Instance) bool { return i.Slot != extraSlot })
}

// shift routes a share of the traffic to the slot, and the rest to the sandbox's own.
func (t *trial) shift(percent float64) engine.Change {
	return engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: t.box.slot, Percent: 100 - percent}, {Slot: extraSlot, Percent: percent}}}
}

// routed fails where another share than percent goes to the slot.
func (t *trial) routedTo(percent float64) {
	f := t.describe()
	t.routed(&f)
	got := 0.0
	for _, r := range f.Routes {
		if r.Slot == extraSlot {
			got = r.Percent
		}
	}
	t.must(math.Abs(got-percent) < 1e-6, "%g %% of the traffic goes to slot %s, and %g %% are wanted", got, extraSlot, percent)
}

func (t *trial) provision() {
	n := t.room()
	before := len(t.instances())
	c := t.extra(n)
	in := t.inExtra()
	t.must(len(in) == n && len(t.instances()) == before+n, "slot %s has %d instances, and %d were asked for", extraSlot, len(in), n)
	for _, i := range in {
		t.must(i.Default == t.box.new && slices.Equal(i.Installed, []string{t.box.new}) && i.Ready, "instance %s is %+v", i.ID, i)
	}
	t.must(c.Watched == n, "the condition watches %d instances of the slot, and it has %d", c.Watched, n)
	t.routedTo(0)
}

func (t *trial) provisionAgain() {
	n := t.room()
	t.extra(n)
	t.extra(1)
	t.must(len(t.inExtra()) == 1, "slot %s has %d instances, and 1 was asked for after %d", extraSlot, len(t.inExtra()), n)
	t.extra(n)
	t.must(len(t.inExtra()) == n, "slot %s has %d instances, and %d were asked for after 1", extraSlot, len(t.inExtra()), n)
}

func (t *trial) retire() {
	t.extra(t.room())
	for range 2 {
		t.done(engine.Change{Kind: engine.Retire, Slot: extraSlot}, nil)
		t.must(len(t.inExtra()) == 0, "slot %s has %d instances", extraSlot, len(t.inExtra()))
		t.routedTo(0)
	}
}

func (t *trial) shiftAll() {
	t.extra(t.room())
	whole := func(*contract.Condition) {
		f := t.describe()
		t.routed(&f)
	}
	t.done(t.shift(100), whole)
	t.routedTo(100)
	t.done(t.shift(0), whole)
	t.routedTo(0)
}

func (t *trial) shiftUnnamed() {
	t.extra(t.room())
	t.done(engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: extraSlot, Percent: 100}}}, nil)
	t.routedTo(100)
}

func (t *trial) shiftExposed() {
	c := t.extra(t.room())
	t.must(c.Exposed.Share == 0, "the candidate has %g %% of the traffic, and none is routed to it", c.Exposed.Share)
	c = t.done(t.shift(100), nil)
	t.must(math.Abs(c.Exposed.Share-100) < 1e-6, "the candidate has %g %% of the traffic, and all of it is routed to it", c.Exposed.Share)
}

func (t *trial) shiftShare() {
	t.extra(t.room())
	for _, percent := range []float64{12.5, 50} {
		t.done(t.shift(percent), nil)
		t.routedTo(percent)
	}
}

// smoked runs tests on the slot, and waits for them.
func (t *trial) smoked() ask {
	t.extra(t.room())
	a := t.ordered(contract.Order{Change: engine.Change{Kind: engine.Smoke, Slot: extraSlot, Tests: []string{"health", "checkout"}}})
	t.settled(contract.Watch{Candidate: t.box.new, Slot: extraSlot}, func(c *contract.Condition) {
		s := c.Smoke
		t.must(s.Running+s.Passed+s.Failed == 2, "%d smoke tests run, %d passed and %d failed, of 2", s.Running, s.Passed, s.Failed)
	})
	return a
}

func (t *trial) smoke() {
	t.smoked()
	s := t.conditionOf(t.going.rollout, contract.Watch{Candidate: t.box.new}).Smoke
	t.must(s.Running == 0 && len(s.Failures) == s.Failed, "with nothing pending %d smoke tests run; %d failed, and %d failures are told", s.Running, s.Failed, len(s.Failures))
}

func (t *trial) smokeAgain() {
	a := t.smoked()
	t.read(a, http.StatusAccepted, nil)
	s := t.conditionOf(t.going.rollout, contract.Watch{Candidate: t.box.new}).Smoke
	t.must(s.Running == 0, "%d smoke tests run after the same order again", s.Running)
}
