package enginetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Place is a fleet under test, and how to let its time pass.
type Place struct {
	engine.Fleet
	engine.Meter
	Now func() time.Time
	// Pass lets d pass.
	Pass func(d time.Duration)
}

// Fleets is the conformance suite of engine.Fleet. open returns a new fleet of at
// least two instances and ten tenants, all ready, on version 1.5.0 of plugin gateway
// in Production, with traffic, in one slot called blue. A fleet that lacks capabilities
// must refuse what it cannot do, and is not asked for more.
func Fleets(t *testing.T, open func(t *testing.T) Place) {
	for _, c := range []struct {
		name string
		run  func(f *fleetSuite, t *testing.T)
	}{
		{"snapshots are sorted and whole", (*fleetSuite).snapshots},
		{"orders are fenced", (*fleetSuite).fenced},
		{"installs stand beside", (*fleetSuite).installs},
		{"replacing is absolute", (*fleetSuite).replaces},
		{"pins hold tenants", (*fleetSuite).pins},
		{"slots come and go", (*fleetSuite).slots},
		{"measurements are counts of a time", (*fleetSuite).measures},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t)
			head, err := p.Describe(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			plan := planFor(t, p)
			c.run(&fleetSuite{Place: p, Capabilities: head.Capabilities, plan: &plan}, t)
		})
	}
}

type fleetSuite struct {
	Place
	engine.Capabilities
	plan *engine.Plan
	seq  int64
}

// able says whether the fleet has a capability; without it, it must refuse c for good.
func (f *fleetSuite) able(t *testing.T, what engine.Capability, c engine.Change) bool {
	t.Helper()
	if f.Can(what) {
		return true
	}
	f.seq++
	var refused *engine.Refused
	if err := f.Make(context.Background(), f.orderOf(c, f.seq)); !errors.As(err, &refused) {
		t.Errorf("%s without %s: %v, want it refused for good", c, what, err)
	}
	return false
}

