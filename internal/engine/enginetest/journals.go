package enginetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Plan compiles a plan for tests of journals.
func Plan(t *testing.T, rollout string, env engine.Environment, plugin string) engine.Plan {
	t.Helper()
	f := NewFleet(env, plugin, 3, 20, "1.5.0", 150)
	plan, err := engine.Compile(rollout, engine.Spec{PluginID: plugin, Environment: env, Version: "1.6.0"}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Append writes e to a journal with the head that belongs to it.
func Append(t *testing.T, j engine.Journal, e engine.Event) error {
	t.Helper()
	plan, _, state, err := engine.LoadState(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if next, err := state.Apply(plan, e); err == nil { // what is not allowed may be tried all the same
		state = next
	}
	return j.Append(t.Context(), e, engine.HeadOf(plan, &state, j.Ordinal(), e.At))
}

// Journals is the conformance suite of engine.Journals. open returns the journals
// of one place: calling it again is another process looking at the same.
func Journals(t *testing.T, open func() engine.Journals) {
	t.Run("nothing", func(t *testing.T) { holdNothing(t, open()) })
	t.Run("events", func(t *testing.T) { keepEvents(t, open) })
	t.Run("one unfinished", func(t *testing.T) { refuseSecond(t, open) })
	t.Run("list", func(t *testing.T) { list(t, open) })
	t.Run("begin at once", func(t *testing.T) { beginAtOnce(t, open) })
	t.Run("called off", func(t *testing.T) { callOff(t, open) })
}

func holdNothing(t *testing.T, js engine.Journals) {
	if _, err := js.Open(t.Context(), "r1"); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Open of nothing: %v, want ErrNoJournal", err)
	}
	if _, err := engine.Completed(t.Context(), js, engine.Production, "gateway"); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Completed of nothing: %v, want ErrNoJournal", err)
	}
	if heads, err := js.List(t.Context(), engine.Production, "gateway", engine.Filter{}); err != nil || len(heads) != 0 {
		t.Errorf("List of nothing: %v, %v", heads, err)
	}
}

// keepEvents has two writers take turns, and neither loses what the other wrote.
func keepEvents(t *testing.T, open func() engine.Journals) {
	ctx, plan := t.Context(), Plan(t, "r1", engine.Production, "gateway")
	j, err := open().Begin(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	events := []engine.Event{
		{Seq: 0, At: Start, Kind: engine.Measured, Before: &engine.Measurement{Requests: 7}},
		{Seq: 1, At: Start.Add(time.Second), Kind: engine.Aborted, By: "anna", Error: "lunch\n\"quoted\" ü", Writer: "w"},
		{Seq: 2, At: Start.Add(2 * time.Second), Kind: engine.Finished, Stage: len(plan.Stages), Outcome: engine.RolledBack},
	}
	for i, e := range events {
		if i > 0 {
			refuses(t, "a number that is taken", Append(t, j, events[i-1]))
		}
		refuses(t, "a number too high", Append(t, j, engine.Event{Seq: e.Seq + 1, Kind: e.Kind}))
		writer := j
		if i == 1 {
			if writer, err = open().Open(ctx, "r1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := Append(t, writer, e); err != nil {
			t.Fatal(err)
		}
		if news, err := j.Events(ctx, e.Seq); err != nil || len(news) != 0 {
			t.Fatalf("Events after the last: %v, %v", news, err)
		}
	}
	if j, err = open().Open(ctx, "r1"); err != nil {
		t.Fatal(err)
	}
	if p, err := j.Plan(ctx); err != nil || !reflect.DeepEqual(*p, plan) {
		t.Errorf("Plan: %v\ngot  %+v\nwant %+v", err, p, plan)
	}
	for after := range len(events) + 2 {
		got, err := j.Events(ctx, int64(after)-1)
		if want := events[min(after, len(events)):]; err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("Events after %d: %v\ngot  %v\nwant %v", after-1, err, got, want)
		}
	}
}

func refuses(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, engine.ErrConflict) {
		t.Fatalf("Append of %s: %v, want ErrConflict", what, err)
	}
}

// refuseSecond begins a rollout beside an unfinished one, beside one that is stuck, and
// under an id that is taken.
func refuseSecond(t *testing.T, open func() engine.Journals) {
	ctx := t.Context()
	j, err := open().Begin(ctx, Plan(t, "u1", engine.QA, "second"))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		var unfinished *engine.UnfinishedError
		if _, err := open().Begin(ctx, Plan(t, "u2", engine.QA, "second")); !errors.As(err, &unfinished) || unfinished.Rollout != "u1" || unfinished.Candidate != "1.6.0" {
			t.Errorf("Begin while u1 %s: %v", when, err)
		}
	}
	refused("did nothing yet")
	events := []engine.Event{{Kind: engine.Began}, {Kind: engine.Aborted, By: "anna"}, {Kind: engine.Reverting}}
	for headIn(t, open(), "u1").Outcome == "" {
		e := engine.Event{Kind: engine.Failed, Error: "it is broken"} // until it is stuck
		if len(events) > 0 {
			e, events = events[0], events[1:]
		}
		e.Seq = headIn(t, open(), "u1").Events
		e.At = Start.Add(time.Duration(e.Seq) * time.Minute)
		if err := Append(t, j, e); err != nil {
			t.Fatal(err)
		}
		refused("has come to " + string(e.Kind))
	}
	if heads, err := open().List(ctx, engine.QA, "second", engine.Filter{Limit: 1}); err != nil || len(heads) != 1 || heads[0].Outcome != engine.Stuck {
		t.Errorf("List of what is stuck: %+v, %v", heads, err)
	}
	var taken *engine.RolloutTakenError
	if _, err := open().Begin(ctx, Plan(t, "u1", engine.QA, "third")); !errors.As(err, &taken) || taken.Rollout != "u1" {
		t.Errorf("Begin under the id of another: %v", err)
	}
	for _, p := range []engine.Plan{Plan(t, "u3", engine.Staging, "second"), Plan(t, "u4", engine.QA, "third")} {
		if _, err := open().Begin(ctx, p); err != nil {
			t.Errorf("Begin of %s beside: %v", p.Rollout, err)
		}
	}
}

