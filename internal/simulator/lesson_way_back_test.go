package simulator

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// argo-rollouts #3316, #2522, #3988: stuck for ever after a restart of the
// controller. TestCrashAnywhere has all points; this is a controller that restarts
// at every call.
func restarted(t *testing.T) {
	r := begin(t, installed(DefaultConfig()), shorter(to(engine.Canary)))
	for range 2000 {
		wake, err := r.runner.Advance(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if wake.IsZero() {
			break
		}
		r.world.RunUntil(wake)
		r.resume()
	}
	r.ends(engine.Succeeded)
}

// argo-rollouts #3331, #1852, #2048; flagger #30: a new version arrives while a rollout
// is under way. It is refused, and the baseline stays what was last promoted.
func newVersionMidway(t *testing.T) {
	r := begin(t, installed(DefaultConfig()), to(engine.Canary))
	r.pass(12 * time.Minute)
	snapshot := r.world.Snapshot()
	if snapshot.Baseline() != "1.5.0" {
		t.Errorf("mid-rollout the baseline is %s", snapshot.Baseline())
	}
	next := to(engine.Canary)
	next.Version = "1.7.0"
	plan, err := engine.Compile(r.world.NextRollout(), next, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var unfinished *engine.UnfinishedError
	if _, err := r.journals.Begin(context.Background(), plan); !errors.As(err, &unfinished) || unfinished.Rollout != r.plan.Rollout {
		t.Errorf("the second rollout: %v", err)
	}
	r.ends(engine.Succeeded)
}

// argo-rollouts #3941, PR #4612: a fast rollback sent all traffic to capacity that was
// still scaling up. Here green comes up slowly: nothing goes there before it is ready.
func notReadyNoTraffic(t *testing.T) {
	r := begin(t, faulty(Fault{Kind: SlowStart, Version: "1.6.0", Magnitude: 100, Instances: []string{"instance-15"}}), to(engine.BlueGreen))
	r.pass(90 * time.Second)
	if got := r.world.percent("green"); got != 0 {
		t.Errorf("green has %v %% of the traffic and is not ready", got)
	}
	r.ends(engine.Succeeded)
}

// argo-rollouts #3020: a rollback went below the allowed capacity.
func capacityOnTheWayBack(t *testing.T) {
	spec := to(engine.Rolling)
	spec.Rolling = &engine.RollingSettings{BatchSize: &engine.BatchSize{N: 2}}
	r := begin(t, faulty(Fault{Kind: ErrorSpike, Version: "1.6.0", Magnitude: 0.5, FromSeconds: 400}), spec)
	least := 10
	watch := r.world.hook
	r.world.hook = func() {
		watch()
		n := 0
		for _, in := range r.world.Members {
			if in.Phase == ready {
				n++
			}
		}
		least = min(least, n)
	}
	r.ends(engine.RolledBack)
	if least != 8 {
		t.Errorf("%d instances were in service at the least, and batches of 2 leave 8 of 10", least)
	}
}

// argo-rollouts #1292: an abort with nothing running scaled the stable side to 0.
func abortWithNothingBegun(t *testing.T) {
	r := begin(t, installed(DefaultConfig()), to(engine.BlueGreen))
	was := fleetOf(r.world)
	r.signal(engine.Aborted)
	r.ends(engine.RolledBack)
	if fleetOf(r.world) != was || r.world.Calls != 0 {
		t.Errorf("the fleet was told %d changes and is\n%s", r.world.Calls, fleetOf(r.world))
	}
}

// argo-rollouts #2982: an abort after full promotion looped for ever.
func abortAfterTheEnd(t *testing.T) {
	r := begin(t, installed(DefaultConfig()), to(engine.Direct))
	r.ends(engine.Succeeded)
	n := len(r.runner.Events())
	if err := r.runner.Signal(context.Background(), engine.Signal{Kind: engine.Aborted, By: "an operator"}); err == nil || len(r.runner.Events()) != n {
		t.Errorf("an abort after the end: %v", err)
	}
}

// argo-rollouts #3774, #2897, #3120: a retry after an abort stuck on leftovers.
func retryIsNew(t *testing.T) {
	r := begin(t, faulty(Fault{Kind: InstallFails, Version: "1.6.0", Times: 30}), to(engine.Canary))
	r.ends(engine.RolledBack)
	again := beginIn(t, r.world, r.journals, to(engine.Canary))
	if again.plan.Rollout == r.plan.Rollout {
		t.Errorf("the retry has the same id: %s", again.plan.Rollout)
	}
	again.ends(engine.Succeeded)
}

// argo-rollouts #1774; flagger #639: a broken baseline blocked rolling out the fix.
func brokenBaseline(t *testing.T) {
	cfg := installed(DefaultConfig())
	b := DefaultBehaviour()
	b.ErrorRate, b.LatencyP99Ms = 0.6, 5000
	cfg.Versions = map[string]Behaviour{"1.5.0": b}
	for _, strategy := range []engine.Strategy{engine.Direct, engine.Canary, engine.Rolling, engine.BlueGreen} {
		begin(t, cfg, to(strategy)).ends(engine.Succeeded)
	}
}

// flagger #1898, #1932, #1591: a rollback after promotion routed everything to the side
// that was broken or missing.
func noWayBackAfterFinal(t *testing.T) {
	spec := to(engine.BlueGreen)
	spec.BlueGreen = &engine.BlueGreenSettings{KeepPreviousEnvironment: ptr(false)}
	// The fleet refuses to retire blue for a while: green has all the traffic.
	r := begin(t, faulty(Fault{Kind: RefusedCall, FromSeconds: 8 * 60, ToSeconds: 8*60 + 45}), spec)
	s := r.until(func(s engine.State) bool { return s.Begun == len(r.plan.Stages) })
	if err := r.runner.Signal(context.Background(), engine.Signal{Kind: engine.Aborted, By: "an operator"}); err == nil {
		t.Errorf("aborted past the point of no return: %s", s)
	}
	if s := r.drive(); s.Outcome != engine.Succeeded {
		if s.Outcome != engine.Stuck {
			t.Errorf("%s\n%s", s, r.story())
		}
		r.world.RunUntil(epoch.Add(10 * time.Minute))
		r.signal(engine.Resumed)
	}
	r.ends(engine.Succeeded)
	if r.world.percent("green") != 100 {
		t.Errorf("%v", r.world.Routes)
	}
}

// flagger #869: an instant return of traffic overwhelmed a baseline that had been
// scaled down. The old environment keeps its size until the point of no return.
func capacityBeforeTraffic(t *testing.T) {
	r := begin(t, faulty(Fault{Kind: ErrorSpike, Version: "1.6.0", Magnitude: 0.5, FromSeconds: 300}), to(engine.BlueGreen))
	watch := r.world.hook
	r.world.hook = func() {
		watch()
		if n := len(r.world.slot("blue")); n < 10 {
			t.Errorf("blue has %d instances before all is over", n)
		}
	}
	r.ends(engine.RolledBack)
}

// flagger #1578; nomad #10465, #20308: stuck for hours despite a deadline.
func deadlineHolds(t *testing.T) {
	for _, strategy := range []engine.Strategy{engine.Direct, engine.Canary, engine.Rolling, engine.BlueGreen} {
		r := begin(t, faulty(Fault{Kind: SlowStart, Version: "1.6.0", Magnitude: 10_000}), to(strategy))
		s := r.ends(engine.RolledBack)
		if took := s.Ended.Sub(epoch); took > 10*time.Minute {
			t.Errorf("%s: it took %s to give up", strategy, took)
		}
		if !r.happened(engine.RanOut) {
			t.Errorf("%s: no deadline ran out\n%s", strategy, r.story())
		}
	}
}
