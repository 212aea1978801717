package conformance

import (
	"net/http"
	"reflect"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// afterOrder is what clauses about the effect of orders rest on.
var afterOrder = []string{"targets.kept", "orders.taken"}

func orderClauses() []Clause {
	return []Clause{
		{ID: "orders.taken", Says: "An order is answered with 202, also for a rollout that nobody knows.", After: []string{"targets.kept"}, try: (*trial).taken},
		{ID: "targets.missing", Says: "An order, a watch or a question that counts in a list that is not there is answered with 409 `targets-missing`.", After: afterOrder, try: (*trial).missingTargets},
		{ID: "targets.places", Says: "Places that are not in the list are answered with 400 `invalid-request`.", After: afterOrder, try: (*trial).noPlaces},
		{ID: "orders.again", Says: "The newest order again, the same address and the same body, is answered with 202, and nothing happens.", After: afterOrder, try: (*trial).orderAgain},
		{ID: "orders.superseded", Says: "An order with a lesser `seq` than the newest of its rollout is answered with 409 `superseded`, also where it was taken once, and nothing happens.", After: afterOrder, try: (*trial).olderSeq},
		{ID: "orders.ordinal", Says: "An order with a lesser `ordinal` than the newest is answered with 409 `superseded`, whatever its `seq`, and nothing happens.", After: afterOrder, try: (*trial).olderOrdinal},
		{ID: "orders.differs", Says: "Another body under the address of the newest order is answered with 409 `order-differs`, and nothing happens.", After: afterOrder, try: (*trial).differs},
		{ID: "orders.read", Says: "Reading never fences, and changes nothing.", After: []string{"targets.kept", "orders.taken", "orders.again"}, try: (*trial).reading},
		{ID: "orders.absolute", Says: "What is in effect already stays, and is not done again.", After: afterOrder, try: (*trial).absolute},
		{ID: "orders.replaced", Says: "A later order about the same target replaces what of an earlier one is not carried out yet.", After: afterOrder, try: (*trial).replacesPending},
		{ID: "orders.gone", Says: "Targets that are not there are passed over.", After: afterOrder, try: (*trial).gone},
		{ID: "orders.except", Says: "Instances of `except` are left out.", After: afterOrder, try: (*trial).except},
		{ID: "orders.named", Says: "Instances that are `named` are changed beside those of the range.", After: afterOrder, try: (*trial).named},
	}
}

func refusalClauses() []Clause {
	return []Clause{
		{ID: "refusals.kind", Says: "A kind that is not known is answered with 422 `refused`.", After: afterOrder, try: (*trial).unknownKind},
		{ID: "refusals.nothing", Says: "An order that is refused takes nothing: another one may come under the same address.", After: []string{"orders.taken", "refusals.kind"}, try: (*trial).takesNothing},
		{ID: "refusals.side_by_side", Says: "Without the capability `side_by_side`, `install` and `activate` are answered with 422 `refused`.", Lacks: engine.CanSideBySide, After: afterOrder, try: (*trial).cannotInstall},
		{ID: "refusals.tenants", Says: "Without the capability `tenants`, `pin` and `unpin` are answered with 422 `refused`.", Lacks: engine.CanTenants, After: afterOrder, try: (*trial).cannotPin},
		{ID: "refusals.slots", Says: "Without the capability `slots`, `provision`, `retire` and `shift` are answered with 422 `refused`.", Lacks: engine.CanSlots, After: afterOrder, try: (*trial).cannotProvision},
		{ID: "refusals.routes", Says: "Without the capability `routes`, a `shift` to other percentages than 0 and 100 is answered with 422 `refused`.", Needs: []engine.Capability{engine.CanSlots}, Lacks: engine.CanRoutes, After: afterOrder, try: (*trial).cannotShare},
		{ID: "refusals.smoke", Says: "Without the capability `smoke_tests`, `smoke` is answered with 422 `refused`.", Lacks: engine.CanSmokeTests, After: afterOrder, try: (*trial).cannotSmoke},
	}
}

// bring replaces the version of some instances.
func bring(version string, in engine.Range) engine.Change {
	return engine.Change{Kind: engine.Replace, Version: version, Instances: in}
}

// versions are the default versions of the sandbox's instances, in their order.
func (t *trial) versions() (of []string) {
	for _, i := range t.mine() {
		of = append(of, i.Default)
	}
	return of
}

// mine are the sandbox's instances that are there.
func (t *trial) mine() []contract.Instance {
	return slices.DeleteFunc(t.instances(), func(i contract.Instance) bool { return !slices.Contains(t.box.instances, i.ID) })
}

// runs holds that the first n of the sandbox's instances run the new version by default,
// and the others the old one.
func (t *trial) runs(n int, when string) {
	want := slices.Repeat([]string{t.box.old}, len(t.box.instances))
	for i := range n {
		want[i] = t.box.new
	}
	got := t.versions()
	t.must(slices.Equal(got, want), "%s the instances run %q, and %q is wanted", when, got, want)
}

// idleOrder is an order of what is in effect already.
func (t *trial) idleOrder() contract.Order {
	return contract.Order{Change: bring(t.box.old, first(1))}
}

func (t *trial) taken() {
	t.ordered(t.idleOrder())
	t.going.seq++
	t.read(t.orderAt(t.newID(), t.going.ordinal, t.going.seq, t.idleOrder()), http.StatusAccepted, nil)
}

func (t *trial) orderAgain() {
	a := t.ordered(contract.Order{Change: bring(t.box.new, first(1))})
	t.settled(contract.Watch{Candidate: t.box.new, Instances: first(1)}, nil)
	t.read(a, http.StatusAccepted, nil)
	c := t.conditionOf(t.going.rollout, contract.Watch{Candidate: t.box.new, Instances: first(1)})
	t.must(c.Pending == 0 && c.Ready == c.Watched, "after the same order again %d changes are pending, and %d of %d instances are ready", c.Pending, c.Ready, c.Watched)
	t.runs(1, "after it")
}

func (t *trial) olderSeq() {
	t.walk()
	older := t.next(contract.Order{Change: bring(t.box.new, first(1))})
	taken := t.ordered(t.idleOrder())
	t.ordered(t.idleOrder())
	t.refused(older, contract.Superseded)
	t.refused(taken, contract.Superseded)
	t.settled(contract.Watch{Candidate: t.box.new, Instances: first(1)}, nil)
	t.runs(0, "after an older order")
}

func (t *trial) olderOrdinal() {
	t.walk()
	if t.can(engine.CanJournal) && !t.failed["rollouts.begin"] {
		t.begin()
	} else {
		t.going.ordinal++
	}
	t.ordered(t.idleOrder())
	t.must(t.going.ordinal > 1, "the ordinal is %d after an earlier rollout", t.going.ordinal)
	t.refused(t.orderAt(t.going.id+"-1", t.going.ordinal-1, t.going.seq+100, contract.Order{Change: bring(t.box.new, first(1))}), contract.Superseded)
	t.settled(contract.Watch{Candidate: t.box.new, Instances: first(1)}, nil)
	t.runs(0, "after an order of an earlier rollout")
}

func (t *trial) differs() {
	t.ordered(t.idleOrder())
	t.refused(t.orderAt(t.going.rollout, t.going.ordinal, t.going.seq, contract.Order{Change: bring(t.box.new, first(1))}), contract.OrderDiffers)
	t.settled(contract.Watch{Candidate: t.box.new, Instances: first(1)}, nil)
	t.runs(0, "after another order of the same number")
}

func (t *trial) reading() {
	a := t.ordered(t.idleOrder())
	t.settled(contract.Watch{Candidate: t.box.new, Instances: t.box.all()}, nil)
	before, tenants := t.mine(), t.tenants()
	t.conditionOf(t.newID(), contract.Watch{Candidate: t.box.new, Instances: t.box.all(), Failures: 3})
	if t.can(engine.CanTraffic) {
		now := t.describe().At
		t.read(post(contract.Question{Rollout: t.newID(), Version: t.box.new, From: now.Add(-1), To: now}, "measurements"), http.StatusOK, nil)
	}
	t.read(a, http.StatusAccepted, nil)
	t.ordered(t.idleOrder())
	t.must(reflect.DeepEqual(before, t.mine()) && reflect.DeepEqual(tenants, t.tenants()), "instances or tenants are others after reading")
}

// steady fails where a watched instance does not take traffic.
func (t *trial) steady(when string) func(*contract.Condition) {
	return func(c *contract.Condition) {
		t.must(c.Ready == c.Watched, "%s %d of %d watched instances are ready", when, c.Ready, c.Watched)
	}
}

func (t *trial) absolute() {
	t.done(bring(t.box.new, first(1)), nil)
	t.done(bring(t.box.new, first(1)), t.steady("while what is in effect already is asked for again"))
	t.runs(1, "after it")
}

func (t *trial) replacesPending() {
	t.ordered(contract.Order{Change: bring(t.box.new, t.box.all())})
	t.done(bring(t.box.old, t.box.all()), nil)
	t.runs(0, "after an order and another one that takes it back")
}

func (t *trial) gone() {
	n := len(t.box.instances)
	t.done(engine.Change{Kind: engine.Replace, Version: t.box.new, Instances: engine.Range{From: n - 1, To: n + 1}, Named: []string{ghost}}, nil)
	got := t.versions()
	t.must(got[n-1] == t.box.new, "beside a target that is not there, %s runs %q, and %s was asked for", t.box.instances[n-1], got[n-1], t.box.new)
	if t.can(engine.CanTenants) {
		n := len(t.box.tenants)
		t.done(engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: n - 1, To: n + 1}}, nil)
	}
}

