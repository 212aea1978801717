package walker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// fleetClock is the clock of a fleet without chance.
type fleetClock struct {
	*enginetest.Fleet
	naps []time.Duration
	wait func() // at each nap
}

func (c *fleetClock) Now() time.Time { return c.Fleet.Now }

func (c *fleetClock) Sleep(ctx context.Context, until time.Time) error {
	c.naps = append(c.naps, until.Sub(c.Fleet.Now))
	c.Fleet.Advance(until)
	if c.wait != nil {
		c.wait()
	}
	return ctx.Err()
}

// flaky is a journal that fails for a time.
type flaky struct {
	engine.Journal
	fails func() error
}

func (j flaky) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := j.fails(); err != nil {
		return err
	}
	return j.Journal.Append(ctx, e, h)
}

func canary(t *testing.T, fails func() error) (*engine.Runner, *fleetClock, engine.Journal) {
	t.Helper()
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	walked := j
	if fails != nil {
		walked = flaky{j, fails}
	}
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: f, Meter: f, Journal: walked, Judge: engine.JudgeByMode{}, Now: f.Clock, Writer: "one"})
	if err != nil {
		t.Fatal(err)
	}
	return r, &fleetClock{Fleet: f}, j
}

// TestWalk walks a rollout to its end, and tells of each step.
func TestWalk(t *testing.T) {
	r, c, _ := canary(t, nil)
	steps := 0
	if err := walker.Walk(t.Context(), r, c, walker.Options{Step: func(time.Time) bool { steps++; return false }}); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Outcome != engine.Succeeded || steps != len(c.naps)+1 {
		t.Errorf("%s after %d steps and %d naps", s, steps, len(c.naps))
	}
}

// TestDeadline ends a walk at its time, and not after.
func TestDeadline(t *testing.T) {
	r, c, _ := canary(t, nil)
	deadline := enginetest.Start.Add(15 * time.Minute)
	err := walker.Walk(t.Context(), r, c, walker.Options{Deadline: deadline})
	if !errors.Is(err, walker.ErrDeadline) || !c.Now().Equal(deadline) {
		t.Errorf("%v at %s", err, c.Now())
	}
}

// TestSpokenToElsewhere pauses a rollout from elsewhere while it is walked: the walk ends
// there, and one that stays watches on.
func TestSpokenToElsewhere(t *testing.T) {
	for _, held := range []bool{false, true} {
		r, c, j := canary(t, nil)
		at, spoken := enginetest.Start.Add(5*time.Minute), false
		c.wait = func() {
			if !c.Now().After(at) || spoken {
				return
			}
			spoken = true
			other, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: c.Fleet, Meter: c.Fleet, Journal: j, Judge: engine.JudgeByMode{}, Now: c.Fleet.Clock, Writer: "two"})
			if err == nil {
				err = other.Signal(t.Context(), engine.Signal{Kind: engine.Paused, By: "anna"})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		err := walker.Walk(t.Context(), r, c, walker.Options{Held: held, Deadline: enginetest.Start.Add(time.Hour)})
		if s := r.State(); s.Phase != engine.PhasePaused || held != errors.Is(err, walker.ErrDeadline) || !held && err != nil {
			t.Errorf("held %v: %s, %v", held, s, err)
		}
	}
}

var errDown = errors.New("the store is down")

// TestRetries lets the store be away: within the budget it is waited for, beyond it is not,
// and a conflict is none to wait for.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name         string
		err          error
		away, budget time.Duration
		want         error
	}{
		{"two minutes of five", errDown, 2 * time.Minute, 5 * time.Minute, nil},
		{"six minutes of five", errDown, 6 * time.Minute, 5 * time.Minute, errDown},
		{"without a budget", errDown, time.Second, 0, errDown},
		{"a conflict", engine.ErrConflict, 2 * time.Minute, 5 * time.Minute, engine.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := enginetest.Start.Add(10 * time.Minute)
			var clock *fleetClock
			tries := 0
			r, clock, _ := canary(t, func() error {
				if now := clock.Now(); !now.Before(from) && now.Before(from.Add(c.away)) {
					tries++
					return c.err
				}
				return nil
			})
			shortened := 0
			err := walker.Walk(t.Context(), r, clock, walker.Options{Budget: c.budget, Jitter: func(d time.Duration) time.Duration {
				shortened++
				return d * 3 / 4
			}})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if c.want == nil && (r.State().Outcome != engine.Succeeded || tries < 8 || tries > 20 || shortened != tries) {
				t.Errorf("%s after %d tries, %d waits with jitter", r.State(), tries, shortened)
			}
		})
	}
}

// TestTime takes a fleet's time from its answers: it never runs backwards, and follows a
// fleet whose clock differs.
func TestTime(t *testing.T) {
	var c walker.Time
	local := c.Now()
	c.Learn(local.Add(time.Hour))
	ahead := c.Now()
	if d := ahead.Sub(local.Add(time.Hour)); d < 0 || d > time.Minute {
		t.Errorf("an hour ahead it is %s", ahead.Sub(local))
	}
	c.Learn(local)
	c.Learn(local)
	if now := c.Now(); now.Before(ahead) {
		t.Errorf("it ran backwards by %s", ahead.Sub(now))
	}
	c.Learn(time.Time{})
	if now := c.Now(); now.Before(ahead) {
		t.Error("an answer without a time counts")
	}
	if err := c.Sleep(t.Context(), c.Now().Add(20*time.Millisecond)); err != nil {
		t.Errorf("a wait while it is ahead of the fleet: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(ctx, ahead.Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that is called off: %v", err)
	}
	if err := c.Sleep(t.Context(), local); err != nil {
		t.Errorf("a wait for what is over: %v", err)
	}
}

// TestOneClockThatIsWrong hears of a year that cannot be, and once of one that can: neither
// moves it. What two answers say does.
func TestOneClockThatIsWrong(t *testing.T) {
	var c walker.Time
	local := c.Now()
	c.Learn(local)
	for _, at := range []time.Time{time.Unix(1<<40, 0), local.AddDate(60, 0, 0), local, local.AddDate(0, 0, 1), local} {
		c.Learn(at)
		if d := c.Now().Sub(local); d < 0 || d > time.Minute {
			t.Fatalf("after an answer of %s it is %s later", at, d)
		}
	}
	c.Learn(local.AddDate(60, 0, 0))
	c.Learn(local.AddDate(60, 0, 0))
	if now := c.Now(); now.Year() != local.Year()+60 {
		t.Errorf("it is %s, and two answers agree on sixty years later", now)
	}
}

// TestLearning learns from what the fleet says.
func TestLearning(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	var c walker.Time
	learning := walker.Learning(f, &c)
	if _, err := learning.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := c.Now().Sub(enginetest.Start); d > time.Minute && !c.Now().After(enginetest.Start.Add(time.Hour)) {
		t.Errorf("it is %s past the fleet's start", d)
	}
	f.Advance(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC))
	for range 2 {
		if _, err := learning.Look(t.Context(), engine.Watch{}); err != nil {
			t.Fatal(err)
		}
	}
	if now := c.Now(); now.Year() != 2090 {
		t.Errorf("it is %s", now)
	}
}
