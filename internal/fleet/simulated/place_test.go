package simulated

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestFleet holds fleets of several scales to what every fleet must do.
func TestFleet(t *testing.T) {
	for _, scale := range []int{1, 6} {
		enginetest.Fleets(t, func(t *testing.T) enginetest.Place {
			m := &machine{origin.Add(12 * time.Second)}
			_, p := m.open(t, t.TempDir(), gateway(scale))
			return enginetest.Place{Fleet: p.asked(), Meter: p.asked(), Now: p.Now, Pass: func(d time.Duration) { m.at = m.at.Add(d) }}
		})
	}
}

// told is all that can be told of a fleet.
type told struct {
	Head      engine.Head
	Condition engine.Condition
	Answer    engine.Answer
}

func tell(t *testing.T, m *machine, p *Place, plan *engine.Plan) told {
	t.Helper()
	ctx, a := t.Context(), p.asked()
	var s told
	var err [3]error
	s.Head, err[0] = a.Describe(ctx)
	s.Condition, err[1] = a.Look(ctx, engine.Watch{Rollout: "r1", Candidate: "1.6.0", Instances: plan.Instances, Failures: 3, Since: m.at.Add(-time.Minute)})
	s.Answer, err[2] = a.Measure(ctx, engine.Question{Rollout: "r1", Version: "1.6.0", From: origin, To: m.at, Candidate: 1<<7 - 1, Baseline: 1<<7 - 1, Bounds: []float64{100}})
	if err := errors.Join(err[:]...); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKilled has a process die again and again: what it told, and what it was told, holds.
func TestKilled(t *testing.T) {
	spec := gateway(60)
	spec.Config.Faults = []simulator.Fault{{Kind: simulator.InstanceCrash, FromSeconds: 200, ToSeconds: 400, Instances: []string{"instance-03"}}, {Kind: simulator.ProbesFlaky}}
	steady, mortal := &machine{origin.Add(5 * time.Second)}, &machine{origin.Add(5 * time.Second)}
	_, lives := steady.open(t, t.TempDir(), spec)
	dir := t.TempDir()
	state, dies := mortal.open(t, dir, spec)
	plan := planFor(t, lives)
	orders := 0
	for step := range 40 {
		pass := time.Duration(step%7) * 300 * time.Millisecond
		steady.at, mortal.at = steady.at.Add(pass), mortal.at.Add(pass)
		if step%5 == 1 {
			o := engine.Order{
				Rollout: "r1", Ordinal: 1, Seq: int64(orders), Candidate: "1.6.0", Targets: engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants},
				Change: engine.Change{Kind: engine.Install, Version: "1.6.0"}, Instances: plan.Instances[orders : orders+1],
			}
			orders++
			if err := errors.Join(lives.asked().Make(t.Context(), o), dies.asked().Make(t.Context(), o)); err != nil {
				t.Fatal(err)
			}
		}
		before := tell(t, mortal, dies, plan)
		die(t, state)
		state, dies = mortal.open(t, dir, spec)
		after, other := tell(t, mortal, dies, plan), tell(t, steady, lives, plan)
		if !reflect.DeepEqual(before, after) || !reflect.DeepEqual(after, other) {
			t.Fatalf("step %d:\nbefore %+v\nafter  %+v\nother  %+v", step, before, after, other)
		}
	}
	if orders != 8 || tell(t, mortal, dies, plan).Condition.Pending != 0 {
		t.Error("nothing was changed")
	}
}

func planFor(t *testing.T, p *Place) *engine.Plan {
	t.Helper()
	s, err := engine.ReadSnapshot(t.Context(), p.asked())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}, s)
	if err != nil {
		t.Fatal(err)
	}
	return &plan
}

// begin begins a rollout, of whatever plan.
func begin(t *testing.T, p *Place) {
	t.Helper()
	if _, _, err := p.files.ledger.Begin("r1", &contract.Start{Plan: "any", Digest: "one", Head: contract.RolloutHead{Rollout: "r1", Phase: engine.PhaseProgressing}}, 0); err != nil {
		t.Fatal(err)
	}
}