func (t *trial) except() {
	t.ordered(contract.Order{Change: bring(t.box.new, t.box.all()), Except: t.box.instances[1:]})
	t.settled(contract.Watch{Candidate: t.box.new, Instances: t.box.all()}, nil)
	t.runs(1, "after an order for all except the others")
}

func (t *trial) named() {
	c := bring(t.box.new, first(1))
	c.Named = t.box.instances[1:2]
	t.done(c, nil)
	t.runs(2, "after an order for the first one, and for the second one by its name")
}

// never sends an order that has to be refused.
func (t *trial) never(c engine.Change) {
	t.walk()
	t.refused(t.next(contract.Order{Change: c}), contract.Refused)
}

func (t *trial) unknownKind() {
	t.never(engine.Change{Kind: "conformance", Version: t.box.new, Instances: first(1)})
}

func (t *trial) takesNothing() {
	t.never(engine.Change{Kind: "conformance", Version: t.box.new, Instances: first(1)})
	t.read(t.orderAt(t.going.rollout, t.going.ordinal, t.going.seq, t.idleOrder()), http.StatusAccepted, nil)
}

func (t *trial) cannotInstall() {
	t.never(engine.Change{Kind: engine.Install, Version: t.box.new, Instances: first(1)})
	t.never(engine.Change{Kind: engine.Activate, Version: t.box.old, Instances: first(1)})
}

func (t *trial) cannotPin() {
	t.never(engine.Change{Kind: engine.Pin, Version: t.box.old})
	t.never(engine.Change{Kind: engine.Unpin})
}

func (t *trial) cannotProvision() {
	t.never(engine.Change{Kind: engine.Provision, Slot: extraSlot, Count: 1, Version: t.box.new})
	t.never(engine.Change{Kind: engine.Retire, Slot: extraSlot})
	t.never(t.shift(100))
}

func (t *trial) cannotShare() { t.never(t.shift(50)) }

func (t *trial) cannotSmoke() {
	t.never(engine.Change{Kind: engine.Smoke, Slot: t.box.slot, Tests: []string{"conformance"}})
}
