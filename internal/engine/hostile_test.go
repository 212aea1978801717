package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// walkSteps walks on until the rollout neither progresses nor rolls back; a loop within one
// moment ends with the time that a test has.
func walkSteps(t *testing.T, f *enginetest.Fleet, r *enginetest.Rollout) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	for range 20_000 {
		wake, err := r.Advance(ctx)
		if err != nil {
			t.Fatalf("%v after %d events: %s", err, len(r.Events()), r.State())
		}
		switch r.State().Phase {
		case engine.PhaseProgressing, engine.PhaseRollingBack:
		default:
			return
		}
		f.Advance(wake)
	}
	t.Fatalf("no end in sight: %s", r.State())
}

func abort(t *testing.T, r *enginetest.Rollout) {
	t.Helper()
	if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "anna"}); err != nil {
		t.Fatal(err)
	}
}

func runTo(t *testing.T, r *enginetest.Rollout, after time.Duration) {
	t.Helper()
	if err := r.Run(enginetest.Start.Add(after)); err != nil {
		t.Fatal(err)
	}
}

func direct(s *engine.Spec) { s.Strategy = engine.Direct }

func member(id, version string) engine.Instance {
	return engine.Instance{ID: id, Slot: "blue", Default: version, Installed: []string{version}, Ready: true}
}

// TestJoinForEver lets somebody join on the candidate at each look of a way back: it is
// waited for longer each time, and then the rollout is stuck.
func TestJoinForEver(t *testing.T) {
	f, r := canaryOn(t, 3, direct)
	runTo(t, r, 2*time.Second)
	abort(t, r)
	n := 0
	f.AlterCondition = func(*engine.Condition) {
		n++
		f.State.Instances = append(f.State.Instances, member(fmt.Sprintf("new-%04d", n), "2.0.0"))
	}
	walkSteps(t, f, r)
	if r.State().Outcome != engine.Stuck || len(r.Events()) > 100 {
		t.Errorf("%s with %d events, want stuck with a few", r.State(), len(r.Events()))
	}
}

// TestStaleReplica measures by turns at one that is up to date and at one that is not.
func TestStaleReplica(t *testing.T) {
	zero, none := 0, 0.0
	f, r := canaryOn(t, 3, func(s *engine.Spec) {
		s.Triggers = &engine.TriggerSettings{ConsecutiveHealthFailures: &zero, MaxErrorRate: &none, MaxLatencyP99Ratio: &none}
	})
	n := 0
	f.AlterAnswer = func(a *engine.Answer) {
		if n++; n%2 == 0 && f.Now.Sub(enginetest.Start) > 3*time.Minute {
			a.Candidate.Newest = enginetest.Start
		}
	}
	walkSteps(t, f, r)
	if looks := f.Looked + n; len(r.Events()) > looks {
		t.Errorf("%d events in %d looks: %s", len(r.Events()), looks, r.State())
	}
}

// TestAwayOnWayBack takes an instance away while its wave is undone and brings it back
// afterwards: no rollout that was rolled back leaves it on the candidate.
func TestAwayOnWayBack(t *testing.T) {
	f, r := canaryOn(t, 4, func(s *engine.Spec) { s.Strategy = engine.Rolling })
	f.Delay[engine.Replace] = 5 * time.Second
	runTo(t, r, 7*time.Minute)
	abort(t, r)
	away := f.State.Instances[3]
	f.State.Instances = f.State.Instances[:3]
	f.AlterCondition = func(*engine.Condition) {
		if r.State().Stage == 1 && len(f.State.Instances) == 3 {
			f.State.Instances = append(f.State.Instances, away)
		}
	}
	walkSteps(t, f, r)
	for _, i := range f.State.Instances {
		if r.State().Outcome != engine.RolledBack || i.Default != "1.0.0" {
			t.Errorf("%s, and %s serves %s", r.State(), i.ID, i.Default)
		}
	}
}

// TestSlotShrinks loses nine of the ten instances of a slot after it settled.
func TestSlotShrinks(t *testing.T) {
	f, r := canaryOn(t, 10, func(s *engine.Spec) { s.Strategy = engine.BlueGreen })
	runTo(t, r, time.Minute)
	f.State.Instances = slices.DeleteFunc(f.State.Instances, func(i engine.Instance) bool { return i.Slot == "green" && i.ID != "green-01" })
	walkSteps(t, f, r)
	if r.State().Outcome != engine.RolledBack {
		t.Errorf("%s, with one of ten in the new slot", r.State())
	}
}

// TestSettleAfterRefusal lets the fleet refuse for longer than a stage may settle: what it
// then takes has its own time.
func TestSettleAfterRefusal(t *testing.T) {
	f, r := canaryOn(t, 3, direct)
	f.Refuse = 6
	f.Delay[engine.Replace] = 3 * time.Second
	walkSteps(t, f, r)
	if r.State().Outcome != engine.Succeeded {
		t.Error(r.State())
	}
}

