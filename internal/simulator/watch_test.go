package simulator

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
)

// Each checker must notice a run that breaks its promise: a broken machine, fleet or
// journal is planted, and the checker has to find it. What no fleet can bring about, a way
// back that is another (promise 2), is planted in the watcher's own tests.
func TestCheckersBite(t *testing.T) {
	plants := map[int]func(t *testing.T) *run{
		1: func(t *testing.T) *run { // the fleet hears of a stage before the journal
			r := begin(t, installed(DefaultConfig()), to(engine.Canary))
			r.order(engine.Change{Kind: engine.Pin, Version: "1.6.0", Tenants: engine.Range{From: 0, To: 15}})
			return r
		},
		3: func(t *testing.T) *run { // the fleet forgets to unpin a tenant
			r := begin(t, bad(installed(DefaultConfig())), to(engine.Canary))
			r.wrap = func(f engine.Fleet, j engine.Journal) (engine.Fleet, engine.Journal) {
				return forgetful{f, engine.Unpin}, j
			}
			r.resume()
			r.drive()
			return r
		},
		4: func(t *testing.T) *run { // the fleet pins more tenants than it was told
			r := begin(t, installed(DefaultConfig()), to(engine.Canary))
			r.until(func(s engine.State) bool { return s.Stage == 1 && s.Step == engine.StepBake })
			version := r.world.nameOf("1.6.0")
			for tenant := range 30 {
				r.world.Pins[tenant] = version
			}
			r.world.dirty = true
			r.world.settle()
			return r
		},
		5: func(t *testing.T) *run { // a gate passes without traffic
			cfg := installed(DefaultConfig())
			cfg.RequestsPerSecond = 0
			r := begin(t, cfg, to(engine.Canary))
			r.until(func(s engine.State) bool { return s.Stage == 1 && s.Step == engine.StepBake })
			r.append(engine.Event{Kind: engine.Judged, Verdict: &engine.Verdict{Result: engine.Pass, Requests: 1000, Tenants: 15}})
			return r
		},
		6: func(t *testing.T) *run { // nobody goes on with the rollout
			r := begin(t, installed(DefaultConfig()), to(engine.Canary))
			r.until(func(s engine.State) bool { return s.Step == engine.StepBake })
			return r
		},
		7: func(t *testing.T) *run { // an event is written that the phase does not allow
			r := begin(t, installed(DefaultConfig()), to(engine.Canary))
			r.until(func(s engine.State) bool { return s.Step == engine.StepBake })
			r.append(engine.Event{Kind: engine.Promoted, By: "a person"})
			return r
		},
		8: func(t *testing.T) *run { // the machine forgets something
			r := begin(t, installed(DefaultConfig()), to(engine.Direct))
			r.drive()
			r.plan.Stages = nil // the watcher's; the runner has its own
			return r
		},
		9: func(t *testing.T) *run { // the fleet replaces more than a batch
			r := begin(t, installed(DefaultConfig()), to(engine.Rolling))
			r.until(func(s engine.State) bool { return s.Step == engine.StepBake })
			for _, in := range r.world.Members[4:7] {
				in.By = r.plan.Rollout
				r.world.replace(in, "1.6.0")
			}
			r.world.settle()
			return r
		},
		10: func(t *testing.T) *run { // traffic goes to a slot that is not ready
			r := begin(t, installed(DefaultConfig()), to(engine.BlueGreen))
			r.until(func(s engine.State) bool { return s.Step == engine.StepSettle })
			r.order(engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue"}, {Slot: "green", Percent: 100}}})
			return r
		},
	}
	for promise, plant := range plants {
		r := plant(t)
		found := r.watcher.End()
		if !slices.ContainsFunc(found, func(v watch.Violation) bool { return v.Promise == promise }) {
			t.Errorf("promise %d is broken and the checker says %v", promise, found)
		}
	}
}

// TestPoorVerdictsBite: a pass on a number that the fleet does not count breaks promise 5.
func TestPoorVerdictsBite(t *testing.T) {
	for _, lacks := range []engine.Capability{engine.CanCPU, engine.CanMemory} {
		cfg := installed(DefaultConfig())
		cfg.Can = map[engine.Capability]bool{lacks: false}
		r := begin(t, cfg, to(engine.Canary))
		r.until(func(s engine.State) bool { return s.Stage == 1 && s.Step == engine.StepBake })
		r.append(engine.Event{Kind: engine.Judged, Verdict: &engine.Verdict{
			Result: engine.Pass, Findings: []engine.Finding{{Metric: string(engine.CPU), Result: engine.Pass, Detail: "CPU 0 %"}},
		}})
		bites := slices.ContainsFunc(r.watcher.Violations(), func(v watch.Violation) bool { return strings.Contains(v.What, "does not measure: CPU 0 %") })
		if bites != (lacks == engine.CanCPU) {
			t.Errorf("without %s: %v", lacks, r.watcher.Violations())
		}
	}
}

func (r *run) order(c engine.Change) {
	r.t.Helper()
	f := r.watcher.Fleet(r.world)
	if err := f.Make(context.Background(), orderOf(&r.plan, 1000, c)); err != nil {
		r.t.Log(err)
	}
}

func (r *run) append(e engine.Event) {
	r.t.Helper()
	s := r.runner.State()
	e.Seq, e.At, e.Stage = s.Seq, r.world.Now(), s.Stage
	if err := r.watcher.Journal(r.journal).Append(context.Background(), e, engine.RolloutHead{}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *run) signal(kind engine.EventKind) {
	r.t.Helper()
	if err := r.runner.Signal(context.Background(), engine.Signal{Kind: kind, By: "an operator", Reason: "as asked"}); err != nil {
		r.t.Fatal(err)
	}
}

// forgetful is a fleet that takes changes of a kind and does nothing.
type forgetful struct {
	engine.Fleet
	kind engine.ChangeKind
}

func (f forgetful) Make(ctx context.Context, o engine.Order) error {
	if o.Change.Kind == f.kind {
		return nil
	}
	return f.Fleet.Make(ctx, o)
}