// TestReadingNeverFences looks and measures for rollouts that there are not, while one goes on.
func TestReadingNeverFences(t *testing.T) {
	m := &machine{origin}
	_, p := m.open(t, t.TempDir(), gateway(1))
	begin(t, p)
	for seq := range int64(3) {
		if _, err := p.asked().Look(t.Context(), engine.Watch{Rollout: "nobody's"}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.asked().Measure(t.Context(), engine.Question{Rollout: "nobody's", From: origin, To: m.at}); err != nil {
			t.Fatal(err)
		}
		if err := p.asked().Make(t.Context(), engine.Order{Rollout: "r1", Seq: seq, Change: engine.Change{Kind: engine.Pin, Version: "1.5.0"}}); err != nil {
			t.Errorf("order %d: %v", seq, err)
		}
	}
}

// TestSlowCall has a call take its time, and nobody else waits for it.
func TestSlowCall(t *testing.T) {
	spec := gateway(60)
	spec.Config.Faults = []simulator.Fault{{Kind: simulator.SlowCall, Magnitude: 120}}
	m := &machine{origin}
	var p *Place
	waited := time.Duration(0)
	state, err := Open(t.Context(), t.TempDir(), m.now, func(ctx context.Context, d time.Duration) error {
		waited += d
		if _, err := p.asked().Describe(ctx); err != nil { // as somebody else meanwhile
			return err
		}
		return m.sleep(ctx, d)
	}, spec)
	if err != nil {
		t.Fatal(err)
	}
	p = state.Places[0]
	if err := p.asked().Make(t.Context(), engine.Order{Rollout: "r1", Change: engine.Change{Kind: engine.Pin, Version: "1.5.0"}}); err != nil {
		t.Fatal(err)
	}
	if waited != 2*time.Second || !p.Now().Equal(origin.Add(2*time.Second)) {
		t.Errorf("it took %s, and is %s", waited, p.Now())
	}
}

// TestRefusals opens what cannot be opened.
func TestRefusals(t *testing.T) {
	m := &machine{origin}
	dir := t.TempDir()
	state, p := m.open(t, dir, gateway(60))
	refused := func(why string, specs ...Spec) {
		t.Helper()
		if _, err := Open(t.Context(), dir, m.now, m.sleep, specs...); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	if _, err := Open(t.Context(), dir, m.now, m.sleep, gateway(60)); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	begin(t, p)
	err := p.files.ledger.Append(t.Context(), "r1", 0, &contract.Append{Event: "any", Head: contract.RolloutHead{Rollout: "r1", Phase: engine.PhaseProgressing}})
	if err := errors.Join(err, state.Close()); err != nil {
		t.Fatal(err)
	}
	refused("a time scale of 60, and not of 1", gateway(1))
	refused("is 0, and not in 1..3600", gateway(0))
	refused("is 3601, and not in 1..3600", gateway(3601))
	refused("is there twice", gateway(60), gateway(60))
	other := gateway(60)
	other.Config.Tenants++
	refused("simulated.tenants", other)
	if err := os.WriteFile(filepath.Join(p.files.folder, worldFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("cannot be read", gateway(60))
	if err := os.Remove(filepath.Join(p.files.folder, worldFile)); err != nil {
		t.Fatal(err)
	}
	refused("what is kept beside it tells of rollouts", gateway(60))
	if err := os.WriteFile(filepath.Join(p.files.folder, aboutFile), []byte(`{"format": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("format 2", gateway(60))
}

// TestSandbox has the sandbox be what a service says of it.
func TestSandbox(t *testing.T) {
	s, m := Sandbox(), &machine{origin}
	_, p := m.open(t, t.TempDir(), s)
	of := SandboxOf(s)
	m.at = m.at.Add(time.Minute)
	h, err := p.asked().Describe(t.Context())
	if err != nil || h.Baseline() != of.Versions[0] || string(h.Environment) != of.Environment || h.Plugin != of.Plugin || h.RequestsPerSecond != 60 {
		t.Fatalf("%+v, %v", h, err)
	}
	snapshot, err := engine.ReadSnapshot(t.Context(), p.asked())
	if err != nil || len(snapshot.Instances) != 3 || len(snapshot.Tenants) != 24 {
		t.Fatalf("%d instances, %d tenants, %v", len(snapshot.Instances), len(snapshot.Tenants), err)
	}
	var all []engine.PlanInstance
	for _, i := range snapshot.Instances {
		all = append(all, engine.PlanInstance{ID: i.ID})
	}
	for seq, c := range []engine.Change{
		{Kind: engine.Install, Version: of.Versions[1]},
		{Kind: engine.Replace, Version: of.Versions[1]},
		{Kind: engine.Replace, Version: of.Versions[0]},
		{Kind: engine.Provision, Slot: "green", Version: of.Versions[1], Count: 3},
		{Kind: engine.Smoke, Slot: "green", Tests: []string{"a"}},
		{Kind: engine.Retire, Slot: "green"},
	} {
		if err := p.asked().Make(t.Context(), engine.Order{Rollout: "r", Seq: int64(seq), Change: c, Instances: all}); err != nil {
			t.Fatal(err)
		}
		m.at = m.at.Add(time.Duration(of.Settle))
		got, err := p.asked().Look(t.Context(), engine.Watch{Rollout: "r", Instances: all})
		if err != nil || got.Pending+got.BrokenCount > 0 || got.Ready != 3 || got.Smoke.Failed > 0 {
			t.Errorf("%s is not in effect after %s: %+v, %v", c, time.Duration(of.Settle), got, err)
		}
	}
}
