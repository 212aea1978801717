package conformance

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func conditionClauses() []Clause {
	return []Clause{
		{ID: "conditions.unknown", Says: "A rollout that no order came from yet has nothing pending, nothing broken and no smoke tests.", try: (*trial).unknownCondition},
		{ID: "conditions.none", Says: "Where no instances are watched, none are counted.", try: (*trial).watchNobody},
		{ID: "conditions.range", Says: "The watched instances of the range are counted, of them those that take traffic.", After: []string{"targets.kept"}, try: (*trial).watchRange},
		{ID: "conditions.named", Says: "Watched are also those that are named, those that are there.", try: (*trial).watchNamed},
		{ID: "conditions.slot", Says: "Watched are also those of the slot.", try: (*trial).watchSlot},
		{ID: "conditions.once", Says: "Who is watched for two reasons is counted once.", After: []string{"targets.kept"}, try: (*trial).watchOnce},
		{ID: "conditions.except", Says: "Instances of `except` are not watched, whatever else says so.", After: []string{"targets.kept"}, try: (*trial).watchExcept},
		{ID: "conditions.failures", Says: "With `failures` of 0 none is failing: nobody asks.", After: []string{"targets.kept"}, try: (*trial).nobodyAsks},
		{ID: "conditions.unproven", Says: "Without the capability `probes` none is unproven.", Lacks: engine.CanProbes, After: []string{"targets.kept"}, try: (*trial).noProbes},
		{ID: "conditions.counts", Says: "Counts agree: no more are ready than are watched, none unproven that is not ready, no more listed than counted, and 100 of a kind at most.", After: afterOrder, try: (*trial).counted},
	}
}

// watched looks at a rollout that nobody knows.
func (t *trial) watched(w contract.Watch) contract.Condition {
	w.Candidate = t.box.new
	return t.conditionOf(t.going.id+"-none", w)
}

func (t *trial) watches(w contract.Watch, want int) {
	c := t.watched(w)
	t.must(c.Watched == want && c.Ready == want, "%d instances are watched and %d of them ready, and %d are wanted", c.Watched, c.Ready, want)
}

func (t *trial) unknownCondition() {
	c := t.conditionOf(t.newID(), contract.Watch{Candidate: t.box.new})
	t.must(c.Pending == 0 && c.BrokenCount == 0 && c.Smoke.Running+c.Smoke.Passed+c.Smoke.Failed == 0, "%d changes are pending, %d broken, and the smoke tests are %+v", c.Pending, c.BrokenCount, c.Smoke)
}

func (t *trial) watchNobody() { t.watches(contract.Watch{}, 0) }

func (t *trial) watchRange() {
	t.watches(contract.Watch{Instances: first(1)}, 1)
	t.watches(contract.Watch{Instances: engine.Range{From: 1, To: len(t.box.instances)}}, len(t.box.instances)-1)
	t.watches(contract.Watch{Instances: engine.Range{To: len(t.box.instances) + 1}}, len(t.box.instances))
}

func (t *trial) watchNamed() {
	t.watches(contract.Watch{Named: []string{t.box.instances[0], ghost}}, 1)
}

func (t *trial) watchSlot() {
	t.watches(contract.Watch{Slot: t.box.slot}, len(t.box.instances))
	t.watches(contract.Watch{Slot: extraSlot}, 0)
}

func (t *trial) watchOnce() {
	t.watches(contract.Watch{Instances: first(2), Named: []string{t.box.instances[0], t.box.instances[0]}}, 2)
	t.watches(contract.Watch{Instances: first(2), Slot: t.box.slot, Named: t.box.instances[:1]}, len(t.box.instances))
}

func (t *trial) watchExcept() {
	out := t.box.instances[:1]
	t.watches(contract.Watch{Instances: t.box.all(), Except: out}, len(t.box.instances)-1)
	t.watches(contract.Watch{Slot: t.box.slot, Named: out, Except: out}, len(t.box.instances)-1)
}

func (t *trial) nobodyAsks() {
	c := t.watched(contract.Watch{Instances: t.box.all()})
	t.must(c.Failing == 0, "%d instances are failing, and nobody asked", c.Failing)
}

func (t *trial) noProbes() {
	c := t.watched(contract.Watch{Instances: t.box.all()})
	t.must(c.Unproven == 0, "%d instances are unproven", c.Unproven)
}

func (t *trial) counted() {
	agree := func(c *contract.Condition) {
		t.must(c.Ready <= c.Watched && c.Unproven <= c.Ready && c.Failing <= c.Watched, "of %d watched instances %d are ready, %d unproven and %d failing", c.Watched, c.Ready, c.Unproven, c.Failing)
		t.must(len(c.Broken) <= min(c.BrokenCount, engine.MostListed), "%d broken changes are listed, and %d counted", len(c.Broken), c.BrokenCount)
		t.must(len(c.Ailing) <= min(c.Watched, engine.MostListed), "%d instances are listed that are not well, and %d are watched", len(c.Ailing), c.Watched)
		t.must(c.Exposed.Share >= 0 && c.Exposed.Share <= 100 && c.Exposed.Tenants <= len(t.box.tenants), "the candidate reaches %+v", c.Exposed)
	}
	c := t.watched(contract.Watch{Instances: t.box.all(), Slot: t.box.slot, Failures: 1})
	agree(&c)
	t.done(bring(t.box.new, t.box.all()), agree)
}
