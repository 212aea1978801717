package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestTimesOfEvents lets the clock run back, in a zone of its own: events do not.
func TestTimesOfEvents(t *testing.T) {
	s := share(t, "first", false)
	zone := time.FixedZone("somewhere", 3600)
	at := enginetest.Start.In(zone)
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: s.fleet, Meter: s.fleet, Journal: s.journal, Judge: engine.JudgeByMode{}, Now: func() time.Time { return at }, Writer: "first"})
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range []engine.EventKind{engine.Paused, engine.Resumed, engine.Paused} {
		at = at.Add(time.Duration(1-2*i) * time.Minute)
		if err := r.Signal(t.Context(), engine.Signal{Kind: kind, By: "anna", Reason: "as she likes"}); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range r.Events() {
		if e.At.Location() != time.UTC || i > 0 && e.At.Before(r.Events()[i-1].At) || e.Writer != "first" {
			t.Errorf("event %d is at %s, by %q", i, e.At, e.Writer)
		}
	}
}

// TestHeads compares the head that each event was written with, with what follows from
// the events: a store may keep either.
func TestHeads(t *testing.T) {
	s := share(t, "first", false)
	var plan *engine.Plan
	js := headsOf{s.journal, func(j engine.Journal, e engine.Event, h engine.RolloutHead) error {
		_, events, state, err := engine.LoadState(t.Context(), j)
		if want := engine.HeadOf(s.first.Plan(), &state, j.Ordinal(), e.At); err == nil && h != want {
			return fmt.Errorf("after event %d:\ngot  %+v\nwant %+v", len(events), h, want)
		}
		return err
	}}
	r := s.runner(js, "first")
	plan = r.Plan()
	if err := r.Run(enginetest.Start.Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	heads := engine.HeadOf(plan, ptrTo(r.State()), 1, s.fleet.Clock())
	if heads.Wake.IsZero() || heads.Stage != "10%" || !heads.Unfinished() {
		t.Errorf("on the way: %+v", heads)
	}
	if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "anna", Reason: "lunch"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if last := engine.HeadOf(plan, ptrTo(r.State()), 1, s.fleet.Clock()); !last.Wake.IsZero() || last.Unfinished() || last.Outcome != engine.RolledBack {
		t.Errorf("at its end: %+v", last)
	}
}

// headsOf checks the head of each event.
type headsOf struct {
	engine.Journal
	check func(j engine.Journal, e engine.Event, h engine.RolloutHead) error
}
