package conformance

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var (
	beside = []engine.Capability{engine.CanSideBySide}
	pinned = []engine.Capability{engine.CanTenants, engine.CanSideBySide}
)

func instanceClauses() []Clause {
	return []Clause{
		{ID: "changes.replace", Says: "`replace`: `version` becomes the default in place of the old one, which is removed, and the instance comes back.", After: afterOrder, try: (*trial).replace},
		{ID: "changes.remove", Says: "`remove` of the default version: the plugin is gone from the instance.", After: afterOrder, try: (*trial).removeDefault},
		{ID: "changes.install", Says: "`install`: `version` is put beside what the instances hold; the default stays, and nothing goes out of service.", Needs: beside, After: afterOrder, try: (*trial).install},
		{ID: "changes.activate", Says: "`activate`: `version`, which is installed, becomes the default, and nothing goes out of service.", Needs: beside, After: []string{"targets.kept", "orders.taken", "changes.install"}, try: (*trial).activate},
		{ID: "changes.activate_none", Says: "`activate` of `\"\"`: the instances serve none by default, and keep what is installed.", Needs: beside, After: []string{"targets.kept", "orders.taken", "changes.install"}, try: (*trial).activateNone},
		{ID: "changes.remove_beside", Says: "`remove` of a version that is not the default: it is removed, and the default stays.", Needs: beside, After: []string{"targets.kept", "orders.taken", "changes.install"}, try: (*trial).removeBeside},
		{ID: "changes.pending", Says: "What is pending is counted until it is in effect: with nothing pending and nothing broken, all that was asked for is there.", After: afterOrder, try: (*trial).pending},
	}
}

func tenantClauses() []Clause {
	return []Clause{
		{ID: "changes.pin", Says: "`pin`: the tenants are held to `version`, and no others.", Needs: pinned, After: []string{"targets.kept", "orders.taken", "changes.install"}, try: (*trial).pin},
		{ID: "changes.unpin", Says: "`unpin`: the tenants follow the default again.", Needs: pinned, After: []string{"targets.kept", "orders.taken", "changes.pin"}, try: (*trial).unpin},
		{ID: "changes.pin_exposed", Says: "What the candidate reaches counts the tenants that are pinned to it.", Needs: pinned, After: []string{"targets.kept", "orders.taken", "changes.pin"}, try: (*trial).pinExposed},
	}
}

// has fails where the first n of the instances do not hold and serve what they have to.
func (t *trial) has(n int, version string, installed ...string) {
	for i, in := range t.mine() {
		if i >= n {
			t.must(in.Default == t.box.old && slices.Equal(in.Installed, []string{t.box.old}) && in.Ready, "instance %s, which was not asked for, is %+v", in.ID, in)
			continue
		}
		t.must(in.Default == version && slices.Equal(in.Installed, installed) && in.Ready, "instance %s is %+v, and it should serve %q, hold %q and be ready", in.ID, in, version, installed)
	}
}

// both are the two versions, sorted.
func (b *sandbox) both() []string { return slices.Sorted(slices.Values([]string{b.old, b.new})) }

func (t *trial) replace() {
	t.done(bring(t.box.new, first(1)), nil)
	t.has(1, t.box.new, t.box.new)
}

func (t *trial) removeDefault() {
	t.done(engine.Change{Kind: engine.Remove, Version: t.box.old, Instances: first(1)}, nil)
	in := t.mine()[0]
	t.must(in.Default == "" && len(in.Installed) == 0, "instance %s is %+v", in.ID, in)
}

// installed puts the new version beside the old one on all instances.
func (t *trial) installedBeside(in engine.Range) {
	t.done(engine.Change{Kind: engine.Install, Version: t.box.new, Instances: in}, t.steady("while a version is installed"))
}

func (t *trial) install() {
	t.installedBeside(first(1))
	t.has(1, t.box.old, t.box.both()...)
}

func (t *trial) activate() {
	t.installedBeside(first(1))
	t.done(engine.Change{Kind: engine.Activate, Version: t.box.new, Instances: first(1)}, t.steady("while a version is activated"))
	t.has(1, t.box.new, t.box.both()...)
}

