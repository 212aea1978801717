package enginetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Plan compiles a plan for tests of journals.
func Plan(t *testing.T, rollout string, env engine.Environment, plugin string) engine.Plan {
	t.Helper()
	f := NewFleet(env, plugin, 3, 20, "1.5.0", 150)
	snapshot, _ := f.Snapshot(context.Background())
	plan, err := engine.Compile(rollout, engine.Spec{PluginID: plugin, Environment: env, Version: "1.6.0"}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Journals is the conformance suite of engine.Journals. open returns the journals
// of one place: calling it again is another process looking at the same.
func Journals(t *testing.T, open func() engine.Journals) {
	ctx := context.Background()
	js := open()
	plan := Plan(t, "r1", engine.Production, "gateway")

	if _, err := js.Latest(ctx, engine.Production, "gateway"); !errors.Is(err, engine.ErrNoJournal) {
		t.Fatalf("Latest of nothing: %v, want ErrNoJournal", err)
	}
	if _, err := js.Open(ctx, "r1"); !errors.Is(err, engine.ErrNoJournal) {
		t.Fatalf("Open of nothing: %v, want ErrNoJournal", err)
	}
	if ids, err := js.List(ctx, engine.Production, "gateway"); err != nil || len(ids) != 0 {
		t.Fatalf("List of nothing: %v, %v", ids, err)
	}
	j, err := js.Begin(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	events := []engine.Event{
		{Seq: 0, At: Start, Kind: engine.Measured, Before: &engine.Measurement{Requests: 7}},
		{Seq: 1, At: Start.Add(time.Second), Kind: engine.Aborted, By: "anna", Error: "lunch\n\"quoted\" ü"},
		{Seq: 2, At: Start.Add(2 * time.Second), Kind: engine.Finished, Outcome: engine.RolledBack},
	}
	for i, e := range events {
		if i > 0 {
			refuses(t, "a number that is taken", j.Append(ctx, events[i-1]))
		}
		refuses(t, "a number too high", j.Append(ctx, engine.Event{Seq: e.Seq + 1}))
		other, err := open().Open(ctx, "r1")
		if err != nil {
			t.Fatal(err)
		}
		writer := j
		if i == 1 { // two writers take turns, and neither loses what the other wrote
			writer = other
		}
		if err := writer.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
		var unfinished *engine.UnfinishedError
		if _, err := js.Begin(ctx, Plan(t, "r2", engine.Production, "gateway")); i < 2 && (!errors.As(err, &unfinished) || unfinished.Rollout != "r1") {
			t.Fatalf("Begin while r1 is unfinished: %v", err)
		}
	}
	loads(t, open(), "r1", plan, events)
	others(t, open, plan)
}

func refuses(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, engine.ErrConflict) {
		t.Fatalf("Append of %s: %v, want ErrConflict", what, err)
	}
}

func loads(t *testing.T, js engine.Journals, id string, plan engine.Plan, events []engine.Event) {
	t.Helper()
	j, err := js.Open(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	p, es, err := j.Load(context.Background())
	if err != nil || p.Digest != plan.Digest || !reflect.DeepEqual(es, events) {
		t.Fatalf("Load: %v\ngot  %v\nwant %v", err, es, events)
	}
}

// others begins further rollouts: of the same plugin, and of others beside it.
func others(t *testing.T, open func() engine.Journals, first engine.Plan) {
	t.Helper()
	ctx, js := context.Background(), open()
	if _, err := js.Begin(ctx, first); err == nil {
		t.Fatal("Begin took the id of another rollout")
	}
	for _, p := range []engine.Plan{
		Plan(t, "r2b", engine.QA, "gateway"), Plan(t, "r2c", engine.Production, "exporter"),
	} {
		if _, err := js.Begin(ctx, p); err != nil {
			t.Fatalf("Begin of %s beside: %v", p.Rollout, err)
		}
	}
	latest, err := open().Latest(ctx, engine.QA, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	if p, es, err := latest.Load(ctx); err != nil || p.Rollout != "r2b" || len(es) != 0 {
		t.Fatalf("Latest: %s with %d events, %v", p.Rollout, len(es), err)
	}
	ids, err := open().List(ctx, engine.Production, "gateway")
	if err != nil || ids[0] != "r1" {
		t.Fatalf("List: %v, %v", ids, err)
	}
}
