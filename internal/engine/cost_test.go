package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// calm is a fleet of any size in which everything works at once: it answers in no time, so
// that what is measured is the engine.
type calm struct {
	engine.Fleet
	now     time.Time
	n       int
	unready int // of the instances, for good
}

func (c *calm) Make(_ context.Context, o engine.Order) error { return nil }

func (c *calm) Look(_ context.Context, w engine.Watch) (engine.Condition, error) {
	n := len(w.Instances)
	got := engine.Condition{At: c.now, Watched: n, Ready: n, Pending: 1}
	for i := range min(c.unready, n, engine.MostListed) {
		got.Add(&w, engine.Ailing{Instance: w.Instances[i].ID})
	}
	got.Ready -= min(c.unready, n)
	return got, nil
}

func (c *calm) Measure(_ context.Context, q engine.Question) (engine.Answer, error) {
	var a engine.Answer
	a.Candidate.Requests, a.Candidate.Newest = 1000, q.To
	a.Baseline.Requests, a.Baseline.Newest = 1000, q.To
	return a, nil
}

// BenchmarkLook is what a look costs the engine, on the way there and back: the same,
// however many instances are well.
func BenchmarkLook(b *testing.B) {
	for _, back := range []bool{false, true} {
		for _, n := range []int{100, 10_000} {
			for _, unready := range []int{0, n/20 + 1} {
				b.Run(fmt.Sprintf("back=%v/instances=%d/unready=%d", back, n, unready), func(b *testing.B) { looks(b, n, back, unready) })
			}
		}
	}
}

func looks(b testing.TB, n int, back bool, unready int) (perLook time.Duration) {
	f := enginetest.NewFleet(engine.Development, "gateway", n, 20, "1.0.0", 100)
	spec := engine.Spec{PluginID: "gateway", Environment: engine.Development, Version: "2.0.0", Strategy: engine.Direct}
	settle := engine.Duration(300 * 24 * time.Hour)
	spec.Direct = &engine.DirectSettings{HealthCheckTimeout: &settle}
	plan, err := engine.Compile("r", spec, f.Snapshot())
	if err != nil {
		b.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(b.Context(), plan)
	if err != nil {
		b.Fatal(err)
	}
	c := &calm{Fleet: f, now: enginetest.Start, n: n, unready: unready}
	r, err := engine.NewRunner(b.Context(), engine.Ports{Fleet: c, Meter: c, Journal: j, Judge: engine.JudgeByMode{}, Now: func() time.Time { return c.now }})
	if err != nil {
		b.Fatal(err)
	}
	step := func() {
		wake, err := r.Advance(b.Context())
		if err != nil || wake.IsZero() {
			b.Fatal(err, r.State())
		}
		c.now = wake
	}
	step()
	if back {
		if err := r.Signal(b.Context(), engine.Signal{Kind: engine.Aborted, By: "anna"}); err != nil {
			b.Fatal(err)
		}
		step()
	}
	if bench, ok := b.(*testing.B); ok {
		for bench.Loop() {
			step()
		}
		return 0
	}
	var took []time.Duration
	for range 5 {
		began := time.Now()
		for range 200 {
			step()
		}
		took = append(took, time.Since(began)/200)
	}
	return slices.Min(took)
}

// TestLooksDoNotGrow compares looks at a hundred and at ten thousand instances that are
// well, in one run.
func TestLooksDoNotGrow(t *testing.T) {
	for _, back := range []bool{false, true} {
		few, many := looks(t, 100, back, 0), looks(t, 10_000, back, 0)
		if ratio := float64(many) / float64(few); ratio > 3 {
			t.Errorf("back %v: a look at 10,000 instances takes %s, at 100 %s: %.0f times as long", back, many, few, ratio)
		}
	}
}

// TestStrangerOnTheWayBack has an instance that joined on the candidate and stays there,
// whatever it is told: the fleet is not read again and again at once.
func TestStrangerOnTheWayBack(t *testing.T) {
	f, r := canaryOn(t, 40)
	if err := r.Run(enginetest.Start.Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	f.State.Instances = append(f.State.Instances, engine.Instance{ID: "stranger", Slot: "blue", Default: "2.0.0", Installed: []string{"2.0.0"}, Ready: true})
	f.Stubborn = "stranger"
	if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	before := f.Listed
	if err := r.Run(f.Now.Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n := f.Listed - before; n > 6 {
		t.Errorf("the fleet was listed %d times within ten seconds, want at most 6", n)
	}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.InFlight() {
		t.Errorf("%s, want an end", s)
	}
}

// TestLongErrors breaks two thousand instances: what is said of it stays short.
func TestLongErrors(t *testing.T) {
	f, r := canaryOn(t, 2000, func(s *engine.Spec) { s.Strategy = engine.Direct })
	f.AlterCondition = func(c *engine.Condition) {
		for i := range f.State.Instances {
			c.Break(f.State.Instances[i].ID, "the disk is full, and nobody has cleaned it up")
		}
	}
	if err := r.Run(enginetest.Start.Add(10 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	said := false
	for _, e := range r.Events() {
		said = said || len(e.Error) > 0
		if len(e.Error) > 1000 || len(e.Targets) > engine.MostListed {
			t.Fatalf("%s: %d characters, %d targets", e.Kind, len(e.Error), len(e.Targets))
		}
		if e.Kind == engine.Failed && !strings.Contains(e.Error, "and 1990 more") {
			t.Fatalf("%.200s… does not count the rest", e.Error)
		}
	}
	if !said {
		t.Error("nothing was said")
	}
	f, r = canaryOn(t, 3)
	f.Refuse, f.RefuseWith = 1, &engine.Refused{Reason: strings.Repeat("<html>", 10_000)}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n := len(r.State().Turned); n > 2000 {
		t.Errorf("what the fleet says of an error is told in %d characters", n)
	}
}
