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
	Now func() time.Time
	// Pass lets d pass.
	Pass func(d time.Duration)
}

// Fleets is the conformance suite of engine.Fleet. open returns a new fleet of at
// least two instances and ten tenants, all ready, on version 1.5.0 of plugin gateway
// in Production, with traffic, in one slot called blue.
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
			plan := planFor(t, p)
			c.run(&fleetSuite{Place: p, plan: &plan}, t)
		})
	}
}

type fleetSuite struct {
	Place
	plan *engine.Plan
	seq  int64
}

func planFor(t *testing.T, p Place) engine.Plan {
	t.Helper()
	snapshot, err := p.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("conformance", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// order sends a change and waits until it is in effect.
func (f *fleetSuite) order(t *testing.T, c engine.Change) {
	t.Helper()
	f.seq++
	if err := f.Make(context.Background(), engine.Order{Rollout: f.plan.Rollout, Seq: f.seq, Plan: f.plan, Change: c}); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	f.settle(t, c)
}

func (f *fleetSuite) settle(t *testing.T, c engine.Change) {
	t.Helper()
	watch := engine.Watch{Instances: c.Instances, Slot: c.Slot}
	for range 600 {
		m := f.measure(t, engine.Scope{Arm: engine.CandidateArm, From: f.Now(), To: f.Now(), Watch: watch})
		if len(m.Broken) > 0 {
			t.Fatalf("%s broke: %v", c, m.Broken)
		}
		if m.Pending == 0 && m.Ready == m.Watched {
			return
		}
		f.Pass(time.Second)
	}
	t.Fatalf("%s is not in effect after ten minutes", c)
}

func (f *fleetSuite) measure(t *testing.T, s engine.Scope) engine.Measurement {
	t.Helper()
	s.Rollout, s.Plan = f.plan.Rollout, f.plan
	m, err := f.Measure(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (f *fleetSuite) look(t *testing.T) engine.Snapshot {
	t.Helper()
	s, err := f.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *fleetSuite) all() engine.Range { return engine.Range{To: len(f.plan.Instances)} }

func (f *fleetSuite) snapshots(t *testing.T) {
	s := f.look(t)
	if len(s.Instances) < 2 || len(s.Tenants) < 10 || s.Plugin != "gateway" || s.Environment != engine.Production {
		t.Fatalf("not the fleet that the suite wants: %d instances, %d tenants, %s in %s", len(s.Instances), len(s.Tenants), s.Plugin, s.Environment)
	}
	if !slices.IsSortedFunc(s.Instances, func(a, b engine.Instance) int { return compare(a.ID, b.ID) }) ||
		!slices.IsSortedFunc(s.Tenants, func(a, b engine.Tenant) int { return compare(a.ID, b.ID) }) {
		t.Error("instances or tenants are not sorted by id")
	}
	if s.Baseline() != "1.5.0" || s.ActiveSlot() != "blue" || len(s.Routes) != 1 || s.Routes[0].Percent != 100 {
		t.Errorf("baseline %s, routes %v", s.Baseline(), s.Routes)
	}
	s.Instances[0].Default, s.Tenants[0].Pin = "changed", "changed"
	if again := f.look(t); again.Instances[0].Default == "changed" || again.Tenants[0].Pin == "changed" {
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
	pin := func(seq int64, to int) error {
		return f.Make(context.Background(), engine.Order{
			Rollout: f.plan.Rollout, Seq: seq, Plan: f.plan,
			Change: engine.Change{Kind: engine.Pin, Version: "1.5.0", Tenants: engine.Range{To: to}},
		})
	}
	for _, c := range []struct {
		seq  int64
		want error
	}{{5, nil}, {5, nil}, {4, engine.ErrSuperseded}, {7, nil}, {6, engine.ErrSuperseded}} {
		if err := pin(c.seq, 1); !errors.Is(err, c.want) {
			t.Errorf("order %d: %v, want %v", c.seq, err, c.want)
		}
	}
}

func (f *fleetSuite) installs(t *testing.T) {
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
	f.Pass(time.Minute)
	m := f.measure(t, engine.Scope{Arm: engine.CandidateArm, From: f.Now().Add(-time.Minute), To: f.Now()})
	if m.Exposed.Tenants != 3 || m.Requests == 0 || m.Tenants > 3 {
		t.Errorf("with 3 tenants pinned: exposed %+v, %d requests of %d tenants", m.Exposed, m.Requests, m.Tenants)
	}
	f.order(t, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{To: 3}})
	if n := pinned(); n != 0 {
		t.Errorf("%d tenants are pinned after unpinning", n)
	}
}

func (f *fleetSuite) slots(t *testing.T) {
	n := len(f.plan.Instances)
	f.order(t, engine.Change{Kind: engine.Provision, Slot: "green", Count: n, Version: "1.6.0"})
	f.order(t, engine.Change{Kind: engine.Smoke, Slot: "green", Tests: []string{"health", "checkout"}})
	m := f.measure(t, engine.Scope{Arm: engine.CandidateArm, From: f.Now(), To: f.Now(), Watch: engine.Watch{Slot: "green"}})
	if m.Watched != n || m.Ready != n || m.Smoke.Passed != 2 || m.Exposed.Share != 0 {
		t.Errorf("green after its smoke tests: %d of %d ready, %+v, exposed %+v", m.Ready, m.Watched, m.Smoke, m.Exposed)
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

func (f *fleetSuite) measures(t *testing.T) {
	f.Pass(5 * time.Minute)
	now := f.Now()
	scope := func(from, to time.Duration) engine.Scope {
		return engine.Scope{Arm: engine.BaselineArm, From: now.Add(from), To: now.Add(to), Bounds: []float64{1, 100, 60_000}, Grid: true}
	}
	whole := f.measure(t, scope(-4*time.Minute, 0))
	if whole.Requests == 0 || whole.Newest.IsZero() || whole.Newest.After(now) {
		t.Fatalf("four minutes of traffic: %+v", whole)
	}
	if whole.Errors+whole.Timeouts > whole.Requests || whole.Conversions > whole.Requests || len(whole.Slower) != 3 ||
		!slices.IsSortedFunc(whole.Slower, func(a, b int64) int { return int(b - a) }) || whole.Slower[0] > whole.Requests {
		t.Errorf("counts that cannot be: %+v", whole)
	}
	if at := slices.Index(engine.LatencyGrid(), 100); len(whole.Grid) != len(engine.LatencyGrid()) ||
		!slices.IsSortedFunc(whole.Grid, func(a, b int64) int { return int(b - a) }) || whole.Grid[at] != whole.Slower[1] {
		t.Errorf("a grid that does not fit the bounds %v: %v", whole.Slower, whole.Grid)
	}
	if again := f.measure(t, scope(-4*time.Minute, 0)); again.Requests != whole.Requests || again.Errors != whole.Errors || !slices.Equal(again.Slower, whole.Slower) || !slices.Equal(again.Grid, whole.Grid) {
		t.Errorf("the same time measured twice: %d and %d requests", whole.Requests, again.Requests)
	}
	first, second := f.measure(t, scope(-4*time.Minute, -2*time.Minute)), f.measure(t, scope(-2*time.Minute, 0))
	if d := first.Requests + second.Requests - whole.Requests; d < -2 || d > 2 { // a fleet may round
		t.Errorf("%d and %d requests in the halves, %d in the whole", first.Requests, second.Requests, whole.Requests)
	}
	nothing := f.measure(t, engine.Scope{Arm: engine.CandidateArm, From: now.Add(-4 * time.Minute), To: now, Control: true})
	if nothing.Requests != 0 {
		t.Errorf("a version that nobody runs has %d requests", nothing.Requests)
	}
	if want := (engine.Counts{Requests: whole.Requests, Errors: whole.Errors}); nothing.Control != want || whole.Control != (engine.Counts{}) {
		t.Errorf("the other arm has %+v, and is told to have %+v, and where nobody asked, %+v", want, nothing.Control, whole.Control)
	}
	scope4 := scope(-4*time.Minute, 0)
	scope4.PerTenant = true
	var sum int64
	for _, tenant := range f.measure(t, scope4).PerTenant {
		sum += tenant.Requests
	}
	if d := whole.Requests - sum; d < 0 || d > whole.Requests/50 { // rounding by tenant loses some
		t.Errorf("the tenants have %d requests, all together %d", sum, whole.Requests)
	}
}
