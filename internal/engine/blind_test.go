package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

var errDown = errors.New("the backend is down")

// sicken lets every instance fail the probes of what it serves or holds.
func sicken(f *enginetest.Fleet, versions ...string) {
	for _, i := range f.State.Instances {
		for _, v := range versions {
			f.Sick[i.ID] = v
		}
	}
}

// TestMetricsDownGuardSees lets the metrics go down and every instance fail: the guard on
// health rolls back all the same.
func TestMetricsDownGuardSees(t *testing.T) {
	for _, strategy := range []engine.Strategy{engine.Direct, engine.Rolling, engine.BlueGreen} {
		f, r := canaryOn(t, 3, func(s *engine.Spec) {
			s.Strategy = strategy
			minute := engine.Duration(10 * time.Minute)
			s.Direct = map[bool]*engine.DirectSettings{true: {ValidationPeriod: &minute}}[strategy == engine.Direct]
		})
		if err := r.Run(enginetest.Start.Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		f.NoMetrics = errDown
		sicken(f, "2.0.0")
		from := f.Now
		if err := r.Run(enginetest.Start.Add(40 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		s := r.State()
		if s.Outcome != engine.RolledBack || !strings.Contains(s.Turned, "health probes in a row") {
			t.Errorf("%s: %s, want rolled back by the guard on health", strategy, s)
		}
		if took := s.WayBackBegan.Sub(from); took > 3*time.Minute {
			t.Errorf("%s: the guard took %s", strategy, took)
		}
	}
}

// TestBlindFleetGuardSees lets the fleet hide how it is while its traffic goes bad: the
// guard on errors sees it.
func TestBlindFleetGuardSees(t *testing.T) {
	f, r := canaryOn(t, 3)
	f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.5}
	if err := r.Run(enginetest.Start.Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	f.Blind = errDown
	if err := r.Run(enginetest.Start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Phase != engine.PhaseRollingBack || !strings.Contains(s.Turned, "error rate") {
		t.Errorf("%s, want rolling back for the error rate", s)
	}
}

// TestNothingPassesUnseen has gates whose bake ends while the fleet hides how it is: they
// do not pass, however good the traffic is.
func TestNothingPassesUnseen(t *testing.T) {
	f, r := canaryOn(t, 3)
	if err := r.Run(enginetest.Start.Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	f.Blind = errDown
	if err := r.Run(enginetest.Start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Phase != engine.PhaseHeld || s.Stage != 1 || !strings.Contains(s.Reason, "the fleet cannot be read: the backend is down") {
		t.Errorf("%s, want held at the first share", s)
	}
}

// TestCoverageIsNeeded has samples of too few of the instances.
func TestCoverageIsNeeded(t *testing.T) {
	for _, c := range []struct {
		coverage float64
		want     engine.Phase
	}{{0, engine.PhaseSucceeded}, {0.9, engine.PhaseSucceeded}, {1, engine.PhaseSucceeded}, {0.85, engine.PhaseHeld}} {
		f, r := canaryOn(t, 3)
		f.AlterAnswer = func(a *engine.Answer) { a.Coverage = c.coverage }
		if err := r.Run(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if s := r.State(); s.Phase != c.want || c.want == engine.PhaseHeld && !strings.Contains(s.Reason, "samples of 85 % of the instances") {
			t.Errorf("coverage %v: %s, want %s", c.coverage, s, c.want)
		}
	}
}

// TestGuardWatchesWhileRetrying has the fleet refuse the second share while the tenants of
// the first fail: the guards watch them, also where somebody paused the rollout meanwhile.
func TestGuardWatchesWhileRetrying(t *testing.T) {
	for _, pause := range []bool{false, true} {
		t.Run(fmt.Sprintf("paused %v", pause), func(t *testing.T) {
			f, r := canaryOn(t, 3)
			if err := r.Run(enginetest.Start.Add(9 * time.Minute)); err != nil {
				t.Fatal(err)
			}
			f.Refuse = 1000
			if err := r.Run(enginetest.Start.Add(10*time.Minute + 20*time.Second)); err != nil {
				t.Fatal(err)
			}
			if s := r.State(); s.Step != engine.StepMake || s.Stage != 2 {
				t.Fatalf("%s, want the second share to be refused", s)
			}
			if pause {
				if err := r.Signal(context.Background(), engine.Signal{Kind: engine.Paused, By: "anna"}); err != nil {
					t.Fatal(err)
				}
			}
			f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.9}
			for range 60 {
				wake, err := r.Advance(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if wake.IsZero() || r.State().Phase == engine.PhaseRollingBack {
					break
				}
				f.Advance(wake)
			}
			if s := r.State(); s.Phase != engine.PhaseRollingBack || s.Verdict == nil || !s.Verdict.Guard {
				t.Errorf("%s, want rolling back by a guard", s)
			}
		})
	}
}

// TestDirectIsWatchedWhileItSettles has a version that fails everything while one instance
// of ten is slow to come up: whoever is served by the others is not left alone.
func TestDirectIsWatchedWhileItSettles(t *testing.T) {
	f, r := canaryOn(t, 10, func(s *engine.Spec) {
		s.Strategy = engine.Direct
		timeout := engine.Duration(30 * time.Minute)
		s.Direct = &engine.DirectSettings{HealthCheckTimeout: &timeout}
	})
	f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.9}
	f.AlterCondition = func(c *engine.Condition) { c.Pending = 1 }
	if err := r.Run(enginetest.Start.Add(10 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.WayBackBegan.IsZero() || s.WayBackBegan.Sub(enginetest.Start) > 2*time.Minute {
		t.Errorf("%s, want rolled back by the guard on errors within two minutes", s)
	}
}

// TestPromoteDoesNotJump promotes a rollout that a guard holds while its stage settles: the
// stage goes on, it is not left unsettled and unjudged.
func TestPromoteDoesNotJump(t *testing.T) {
	f, r := canaryOn(t, 3, func(s *engine.Spec) {
		no := false
		s.Canary = &engine.CanarySettings{AutoRollback: &no}
	})
	f.Delay[engine.Pin] = 25 * time.Second
	if err := r.Run(enginetest.Start.Add(10*time.Minute + 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Step != engine.StepSettle || s.Stage != 2 {
		t.Fatalf("%s, want the second share to settle", s)
	}
	f.Behave["2.0.0"] = enginetest.Behaviour{Errors: 0.9}
	if err := r.Run(enginetest.Start.Add(11 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Phase != engine.PhaseHeld || s.Step != engine.StepSettle {
		t.Fatalf("%s, want held while it settles", s)
	}
	delete(f.Behave, "2.0.0")
	if err := r.Signal(context.Background(), engine.Signal{Kind: engine.Promoted, By: "anna", Reason: "it is mended"}); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Stage != 2 || s.Step != engine.StepSettle || s.Phase != engine.PhaseProgressing {
		t.Fatalf("%s, want the second share to go on settling", s)
	}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	judged := map[int]bool{}
	for _, e := range r.Events() {
		if e.Kind == engine.Judged && !e.Verdict.Guard {
			judged[e.Stage] = true
		}
	}
	if s := r.State(); s.Outcome != engine.Succeeded || !judged[2] {
		t.Errorf("%s, judged %v: want succeeded, with the second share judged", s, judged)
	}
}

// TestExtrapolatedCountsHold has counts that are estimates: what rolls back otherwise, by a
// gate or a guard, holds the rollout, and a good version passes all the same.
func TestExtrapolatedCountsHold(t *testing.T) {
	for _, c := range []struct {
		name         string
		errors       float64
		guard        float64
		extrapolated bool
		want         engine.Phase
	}{
		{"a guard, counted", 0.5, 0.05, false, engine.PhaseRolledBack},
		{"a guard, extrapolated", 0.5, 0.05, true, engine.PhaseHeld},
		{"a gate, counted", 0.2, 1, false, engine.PhaseRolledBack},
		{"a gate, extrapolated", 0.2, 1, true, engine.PhaseHeld},
		{"good, extrapolated", 0, 0.05, true, engine.PhaseProgressing},
	} {
		f, r := canaryOn(t, 30, func(s *engine.Spec) { s.Triggers = &engine.TriggerSettings{MaxErrorRate: &c.guard} })
		f.Behave["2.0.0"] = enginetest.Behaviour{Errors: c.errors}
		f.AlterAnswer = func(a *engine.Answer) { a.Extrapolated = c.extrapolated }
		var s engine.State
		for minute := range 25 {
			if err := r.Run(enginetest.Start.Add(time.Duration(minute) * time.Minute)); err != nil {
				t.Fatal(err)
			}
			if s = r.State(); s.Phase != engine.PhaseProgressing {
				break
			}
		}
		said := strings.Contains(s.Reason, "extrapolated, on which nothing is rolled back")
		if s.Phase != c.want || said != (c.want == engine.PhaseHeld) {
			t.Errorf("%s: %s, %q, want %s", c.name, s, s.Reason, c.want)
		}
	}
}
