package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// current is whatever world a shared one has now.
type current struct{ s *shared }

func (c current) Describe(ctx context.Context) (engine.Head, error) { return c.s.w.Describe(ctx) }

func (c current) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return c.s.w.Instances(ctx)
}

func (c current) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return c.s.w.Tenants(ctx)
}
func (c current) Make(ctx context.Context, o engine.Order) error { return c.s.w.Make(ctx, o) }
func (c current) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	return c.s.w.Look(ctx, w)
}

func (c current) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	return c.s.w.Measure(ctx, q)
}

// texts is a keeper that can be copied.
type texts struct {
	*server.Memory
	all map[string]string
}

func (k *texts) Put(name string, text []byte) error {
	k.all[name] = string(text)
	return k.Memory.Put(name, text)
}

func (k *texts) Delete(name string) error {
	delete(k.all, name)
	return k.Memory.Delete(name)
}

// backup is a fleet as it was.
type backup struct {
	world []byte
	texts map[string]string
}

// mortal is a fleet that dies every now and then, and comes up as it was a nap before: it
// has lost what it said since.
type mortal struct {
	*shared
	keeper  *texts
	handler http.Handler
	last    *backup
	naps    int
	every   int // naps from one death to the next
	died    int
}

// mostDeaths is how often a fleet dies: one that forgets for ever what it has just done gets nowhere.
const mostDeaths = 10

func (m *mortal) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// up is a new process on what is kept.
func (m *mortal) up() {
	m.handler = server.New(server.Options{Token: func() (string, error) { return secret, nil }, Now: m.Now}, server.World{
		Environment: engine.Production, Plugin: "gateway", Fleet: current{m.shared}, Meter: current{m.shared},
		Keeper: m.keeper, Ledger: server.NewLedger(m.keeper), Now: m.Now, Do: m.do,
	})
}

// Sleep is the clock of whoever walks.
func (m *mortal) Sleep(ctx context.Context, until time.Time) error {
	if m.naps++; m.naps%m.every == 0 && m.last != nil && m.died < mostDeaths {
		w, err := simulator.Load(m.last.world)
		if err != nil {
			return err
		}
		w.RunUntil(m.w.Now())
		m.died++
		m.shared.w, m.keeper = w, &texts{server.NewMemory(), map[string]string{}}
		for name, text := range m.last.texts {
			if err := m.keeper.Put(name, []byte(text)); err != nil {
				return err
			}
		}
		m.up()
	}
	world, err := m.w.Save()
	if err != nil {
		return err
	}
	m.last = &backup{world, maps.Clone(m.keeper.all)}
	return m.shared.Sleep(ctx, until)
}

// TestFleetsThatForget walks rollouts of every strategy on fleets that lose what they
// answered last, again and again. A walker may find that its journal is not what it wrote,
// and ends; the next one goes on from what there is. Each rollout ends, no bad version gets
// through, and every instance serves what the end says.
func TestFleetsThatForget(t *testing.T) {
	for _, version := range []string{"1.6.0", "9.9.9"} {
		for i, spec := range strategies(version) {
			for _, every := range []int{2, 3, 7, 13} {
				t.Run(fmt.Sprintf("%s %s every %d", spec.Strategy, version, every), func(t *testing.T) { forgetful(t, spec, int64(i), every) })
			}
		}
	}
}

func forgetful(t *testing.T, spec engine.Spec, seed int64, every int) {
	cfg := simulator.DefaultConfig()
	cfg.Seed = seed + 1
	cfg.Installed = map[string]string{"gateway": "1.5.0"}
	bad := simulator.DefaultBehaviour()
	bad.ErrorRate = 0.3
	cfg.Versions = map[string]simulator.Behaviour{"9.9.9": bad}
	w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	m := &mortal{shared: &shared{w: w}, keeper: &texts{server.NewMemory(), map[string]string{}}, every: every}
	m.up()
	s := httptest.NewServer(m)
	defer s.Close()
	far := reach(t, s.URL).World(engine.Production, "gateway")
	before, err := engine.ReadSnapshot(t.Context(), far)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", spec, before)
	if err != nil {
		t.Fatal(err)
	}
	state, deadline := engine.NewState(), m.Now().Add(4*engine.Longest(&plan)+time.Hour)
	for n := 0; n < 500 && state.InFlight() && state.Phase != engine.PhaseHeld; n++ {
		state = goOn(t, m, far, &plan, fmt.Sprint(n), deadline)
	}
	want := map[engine.Outcome]string{engine.Succeeded: "1.6.0", engine.RolledBack: "1.5.0", engine.Retained: "1.5.0"}[state.Outcome]
	if spec.Version == "9.9.9" && state.Outcome == engine.Succeeded || state.InFlight() && state.Phase != engine.PhaseHeld || m.died == 0 && m.naps >= every {
		t.Fatalf("it is %s (%s) after %d deaths of the fleet", state.Phase, state.Reason, m.died)
	}
	if after := m.w.Snapshot(); want != "" && !after.RunsOnly(want) {
		t.Errorf("it ended %s after %d deaths, and the fleet runs %+v", state.Outcome, m.died, after.Versions)
	}
}

// goOn is a process that walks the rollout as far as it gets.
func goOn(t *testing.T, m *mortal, far engine.Journals, plan *engine.Plan, writer string, deadline time.Time) engine.State {
	t.Helper()
	ctx := t.Context()
	j, err := far.Open(ctx, plan.Rollout)
	if errors.Is(err, engine.ErrNoJournal) {
		j, err = far.Begin(ctx, *plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	fleet, meter := far.(engine.Fleet), far.(engine.Meter)
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: fleet, Meter: meter, Journal: j, Judge: engine.JudgeByMode{}, Now: m.Now, Writer: writer})
	if err != nil {
		t.Fatal(err)
	}
	if err := walker.Walk(ctx, r, m, walker.Options{Deadline: deadline, Budget: time.Minute}); errors.Is(err, walker.ErrDeadline) {
		t.Fatalf("it has no end: %s", r.State().Reason)
	}
	return r.State()
}
