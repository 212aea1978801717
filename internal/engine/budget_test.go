package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestRefusalsHaveTime lets the fleet be away at the last stage: for four minutes it is
// waited for, for six it is not, and a refusal that is final is not asked about twice.
func TestRefusalsHaveTime(t *testing.T) {
	for _, c := range []struct {
		away  time.Duration
		with  error
		want  engine.Outcome
		tries int
	}{
		{3 * time.Second, nil, engine.Succeeded, 3},
		{4 * time.Minute, nil, engine.Succeeded, 12},
		{6 * time.Minute, nil, engine.RolledBack, 15},
		{2 * time.Minute, &engine.Unavailable{After: 50 * time.Second, Err: errors.New("busy")}, engine.Succeeded, 3},
		{time.Second, &engine.Refused{Reason: "not signed"}, engine.RolledBack, 1},
	} {
		t.Run(fmt.Sprint(c.away, " ", c.with), func(t *testing.T) {
			f, r := canaryOn(t, 3)
			if err := r.Run(enginetest.Start.Add(29*time.Minute + 55*time.Second)); err != nil {
				t.Fatal(err)
			}
			f.Refuse, f.RefuseWith = 1000, c.with
			if c.tries == 1 {
				f.Refuse = 1
			}
			back := enginetest.Start.Add(30*time.Minute + c.away)
			if err := r.Run(back); err != nil {
				t.Fatal(err)
			}
			tries := 0
			for _, e := range r.Events() {
				if e.Kind == engine.Reverting {
					break
				}
				if e.Kind == engine.Failed {
					tries++
				}
			}
			f.Refuse = 0
			if err := r.Run(time.Time{}); err != nil {
				t.Fatal(err)
			}
			if s := r.State(); s.Outcome != c.want || tries < c.tries-1 || tries > c.tries {
				t.Errorf("%s after %d failed tries, want %s after %d", s, tries, c.want, c.tries)
			}
		})
	}
}