// list has rollouts of several outcomes, one after another, and one beside.
func list(t *testing.T, open func() engine.Journals) {
	ctx, fleet := t.Context(), NewFleet(engine.QA, "listed", 2, 20, "1.5.0", 150)
	for i, outcome := range []engine.Outcome{engine.Succeeded, engine.RolledBack, engine.Succeeded, engine.RolledBack, ""} {
		r, err := Begin(fleet, open(), fmt.Sprintf("l%d", i+1), engine.Spec{PluginID: "listed", Environment: engine.QA, Version: fmt.Sprintf("1.6.%d", i), Strategy: engine.Direct})
		if err == nil && outcome == engine.RolledBack {
			err = r.Signal(ctx, engine.Signal{Kind: engine.Aborted, By: "anna", Reason: "lunch"})
		}
		if err == nil && outcome != "" {
			err = r.Run(time.Time{})
		}
		if err != nil || r.State().Outcome != outcome {
			t.Fatalf("rollout %d ended %q: %v", i+1, r.State().Outcome, err)
		}
	}
	if _, err := open().Begin(ctx, Plan(t, "beside", engine.QA, "unlisted")); err != nil {
		t.Fatal(err)
	}
	all, err := open().List(ctx, engine.QA, "listed", engine.Filter{})
	if err != nil || len(all) != 5 {
		t.Fatalf("List: %+v, %v", all, err)
	}
	for i, h := range all {
		if i > 0 && h.Ordinal >= all[i-1].Ordinal || h.Ordinal < 1 {
			t.Errorf("the ordinals are %d, %d", all[max(0, i-1)].Ordinal, h.Ordinal)
		}
		if want := headIn(t, open(), h.Rollout); !reflect.DeepEqual(h, want) {
			t.Errorf("the head of %s:\ngot  %+v\nwant %+v", h.Rollout, h, want)
		}
	}
	for _, c := range []struct {
		filter engine.Filter
		want   string
	}{
		{engine.Filter{}, "l5 l4 l3 l2 l1"},
		{engine.Filter{Limit: 2}, "l5 l4"},
		{engine.Filter{Limit: 9}, "l5 l4 l3 l2 l1"},
		{engine.Filter{Outcome: engine.Succeeded}, "l3 l1"},
		{engine.Filter{Outcome: engine.Succeeded, Limit: 1}, "l3"},
		{engine.Filter{Outcome: engine.Retained}, ""},
		{engine.Filter{Below: all[1].Ordinal}, "l3 l2 l1"},
		{engine.Filter{Below: all[1].Ordinal, Limit: 1, Outcome: engine.RolledBack}, "l2"},
		{engine.Filter{Below: all[4].Ordinal}, ""},
	} {
		heads, err := open().List(ctx, engine.QA, "listed", c.filter)
		got := ""
		for i, h := range heads {
			if i > 0 {
				got += " "
			}
			got += h.Rollout
		}
		if err != nil || got != c.want {
			t.Errorf("List of %+v: %s, want %s; %v", c.filter, got, c.want, err)
		}
	}
	if plan, err := engine.Completed(ctx, open(), engine.QA, "listed"); err != nil || plan.Rollout != "l3" {
		t.Errorf("Completed: %s, %v", plan.Rollout, err)
	}
}