// listing is a fleet that lists what list yields.
type listing struct {
	*enginetest.Fleet
	list []engine.Instance
}

func (l listing) Instances(context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) {
		for _, i := range l.list {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// TestEmptySurvey lists nobody at the end of a way back: an empty answer is none.
func TestEmptySurvey(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 4, 30, "1.0.0", 150)
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: engine.Direct}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: listing{Fleet: f}, Meter: f, Journal: j, Judge: engine.JudgeByMode{}, Now: f.Clock})
	if err != nil {
		t.Fatal(err)
	}
	ro := &enginetest.Rollout{Runner: r, Fleet: f}
	runTo(t, ro, 2*time.Second)
	f.State.Instances = append(f.State.Instances, member("new", "2.0.0"))
	abort(t, ro)
	walkSteps(t, f, ro)
	if r.State().Outcome != engine.Stuck {
		t.Errorf("%s, and new serves 2.0.0", r.State())
	}
}

// TestListing lists a fleet where that decides something, and not at each look.
func TestListing(t *testing.T) {
	d := engine.Duration(30 * time.Minute)
	f, r := canaryOn(t, 10, direct, func(s *engine.Spec) { s.Direct = &engine.DirectSettings{HealthCheckTimeout: &d} })
	f.Delay[engine.Replace] = 20 * time.Minute
	runTo(t, r, time.Second)
	f.State.Instances = f.State.Instances[:9]
	f.Listed = 0
	walkSteps(t, f, r)
	if f.Listed > 5 {
		t.Errorf("listed %d times in %d looks", f.Listed, f.Looked)
	}
}

// TestUnavailableWithoutReason says of a fleet that is away and does not say why that it is.
func TestUnavailableWithoutReason(t *testing.T) {
	f, r := canaryOn(t, 3, direct)
	f.Refuse, f.RefuseWith = 1, &engine.Unavailable{}
	walkSteps(t, f, r)
	if e := r.Events()[2]; e.Kind != engine.Failed || e.Error == "" {
		t.Errorf("%s: %q", e.Kind, e.Error)
	}
}

// TestFarClock looks again after now, also where now is centuries ahead.
func TestFarClock(t *testing.T) {
	f, r := canaryOn(t, 3)
	runTo(t, r, 5*time.Minute)
	if err := r.Signal(t.Context(), engine.Signal{Kind: engine.Paused, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	f.Now = f.Now.Add(1<<63 - 1).Add(time.Hour)
	if wake, err := r.Advance(t.Context()); err != nil || !wake.After(f.Now) {
		t.Error(wake, f.Now, err)
	}
}

// lateArrival is a journal whose held write arrives just before the next one.
type lateArrival struct {
	engine.Journal
	hold *bool
	held *func()
}

func (l lateArrival) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if arrive := *l.held; arrive != nil {
		*l.held = nil
		arrive()
	}
	if *l.hold {
		*l.hold = false
		*l.held = func() { _ = l.Journal.Append(context.WithoutCancel(ctx), e, h) }
		return errors.New("no reply")
	}
	return l.Journal.Append(ctx, e, h)
}

// TestLateArrival gives a signal whose place in the journal an older write takes: yes means
// that the signal is in it.
func TestLateArrival(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: engine.Canary}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	under, err := engine.NewMemoryJournals().Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	hold, held := false, (func())(nil)
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: f, Meter: f, Journal: lateArrival{under, &hold, &held}, Judge: engine.JudgeByMode{}, Now: f.Clock, Writer: "one"})
	if err != nil {
		t.Fatal(err)
	}
	ro := &enginetest.Rollout{Runner: r, Fleet: f}
	runTo(t, ro, 5*time.Minute)
	f.Advance(enginetest.Start.Add(12 * time.Minute))
	hold = true
	if _, err := r.Advance(t.Context()); err == nil {
		t.Fatal("the reply was not lost")
	}
	abort(t, ro)
	events, err := under.Events(t.Context(), -1)
	if err != nil || !slices.ContainsFunc(events, func(e engine.Event) bool { return e.Kind == engine.Aborted }) {
		t.Errorf("answered with yes, and not in the journal: %s, %v", r.State(), err)
	}
}

// TestSlowWayBack gives a fleet that begins anew with each order, and needs longer than the
// stage may settle, longer with each try.
func TestSlowWayBack(t *testing.T) {
	f, r := canaryOn(t, 3, direct)
	f.Delay[engine.Replace] = 3 * time.Minute
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome != engine.RolledBack || s.Ended.Sub(enginetest.Start) > 15*time.Minute {
		t.Error(s, s.Ended)
	}
}