// TestWayBackHasItsTime lets the fleet be away on the way back: for a quarter of an hour it
// is asked again, then the rollout is stuck and says so.
func TestWayBackHasItsTime(t *testing.T) {
	for away, want := range map[time.Duration]engine.Outcome{14 * time.Minute: engine.RolledBack, 17 * time.Minute: engine.Stuck} {
		f, r := canaryOn(t, 3)
		if err := r.Run(enginetest.Start.Add(5 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "anna"}); err != nil {
			t.Fatal(err)
		}
		f.Refuse = 1000
		if err := r.Run(enginetest.Start.Add(5*time.Minute + away)); err != nil {
			t.Fatal(err)
		}
		f.Refuse = 0
		if err := r.Run(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if s := r.State(); s.Outcome != want {
			t.Errorf("away for %s: %s, want %s", away, s, want)
		}
	}
}

// TestBrokenInstancesHaveTheBudgetOfUnreadyOnes breaks instances for good: as many as may
// be unready, a twentieth, are left behind by name, one more turns the rollout round.
func TestBrokenInstancesHaveTheBudgetOfUnreadyOnes(t *testing.T) {
	for _, c := range []struct {
		instances, broken int
		want              engine.Phase
	}{
		{200, 1, engine.PhaseSucceeded},
		{200, 10, engine.PhaseSucceeded},
		{200, 11, engine.PhaseRolledBack},
		{19, 1, engine.PhaseRolledBack},
		{3, 1, engine.PhaseRolledBack},
	} {
		f, r := canaryOn(t, c.instances, func(s *engine.Spec) { s.Strategy = engine.Direct })
		back := false
		f.AlterCondition = func(got *engine.Condition) {
			if back = back || r.State().Phase == engine.PhaseRollingBack; back || got.Watched == 0 {
				return
			}
			for i := range c.broken {
				got.Break(fmt.Sprintf("i-%02d", i+1), "disk full")
			}
		}
		if err := r.Run(time.Time{}); err != nil {
			t.Fatal(err)
		}
		s := r.State()
		if s.Phase != c.want {
			t.Errorf("%d of %d broken: %s, want %s", c.broken, c.instances, s, c.want)
		}
		for _, e := range r.Events() {
			if e.Kind == engine.Settled && len(e.Targets) != c.broken {
				t.Errorf("%d of %d broken: settled without %d of them", c.broken, c.instances, len(e.Targets))
			}
			if len(e.Error) > 1000 {
				t.Errorf("an error of %d characters: %.100s…", len(e.Error), e.Error)
			}
		}
	}
}

// TestSettledIsThere settles only where what was asked for is there: not in an empty
// answer, not with half a slot. What has left is not waited for.
func TestSettledIsThere(t *testing.T) {
	for _, c := range []struct {
		name     string
		strategy engine.Strategy
		alter    func(*engine.Condition)
		fleet    func(*enginetest.Fleet)
		want     engine.Phase
		says     string
	}{
		{"an empty answer", engine.Direct, func(c *engine.Condition) { c.Watched, c.Ready = 0, 0 }, nil, engine.PhaseRollingBack, "10 instances that the fleet does not show"},
		{"half of an answer", engine.Direct, func(c *engine.Condition) { c.Watched, c.Ready = c.Watched/2, c.Watched/2 }, nil, engine.PhaseRollingBack, "5 instances that the fleet does not show"},
		{"half a slot", engine.BlueGreen, func(c *engine.Condition) { c.Watched, c.Ready = c.Watched/2, c.Watched/2 }, nil, engine.PhaseRolledBack, "5 instances that the fleet does not show"},
		{"three left", engine.Direct, nil, func(f *enginetest.Fleet) { f.State.Instances = f.State.Instances[:7] }, engine.PhaseSucceeded, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, r := canaryOn(t, 10, func(s *engine.Spec) { s.Strategy = c.strategy })
			f.Delay[engine.Replace], f.AlterCondition = 3*time.Second, c.alter
			if err := r.Run(enginetest.Start.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if c.fleet != nil {
				c.fleet(f)
			}
			if err := r.Run(enginetest.Start.Add(10 * time.Minute)); err != nil {
				t.Fatal(err)
			}
			s := r.State()
			if s.Phase != c.want || !strings.Contains(s.Turned, c.says) {
				t.Errorf("%s (%s), want %s: … %s", s, s.Turned, c.want, c.says)
			}
		})
	}
}

// TestBrokenSwitchIsNotGoneOnWithout breaks the switch of a slot of two hundred instances,
// of which ten may be broken: a switch may not.
func TestBrokenSwitchIsNotGoneOnWithout(t *testing.T) {
	f, r := canaryOn(t, 200, func(s *engine.Spec) { s.Strategy = engine.BlueGreen })
	shifted := false
	f.AlterCondition = func(got *engine.Condition) {
		if shifted = shifted || strings.HasPrefix(f.Orders[len(f.Orders)-1], "route"); shifted && r.State().Phase == engine.PhaseProgressing {
			got.Break("routes", "the load balancer is on fire")
		}
	}
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Outcome != engine.RolledBack || !strings.Contains(s.Turned, "on fire") || len(s.Behind) > 0 {
		t.Errorf("%s, without %v: want rolled back for the switch", s, s.Behind)
	}
}

// TestGoesOnWithout leaves an instance behind that cannot be given the candidate: nobody
// takes from it what it serves, it is not asked for again, and the end says so.
func TestGoesOnWithout(t *testing.T) {
	f, r := canaryOn(t, 40)
	f.Stubborn = "i-07"
	f.AlterCondition = func(got *engine.Condition) { got.Break("i-07", "disk full") }
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	s, events := r.State(), r.Events()
	if s.Outcome != engine.Succeeded || fmt.Sprint(s.Behind) != "[i-07]" {
		t.Fatalf("%s, without %v", s, s.Behind)
	}
	for _, i := range f.State.Instances {
		want := map[bool]string{true: "1.0.0", false: "2.0.0"}[i.ID == "i-07"]
		if i.Default != want || len(i.Installed) != 1 {
			t.Errorf("%s serves %s of %v, want %s", i.ID, i.Default, i.Installed, want)
		}
	}
	if line := r.Plan().Line(events[len(events)-2]); line != "every instance serves 2.0.0, but for i-07" {
		t.Error(line)
	}
}

// TestTheBudgetIsThatOfTheRollout breaks other instances in every stage: as many in all as
// may break in one.
func TestTheBudgetIsThatOfTheRollout(t *testing.T) {
	for perStage, want := range map[int]engine.Outcome{1: engine.Succeeded, 4: engine.RolledBack} {
		f, r := canaryOn(t, 200)
		f.AlterCondition = func(got *engine.Condition) {
			if s := r.State(); s.Phase == engine.PhaseProgressing {
				for i := range perStage * (s.Stage + 1) { // ten of two hundred may
					got.Break(f.State.Instances[i].ID, "disk full")
				}
			}
		}
		if err := r.Run(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if s := r.State(); s.Outcome != want || len(s.Behind) > 10 {
			t.Errorf("%d more in each stage: %s, without %d", perStage, s, len(s.Behind))
		}
	}
}

// TestAwayIsNotSettling lets the fleet be away for longer than a stage has to settle: that
// time begins when it has taken the change.
func TestAwayIsNotSettling(t *testing.T) {
	f, r := canaryOn(t, 40, func(s *engine.Spec) { s.Strategy = engine.Direct })
	f.Refuse, f.Delay[engine.Replace] = 9, 10*time.Second // two minutes, and 30 s to settle
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if s := r.State(); s.Outcome != engine.Succeeded {
		t.Error(s)
	}
}

// TestOneFailedQuestion lets a single question to the meter fail in the middle of a bake:
// it costs no time.
func TestOneFailedQuestion(t *testing.T) {
	f, r := canaryOn(t, 3)
	if err := r.Run(enginetest.Start.Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	f.NoMetrics = errDown
	if err := r.Run(enginetest.Start.Add(5*time.Minute + 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	f.NoMetrics = nil
	if err := r.Run(time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events() {
		if e.Kind == engine.Blinded {
			t.Errorf("blinded, with samples up to %s", e.Until)
		}
	}
	if took := f.Now.Sub(enginetest.Start); took != 40*time.Minute || r.State().Outcome != engine.Succeeded {
		t.Errorf("%s after %s, want succeeded after 40m", r.State(), took)
	}
}