// headIn is the head of a rollout as its journal has it.
func headIn(t *testing.T, js engine.Journals, rollout string) engine.RolloutHead {
	t.Helper()
	j, err := js.Open(t.Context(), rollout)
	if err != nil {
		t.Fatal(err)
	}
	plan, events, state, err := engine.LoadState(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	var at time.Time
	if len(events) > 0 {
		at = events[len(events)-1].At
	}
	return engine.HeadOf(plan, &state, j.Ordinal(), at)
}

// beginAtOnce begins many rollouts at the same moment, again and again: one of each plugin
// begins.
func beginAtOnce(t *testing.T, open func() engine.Journals) {
	const rounds, callers = 10, 8
	for round := range rounds {
		plugins := []string{fmt.Sprintf("race-%d-a", round), fmt.Sprintf("race-%d-b", round)}
		var plans []engine.Plan
		var js []engine.Journals
		for i := range callers {
			plans = append(plans, Plan(t, fmt.Sprintf("race-%d-%d", round, i), engine.QA, plugins[i%len(plugins)]))
			js = append(js, open())
		}
		errs := make([]error, callers)
		start := make(chan struct{})
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				<-start
				_, errs[i] = js[i].Begin(t.Context(), plans[i])
			})
		}
		close(start)
		all.Wait()
		begun := map[string]int{}
		for i, err := range errs {
			switch {
			case err == nil:
				begun[plans[i].Spec.PluginID]++
			case !errors.As(err, new(*engine.UnfinishedError)):
				t.Errorf("Begin of %s: %v", plans[i].Rollout, err)
			}
		}
		for _, plugin := range plugins {
			heads, err := open().List(t.Context(), engine.QA, plugin, engine.Filter{})
			if err != nil || len(heads) != 1 || begun[plugin] != 1 {
				t.Fatalf("%d of %s began; there are %+v, %v", begun[plugin], plugin, heads, err)
			}
		}
	}
}

// callOff calls with a ctx that is done: nothing is written.
func callOff(t *testing.T, open func() engine.Journals) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	plan := Plan(t, "off", engine.QA, "off")
	if _, err := open().Begin(done, plan); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin with a ctx that is done: %v", err)
	}
	if heads, err := open().List(t.Context(), engine.QA, "off", engine.Filter{}); err != nil || len(heads) != 0 {
		t.Errorf("it has begun %v, %v", heads, err)
	}
	j, err := open().Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(done, engine.Event{At: Start, Kind: engine.Began}, engine.RolloutHead{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a ctx that is done: %v", err)
	}
	if events, err := j.Events(t.Context(), -1); err != nil || len(events) != 0 {
		t.Errorf("it has written %v, %v", events, err)
	}
}