func (t *trial) activateNone() {
	t.installedBeside(first(1))
	t.done(engine.Change{Kind: engine.Activate, Instances: first(1)}, nil)
	in := t.mine()[0]
	t.must(in.Default == "" && slices.Equal(in.Installed, t.box.both()), "instance %s is %+v", in.ID, in)
}

func (t *trial) removeBeside() {
	t.installedBeside(first(1))
	t.done(engine.Change{Kind: engine.Remove, Version: t.box.new, Instances: first(1)}, t.steady("while a version is removed that is not the default"))
	t.has(1, t.box.old, t.box.old)
}

// pending looks at what is there in the moment in which nothing is pending any more.
func (t *trial) pending() {
	t.ordered(contract.Order{Change: bring(t.box.new, t.box.all())})
	most := 0
	t.settled(contract.Watch{Candidate: t.box.new, Instances: t.box.all()}, func(c *contract.Condition) { most = max(most, c.Pending) })
	t.must(most <= len(t.box.instances), "%d changes are pending, of %d instances that were asked for", most, len(t.box.instances))
	t.runs(len(t.box.instances), "with nothing pending")
}

// pins are the tenants that are held to the new version.
func (t *trial) pins() (of []string) {
	for _, tenant := range t.tenants() {
		if tenant.Pin == t.box.new {
			of = append(of, tenant.ID)
		}
	}
	return of
}

// pinnedTenants is how many tenants are pinned.
const pinnedTenants = 3

// pinSome pins tenants to the new version, which it puts everywhere before.
func (t *trial) pinSome() {
	t.installedBeside(t.box.all())
	t.done(engine.Change{Kind: engine.Pin, Version: t.box.new, Tenants: first(pinnedTenants)}, nil)
}

func (t *trial) pin() {
	t.pinSome()
	t.must(slices.Equal(t.pins(), t.box.tenants[:pinnedTenants]), "%q are pinned, and %q were asked for", t.pins(), t.box.tenants[:pinnedTenants])
	for _, in := range t.mine() {
		t.must(in.Default == t.box.old, "instance %s serves %q by default, and only tenants were pinned", in.ID, in.Default)
	}
}

func (t *trial) unpin() {
	t.pinSome()
	t.done(engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: 1, To: pinnedTenants}}, nil)
	t.must(slices.Equal(t.pins(), t.box.tenants[:1]), "%q are pinned, and the others than %s were unpinned", t.pins(), t.box.tenants[0])
}

func (t *trial) pinExposed() {
	t.installedBeside(t.box.all())
	c := t.conditionOf(t.going.rollout, contract.Watch{Candidate: t.box.new})
	t.must(c.Exposed.Tenants == 0 && c.Exposed.Share == 0, "the candidate reaches %d tenants and %g %% of the traffic, and nobody was pinned to it", c.Exposed.Tenants, c.Exposed.Share)
	c = t.done(engine.Change{Kind: engine.Pin, Version: t.box.new, Tenants: first(pinnedTenants)}, nil)
	t.must(c.Exposed.Tenants == pinnedTenants && c.Exposed.Share > 0 && c.Exposed.Share < 100, "the candidate reaches %d tenants and %g %% of the traffic, and %d are pinned to it", c.Exposed.Tenants, c.Exposed.Share, pinnedTenants)
	t.must(c.Exposed.Instances == len(t.box.instances), "%d instances can serve the candidate, and it is installed on %d", c.Exposed.Instances, len(t.box.instances))
}

func (t *trial) pinServed() {
	t.pinSome()
	from := t.describe().At
	to := t.later(from)
	a := t.measure(contract.Question{Version: t.box.new, From: from, To: to, Candidate: counts, Baseline: counts})
	t.must(a.Candidate.Requests > 0, "%s served nothing in %s, with %d tenants pinned to it", t.box.new, engine.Spoken(to.Sub(from)), pinnedTenants)
	t.must(a.Baseline.Requests > 0, "nothing else was served than %s, with %d of %d tenants pinned to it", t.box.new, pinnedTenants, len(t.box.tenants))
}
