package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestBehindHasOneBudget breaks one in twenty in each stage: the rollout as a whole goes on
// without no more than that.
func TestBehindHasOneBudget(t *testing.T) {
	f, r := canaryOn(t, 200)
	f.AlterCondition = func(got *engine.Condition) {
		s := r.State()
		if s.Step != engine.StepSettle || s.Phase != engine.PhaseProgressing || s.Stage >= len(r.Plan().Stages) {
			return
		}
		for i := range (200 - len(s.Behind)) / 20 {
			got.Break(fmt.Sprintf("i-%02d", s.Stage*20+i+1), "disk full")
		}
	}
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome == engine.Succeeded || len(s.Behind) > 10 {
		t.Errorf("%s without %d of 200", s, len(s.Behind))
	}
}

// TestMoreThanListed breaks more than a condition lists: whom nobody can name is not left
// behind, and three tries are made, as of those who can be named.
func TestMoreThanListed(t *testing.T) {
	for name, alter := range map[string]func(*engine.Condition){
		"130 of 3000": func(c *engine.Condition) {
			for i := range 130 {
				c.Break(fmt.Sprintf("i-%02d", i+1), "disk full")
			}
		},
		"one without a name": func(c *engine.Condition) { c.BrokenCount = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			f, r := canaryOn(t, 3000, direct)
			f.AlterCondition = func(c *engine.Condition) {
				if r.State().Phase == engine.PhaseProgressing {
					alter(c)
				}
			}
			walkSteps(t, f, r)
			tries := 0
			for _, e := range r.Events() {
				if e.Kind == engine.Failed {
					tries++
				}
			}
			if s := r.State(); s.Outcome != engine.RolledBack || tries != 3 || len(s.Behind) != 0 {
				t.Errorf("%s after %d tries, without %d: %s", s, tries, len(s.Behind), s.Turned)
			}
		})
	}
}

// TestSlowBreak lets what breaks take its time: there are three tries all the same.
func TestSlowBreak(t *testing.T) {
	for _, c := range []struct{ settle, breaks time.Duration }{{30 * time.Second, 20 * time.Second}, {time.Hour, 6 * time.Minute}} {
		d := engine.Duration(c.settle)
		f, r := canaryOn(t, 200, direct, func(s *engine.Spec) { s.Direct = &engine.DirectSettings{HealthCheckTimeout: &d} })
		f.Stubborn = "i-07"
		f.Delay[engine.Replace] = c.breaks
		f.AlterCondition = func(got *engine.Condition) {
			if got.Pending == 0 {
				got.Break("i-07", "disk full")
			}
		}
		walkSteps(t, f, r)
		if s := r.State(); s.Outcome != engine.Succeeded || len(s.Behind) != 1 {
			t.Error(c, s, s.Turned)
		}
	}
}

// TestBackAfterBehind rolls back after one was left behind, which breaks again: it is where
// it belongs.
func TestBackAfterBehind(t *testing.T) {
	f, r := canaryOn(t, 40)
	f.Stubborn = "i-07"
	f.AlterCondition = func(got *engine.Condition) { got.Break("i-07", "disk full") }
	runTo(t, r, 5*time.Minute)
	abort(t, r)
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome != engine.RolledBack {
		t.Error(s, s.Undone)
	}
}

// TestLatecomerThatBreaks goes on without one of those who joined.
func TestLatecomerThatBreaks(t *testing.T) {
	f, r := canaryOn(t, 100, direct)
	runTo(t, r, 2*time.Second)
	for n := range 25 {
		f.State.Instances = append(f.State.Instances, member(fmt.Sprint("new-", n), "1.0.0"))
	}
	f.Stubborn = "new-3"
	f.AlterCondition = func(c *engine.Condition) {
		if r.State().Stage == 1 {
			c.Break("new-3", "disk full")
			c.Ready = c.Watched
		}
	}
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome != engine.Succeeded || len(s.Behind) != 1 {
		t.Error(s, s.Behind)
	}
}

// TestLatecomersThatAllBreak tries past the point of no return for a quarter of an hour, and
// not for ever.
func TestLatecomersThatAllBreak(t *testing.T) {
	f, r := canaryOn(t, 3, direct)
	runTo(t, r, 2*time.Second)
	f.State.Instances = append(f.State.Instances, member("new", "1.0.0"))
	f.AlterCondition = func(c *engine.Condition) {
		if r.State().Stage == 1 {
			c.Break("new", "disk full")
		}
	}
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome != engine.Stuck || s.Ended.Sub(enginetest.Start) > 17*time.Minute {
		t.Error(s, s.Ended)
	}
}
