package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

var errCrash = errors.New("crashed")

// crasher ends the runner before or after its nth call of the fleet or the journal:
// the call fails, and the context is done, as it is for a process that ends.
type crasher struct {
	engine.Fleet
	engine.Journal
	left  int // calls until the crash; negative: never
	after bool
	die   func()
	calls int
}

// step does do, unless the crash comes first.
func (c *crasher) step(do func() error) error {
	c.calls++
	c.left--
	if c.left == 0 {
		c.die()
		if !c.after {
			return errCrash
		}
	}
	if err := do(); err != nil {
		return err
	}
	if c.left == 0 {
		return errCrash
	}
	return nil
}

func (c *crasher) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	return c.step(func() error { return c.Journal.Append(ctx, e, h) })
}

func (c *crasher) Make(ctx context.Context, o engine.Order) error {
	return c.step(func() error { return c.Fleet.Make(ctx, o) })
}

var crashCases = []struct {
	name string
	spec engine.Spec
}{
	{"direct", engine.Spec{Environment: engine.Development}},
	{"canary", engine.Spec{Environment: engine.Production}},
	{"rolling", engine.Spec{Environment: engine.QA}},
	{"blue-green", engine.Spec{Environment: engine.Production, Strategy: engine.BlueGreen}},
	{"a/b", engine.Spec{Environment: engine.Production, Strategy: engine.ABTesting}},
}

// TestCrashEverywhere crashes the runner before and after every call, of every
// strategy, with a good version and a bad one. A new runner always comes to the
// end that a runner without a crash comes to.
func TestCrashEverywhere(t *testing.T) {
	for _, c := range crashCases {
		for _, bad := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/bad=%t", c.name, bad), func(t *testing.T) {
				want, calls := crashRun(t, c.spec, bad, -1, false)
				for n := 1; n <= calls; n++ {
					for _, after := range []bool{false, true} {
						if got, _ := crashRun(t, c.spec, bad, n, after); got != want {
							t.Fatalf("crash at call %d, after=%t:\ngot  %s\nwant %s", n, after, got, want)
						}
					}
				}
			})
		}
	}
}

// crashRun runs a rollout with one crash and shows its end.
func crashRun(t *testing.T, spec engine.Spec, bad bool, crash int, after bool) (end string, calls int) {
	t.Helper()
	ctx := t.Context()
	spec.PluginID, spec.Version = "gateway", "2.0.0"
	f := enginetest.NewFleet(spec.Environment, spec.PluginID, 3, 30, "1.0.0", 150)
	f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.005, Conversions: 0.05, Latency: 30}
	if bad {
		f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.3, Latency: 30}
	}
	js := engine.NewMemoryJournals()
	if _, err := enginetest.Begin(f, js, "r1", spec); err != nil {
		t.Fatal(err)
	}
	j, err := js.Open(ctx, "r1")
	if err != nil {
		t.Fatal(err)
	}
	c := &crasher{Fleet: f, Journal: j, left: crash, after: after}
	for {
		runner, err := engine.NewRunner(ctx, engine.Ports{Fleet: c, Meter: f, Journal: c, Judge: engine.ThresholdJudge{}, Now: f.Clock})
		if err != nil {
			t.Fatal(err)
		}
		err = drive(ctx, runner, f, c)
		if err == nil {
			return fmt.Sprintf("%s\n%s", runner.State().Outcome, show(f.State)), c.calls
		}
		if !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
	}
}

// drive advances until the end, or the crash.
func drive(ctx context.Context, r *engine.Runner, f *enginetest.Fleet, c *crasher) error {
	life, die := context.WithCancel(ctx)
	defer die()
	c.die = die
	for r.State().InFlight() {
		wake, err := r.Advance(life)
		switch {
		case life.Err() != nil:
			return errCrash
		case err != nil:
			return err
		case wake.IsZero() && r.State().InFlight():
			return fmt.Errorf("waits for nobody: %s", r.State())
		}
		f.Advance(later(wake, f.Now))
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
