package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

const stripe = "payment-processor-stripe"

// installed is c with version 1.5.0 of the plugin installed.
func installed(c Config) Config {
	c.Installed = map[string]string{stripe: "1.5.0"}
	return c
}

// behaves is c with version 1.6.0 as change makes it.
func behaves(c Config, change func(*Behaviour)) Config {
	c = c.copied()
	b := DefaultBehaviour()
	change(&b)
	if c.Versions == nil {
		c.Versions = map[string]Behaviour{}
	}
	c.Versions["1.6.0"] = b
	return c
}

// bad fails a fifth of its requests.
func bad(c Config) Config { return behaves(c, func(b *Behaviour) { b.ErrorRate = 0.2 }) }

// to is a spec that rolls 1.6.0 out.
func to(strategy engine.Strategy) engine.Spec {
	return engine.Spec{PluginID: stripe, Environment: engine.Production, Version: "1.6.0", Strategy: strategy}
}

func ptr[T any](v T) *T { return &v }

func period(d time.Duration) *engine.Duration { return ptr(engine.Duration(d)) }

// run is a rollout under watch.
type run struct {
	t        testing.TB
	world    *World
	plan     engine.Plan
	watcher  *watch.Watcher
	journals engine.Journals
	journal  engine.Journal
	runner   *engine.Runner
	// wrap, where set, stands between the runner and what is watched.
	wrap func(engine.Fleet, engine.Journal) (engine.Fleet, engine.Journal)
}

// begin compiles spec against a new world and begins the rollout.
func begin(t testing.TB, cfg Config, spec engine.Spec, change ...func(*engine.Plan)) *run {
	t.Helper()
	w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
	if err != nil {
		t.Fatal(err)
	}
	return beginIn(t, w, engine.NewMemoryJournals(), spec, change...)
}

func beginIn(t testing.TB, w *World, journals engine.Journals, spec engine.Spec, change ...func(*engine.Plan)) *run {
	t.Helper()
	ctx := context.Background()
	before, err := engine.ReadSnapshot(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile(w.NextRollout(), spec, before)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&plan)
	}
	r := &run{t: t, world: w, plan: plan, journals: journals}
	r.watcher = watch.New(w.Watchable(), &r.plan, before)
	if r.journal, err = journals.Begin(ctx, plan); err != nil {
		t.Fatal(err)
	}
	r.resume()
	return r
}

// played drives the random scenario of a seed to its end, on a queue; false: there is
// nothing to roll out in it.
func played(t testing.TB, seed uint64, queue kernel.Kind) (*run, bool) {
	t.Helper()
	cfg, spec, _ := scenario(seed)
	w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.UseQueue(queue); err != nil {
		t.Fatal(err)
	}
	before, err := engine.ReadSnapshot(t.Context(), w)
	if errors.Is(err, ErrNoFleet) {
		return nil, false
	}
	if _, err := engine.Compile("r", spec, before); err != nil {
		return nil, false
	}
	r := beginIn(t, w, engine.NewMemoryJournals(), spec)
	r.drive()
	return r, true
}

// resume gives the rollout a new runner, as a new process would.
func (r *run) resume() {
	r.t.Helper()
	f, j := r.watcher.Fleet(r.world), r.watcher.Journal(r.journal)
	var m engine.Meter = r.world
	if r.wrap != nil {
		f, j = r.wrap(f, j)
		if wrapped, ok := f.(engine.Meter); ok {
			m = wrapped
		}
	}
	var err error
	if r.runner, err = engine.NewRunner(context.Background(), engine.Ports{Fleet: f, Meter: m, Journal: j, Judge: engine.JudgeByMode{}, Now: r.world.Now}); err != nil {
		r.t.Fatal(err)
	}
}

// limit is when a rollout that is under way must have ended.
func (r *run) limit() time.Time { return r.world.Now().Add(2*engine.Longest(&r.plan) + time.Hour) }

// drive walks the rollout until it ends or waits for a person.
func (r *run) drive() engine.State {
	r.t.Helper()
	if err := r.world.Drive(context.Background(), r.runner, walker.Options{Deadline: r.limit()}); err != nil {
		r.t.Fatalf("%v\n%s", err, r.story())
	}
	return r.runner.State()
}

// until walks the rollout until stop says so.
func (r *run) until(stop func(engine.State) bool) engine.State {
	r.t.Helper()
	return r.untilAt(r.limit(), stop)
}

func (r *run) untilAt(deadline time.Time, stop func(engine.State) bool) engine.State {
	r.t.Helper()
	opt := walker.Options{Deadline: deadline}
	if stop != nil {
		opt.Step = func(time.Time) bool { return stop(r.runner.State()) }
	}
	if err := r.world.Drive(context.Background(), r.runner, opt); err != nil && !errors.Is(err, walker.ErrDeadline) {
		r.t.Fatalf("%v\n%s", err, r.story())
	}
	return r.runner.State()
}

// pass walks the rollout for a while.
func (r *run) pass(d time.Duration) engine.State {
	r.t.Helper()
	return r.untilAt(r.world.Now().Add(d), nil)
}

// kept fails the test where a promise was not kept.
func (r *run) kept() {
	r.t.Helper()
	r.watcher.Holds(r.runner.State())
	for _, v := range r.watcher.End() {
		r.t.Errorf("%v", v)
	}
	if r.t.Failed() {
		r.t.Log("\n" + r.story())
	}
}

// ends walks the rollout to its end, which must be the given one.
func (r *run) ends(outcome engine.Outcome) engine.State {
	r.t.Helper()
	s := r.drive()
	if s.Outcome != outcome {
		r.t.Errorf("the outcome is %q (%s: %s), want %q", s.Outcome, s.Phase, s.Reason, outcome)
	}
	r.kept()
	return s
}

// story has a line for each event.
func (r *run) story() string {
	var b strings.Builder
	for _, e := range r.runner.Events() {
		fmt.Fprintf(&b, "%s  %s\n", stamp(e.At), r.plan.Line(e))
	}
	return b.String()
}

func stamp(t time.Time) string {
	d := t.Sub(epoch)
	return fmt.Sprintf("%2d:%02d:%02d.%01d", d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second, d%time.Second/(100*time.Millisecond))
}

// fleetOf says how the fleet stands: what an operator would compare.
func fleetOf(w *World) string {
	var b strings.Builder
	for _, in := range w.Members {
		var has []string
		for _, h := range in.Held {
			has = append(has, fmt.Sprint(h.Version, h.Ready))
		}
		fmt.Fprintln(&b, in.ID, in.Slot, in.Phase, in.Default, has)
	}
	for t, p := range w.Pins {
		if p != 0 {
			fmt.Fprintln(&b, w.traffic.Roster().ID(t), "pinned to", w.Names[p])
		}
	}
	fmt.Fprintln(&b, w.Routes)
	return b.String()
}

// kinds are the kinds of the events, in order.
func (r *run) kinds() []engine.EventKind {
	var kinds []engine.EventKind
	for _, e := range r.runner.Events() {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (r *run) happened(kind engine.EventKind) bool { return slices.Contains(r.kinds(), kind) }
