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
	snapshot, err := engine.ReadSnapshot(context.Background(), p)
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
	if err := f.Make(context.Background(), f.orderOf(c, f.seq)); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	f.settle(t, c)
}

func (f *fleetSuite) orderOf(c engine.Change, seq int64) engine.Order {
	return engine.Order{
		Rollout: f.plan.Rollout, Seq: seq, Candidate: f.plan.Candidate, Change: c,
		Instances: f.plan.Instances[c.Instances.From:c.Instances.To], Tenants: f.plan.Tenants[c.Tenants.From:c.Tenants.To],
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
	w.Rollout, w.Candidate = f.plan.Rollout, f.plan.Candidate
	c, err := f.Look(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fleetSuite) measure(t *testing.T, q engine.Question) engine.Answer {
	t.Helper()
	q.Rollout, q.Version = f.plan.Rollout, f.plan.Candidate
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
		return f.Make(context.Background(), f.orderOf(engine.Change{Kind: engine.Pin, Version: "1.5.0", Tenants: engine.Range{To: to}}, seq))
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
	m := f.measure(t, engine.Question{From: f.Now().Add(-time.Minute), To: f.Now(), Candidate: engine.WantCounts | engine.WantTenants}).Candidate
	if c := f.condition(t, engine.Watch{}); c.Exposed.Tenants != 3 || m.Requests == 0 || m.Tenants > 3 {
		t.Errorf("with 3 tenants pinned: exposed %+v, %d requests of %d tenants", c.Exposed, m.Requests, m.Tenants)
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
	m := f.condition(t, engine.Watch{Slot: "green"})
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
	question := func(from, to time.Duration) engine.Question {
		return engine.Question{From: now.Add(from), To: now.Add(to), Bounds: []float64{1, 100, 60_000}, Baseline: engine.WantCounts | engine.WantHistogram | engine.WantMinutes}
	}
	baseline := func(from, to time.Duration) engine.Measurement { return f.measure(t, question(from, to)).Baseline }
	whole := baseline(-4*time.Minute, 0)
	if whole.Requests == 0 || whole.Newest.IsZero() || whole.Newest.After(now) {
		t.Fatalf("four minutes of traffic: %+v", whole)
	}
	falls := func(counts []int64) bool {
		return slices.IsSortedFunc(counts, func(a, b int64) int { return int(b - a) })
	}
	if whole.Errors+whole.Timeouts > whole.Requests || len(whole.Slower) != 3 || !falls(whole.Slower) || whole.Slower[0] > whole.Requests {
		t.Errorf("counts that cannot be: %+v", whole)
	}
	if h := whole.Histogram; len(h.Bounds) == 0 || len(h.Slower) != len(h.Bounds) || !slices.IsSorted(h.Bounds) || !falls(h.Slower) {
		t.Errorf("a histogram that cannot be: %v of %v", h.Slower, h.Bounds)
	}
	if again := baseline(-4*time.Minute, 0); again.Requests != whole.Requests || again.Errors != whole.Errors ||
		!slices.Equal(again.Slower, whole.Slower) || !slices.Equal(again.Histogram.Slower, whole.Histogram.Slower) {
		t.Errorf("the same time measured twice: %d and %d requests", whole.Requests, again.Requests)
	}
	first, second := baseline(-4*time.Minute, -2*time.Minute), baseline(-2*time.Minute, 0)
	if d := first.Requests + second.Requests - whole.Requests; d < -2 || d > 2 { // a fleet may round
		t.Errorf("%d and %d requests in the halves, %d in the whole", first.Requests, second.Requests, whole.Requests)
	}
	f.measuresParts(t, now, &whole, question(-4*time.Minute, 0))
}

// measuresParts counts a time by minutes, by arms and by tenants.
func (f *fleetSuite) measuresParts(t *testing.T, now time.Time, whole *engine.Measurement, q engine.Question) {
	var byMinute int64
	for _, c := range whole.Minutes {
		byMinute += c.Requests
	}
	if d := whole.Requests - byMinute; d < -4 || d > whole.Requests/2 { // the minutes are whole ones
		t.Errorf("the minutes have %d requests, all together %d", byMinute, whole.Requests)
	}
	none := f.measure(t, engine.Question{From: q.From, To: now, Candidate: engine.WantCounts})
	if none.Candidate.Requests != 0 || none.Baseline.Requests != 0 {
		t.Errorf("a version that nobody runs has %d requests, and the arm that nobody asked about %d", none.Candidate.Requests, none.Baseline.Requests)
	}
	q.Baseline = engine.WantCounts | engine.WantByTenant
	var sum int64
	for _, tenant := range f.measure(t, q).Baseline.PerTenant {
		sum += tenant.Requests
	}
	if d := whole.Requests - sum; d < 0 || d > whole.Requests/50 { // rounding by tenant loses some
		t.Errorf("the tenants have %d requests, all together %d", sum, whole.Requests)
	}
}