func planFor(t *testing.T, p Place) engine.Plan {
	t.Helper()
	snapshot, err := engine.ReadSnapshot(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	// Rolling by health alone needs the least of a fleet.
	least := int64(0)
	plan, err := engine.Compile("conformance", engine.Spec{
		PluginID: "gateway", Environment: engine.Production, Version: "1.6.0", Strategy: engine.Rolling, Analysis: &engine.AnalysisSettings{MinRequests: &least},
	}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// order sends a change and waits until it is in effect.
func (f *fleetSuite) order(t *testing.T, c engine.Change) {
	t.Helper()
	f.seq++
	if err := f.Make(context.Background(), f.orderOf(c, f.seq)); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	f.settle(t, c)
}

func (f *fleetSuite) orderOf(c engine.Change, seq int64) engine.Order {
	return engine.Order{
		Rollout: f.plan.Rollout, Ordinal: 1, Seq: seq, Candidate: f.plan.Candidate, Change: c,
		Instances: f.plan.Instances[c.Instances.From:c.Instances.To], Tenants: f.plan.Tenants[c.Tenants.From:c.Tenants.To],
		Targets: f.targets(),
	}
}

func (f *fleetSuite) settle(t *testing.T, c engine.Change) {
	t.Helper()
	watch := engine.Watch{Instances: f.plan.Instances[c.Instances.From:c.Instances.To], Slot: c.Slot}
	for range 600 {
		got := f.condition(t, watch)
		if got.BrokenCount > 0 {
			t.Fatalf("%s broke: %v", c, got.Broken)
		}
		if got.Pending == 0 && got.Ready == got.Watched {
			return
		}
		f.Pass(time.Second)
	}
	t.Fatalf("%s is not in effect after ten minutes", c)
}

func (f *fleetSuite) condition(t *testing.T, w engine.Watch) engine.Condition {
	t.Helper()
	w.Rollout, w.Candidate, w.Targets = f.plan.Rollout, f.plan.Candidate, f.targets()
	c, err := f.Look(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fleetSuite) measure(t *testing.T, q engine.Question) engine.Answer {
	t.Helper()
	q.Rollout, q.Version, q.Targets = f.plan.Rollout, f.plan.Candidate, f.targets()
	a, err := f.Measure(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (f *fleetSuite) look(t *testing.T) engine.Snapshot {
	t.Helper()
	s, err := engine.ReadSnapshot(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *fleetSuite) snapshots(t *testing.T) {
	s := f.look(t)
	if len(s.Instances) < 2 || (len(s.Tenants) >= 10) != f.Can(engine.CanTenants) || s.Plugin != "gateway" || s.Environment != engine.Production {
		t.Fatalf("not the fleet that the suite wants: %d instances, %d tenants, %s in %s", len(s.Instances), len(s.Tenants), s.Plugin, s.Environment)
	}
	if !slices.IsSortedFunc(s.Instances, func(a, b engine.Instance) int { return compare(a.ID, b.ID) }) ||
		!slices.IsSortedFunc(s.Tenants, func(a, b engine.Tenant) int { return compare(a.ID, b.ID) }) {
		t.Error("instances or tenants are not sorted by id")
	}
	if s.Baseline() != "1.5.0" || s.ActiveSlot() != "blue" || len(s.Routes) != 1 || s.Routes[0].Percent != 100 {
		t.Errorf("baseline %s, routes %v", s.Baseline(), s.Routes)
	}
	for i := range s.Tenants {
		s.Tenants[i].Pin = "changed"
	}
	s.Instances[0].Default = "changed"
	if again := f.look(t); again.Instances[0].Default == "changed" || slices.ContainsFunc(again.Tenants, func(t engine.Tenant) bool { return t.Pin == "changed" }) {
		t.Error("a snapshot is the fleet itself: writing to it changes the fleet")
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (f *fleetSuite) fenced(t *testing.T) {
	change := engine.Change{Kind: engine.Pin, Version: "1.5.0", Tenants: engine.Range{To: 1}}
	if !f.Can(engine.CanTenants) {
		change = engine.Change{Kind: engine.Replace, Version: "1.5.0", Instances: engine.Range{To: 1}}
	}
	for _, c := range []struct {
		seq  int64
		want error
	}{{5, nil}, {5, nil}, {4, engine.ErrSuperseded}, {7, nil}, {6, engine.ErrSuperseded}} {
		if err := f.Make(context.Background(), f.orderOf(change, c.seq)); !errors.Is(err, c.want) {
			t.Errorf("order %d: %v, want %v", c.seq, err, c.want)
		}
	}
}

func (f *fleetSuite) installs(t *testing.T) {
	if !f.able(t, engine.CanSideBySide, engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: f.all()}) {
		f.able(t, engine.CanSideBySide, engine.Change{Kind: engine.Activate, Version: "1.5.0", Instances: f.all()})
		return
	}
	for range 2 { // the second time it is there already
		f.order(t, engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: f.all()})
		for _, i := range f.look(t).Instances {
			if !slices.Equal(i.Installed, []string{"1.5.0", "1.6.0"}) || i.Default != "1.5.0" || !i.Ready {
				t.Fatalf("after an install beside: %+v", i)
			}
		}
	}
	f.order(t, engine.Change{Kind: engine.Activate, Version: "1.6.0", Instances: f.all()})
	f.order(t, engine.Change{Kind: engine.Remove, Version: "1.5.0", Instances: f.all()})
	for _, i := range f.look(t).Instances {
		if !slices.Equal(i.Installed, []string{"1.6.0"}) || i.Default != "1.6.0" || !i.Ready {
			t.Fatalf("after activating and removing the other: %+v", i)
		}
	}
}

func (f *fleetSuite) replaces(t *testing.T) {
	one := engine.Range{To: 1}
	for range 2 {
		f.order(t, engine.Change{Kind: engine.Replace, Version: "1.6.0", Instances: one})
	}
	for _, i := range f.look(t).Instances {
		want := "1.5.0"
		if i.ID == f.plan.Instances[0].ID {
			want = "1.6.0"
		}
		if i.Default != want || !slices.Equal(i.Installed, []string{want}) || !i.Ready {
			t.Fatalf("after replacing %s: %+v", f.plan.Instances[0].ID, i)
		}
	}
	f.order(t, engine.Change{Kind: engine.Remove, Version: "1.6.0", Instances: one})
	for _, i := range f.look(t).Instances {
		if i.ID == f.plan.Instances[0].ID && (i.Default != "" || len(i.Installed) != 0) {
			t.Fatalf("after removing all there is: %+v", i)
		}
	}
}

func (f *fleetSuite) pins(t *testing.T) {
	if !f.able(t, engine.CanTenants, engine.Change{Kind: engine.Pin, Version: "1.5.0"}) || !f.Can(engine.CanSideBySide) {
		return
	}
	f.order(t, engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: f.all()})
	f.order(t, engine.Change{Kind: engine.Pin, Version: "1.6.0", Tenants: engine.Range{To: 3}})
	pinned := func() (n int) {
		for _, tenant := range f.look(t).Tenants {
			if tenant.Pin == "1.6.0" {
				n++
			}
		}
		return n
	}
	if n := pinned(); n != 3 {
		t.Errorf("%d tenants are pinned, want 3", n)
	}
	f.Pass(time.Minute + 2*f.Resolution + f.Delay)
	m := f.measure(t, engine.Question{From: f.Now().Add(-time.Minute - 2*f.Resolution - f.Delay), To: f.Now(), Candidate: engine.WantCounts | engine.WantTenants}).Candidate
	if c := f.condition(t, engine.Watch{}); c.Exposed.Tenants != 3 || (m.Requests > 0) != f.Can(engine.CanTraffic) || m.Tenants > 3 {
		t.Errorf("with 3 tenants pinned: exposed %+v, %d requests of %d tenants", c.Exposed, m.Requests, m.Tenants)
	}
	f.order(t, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{To: 3}})
	if n := pinned(); n != 0 {
		t.Errorf("%d tenants are pinned after unpinning", n)
	}
}

func (f *fleetSuite) slots(t *testing.T) {
	n := len(f.plan.Instances)
	if !f.able(t, engine.CanSlots, engine.Change{Kind: engine.Provision, Slot: "green", Count: n, Version: "1.6.0"}) {
		return
	}
	f.order(t, engine.Change{Kind: engine.Provision, Slot: "green", Count: n, Version: "1.6.0"})
	passed := 0
	if smoke := (engine.Change{Kind: engine.Smoke, Slot: "green", Tests: []string{"health", "checkout"}}); f.able(t, engine.CanSmokeTests, smoke) {
		f.order(t, smoke)
		passed = 2
	}
	m := f.condition(t, engine.Watch{Slot: "green"})
	if m.Watched != n || m.Ready != n || m.Smoke.Passed != passed || m.Exposed.Share != 0 {
		t.Errorf("green after its smoke tests: %d of %d ready, %+v, exposed %+v", m.Ready, m.Watched, m.Smoke, m.Exposed)
	}
	half := engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 50}, {Slot: "green", Percent: 50}}}
	if f.able(t, engine.CanRoutes, half) {
		f.order(t, half)
	}
	f.order(t, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue"}, {Slot: "green", Percent: 100}}})
	if s := f.look(t); s.ActiveSlot() != "green" || s.Baseline() != "1.6.0" {
		t.Errorf("after the switch: %v, %s", s.Routes, s.Baseline())
	}
	f.order(t, engine.Change{Kind: engine.Retire, Slot: "blue"})
	for _, i := range f.look(t).Instances {
		if i.Slot != "green" || i.Default != "1.6.0" {
			t.Errorf("after retiring blue: %+v", i)
		}
	}
}
