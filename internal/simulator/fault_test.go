package simulator

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Each fault bites: with it, a world shows what it does not show without. The faults
// count from the start of the rollout.
func TestFaultsBite(t *testing.T) {
	type look struct {
		w    *World
		plan *engine.Plan
	}
	candidate := func(l look, from, to time.Duration) engine.Measurement {
		return measure(t, l.w, l.plan, engine.CandidateArm, from, to)
	}
	rate := func(m engine.Measurement) float64 { return float64(m.Errors) / float64(m.Requests) }
	tests := []struct {
		fault Fault
		bites func(l look) bool
	}{
		{Fault{Kind: InstallFails, Instances: []string{"instance-03"}, Version: "1.6.0"}, func(l look) bool {
			m := candidate(l, 0, 0)
			return len(m.Broken) == 1 && m.Broken[0].Target == "instance-03" && !l.w.instance("instance-03").has("1.6.0")
		}},
		{Fault{Kind: InstanceCrash, Instances: []string{"instance-02"}, FromSeconds: 10}, func(l look) bool {
			m := candidate(l, 0, 0)
			return m.Ready == 9 && m.Watched == 10 && len(m.Ailing) == 1 && m.Ailing[0].Failures == 5
		}},
		{Fault{Kind: ProbesFail, Instances: []string{"instance-02"}, FromSeconds: 10}, func(l look) bool {
			m := candidate(l, 0, 0)
			return m.Ready == 10 && len(m.Ailing) == 1 && m.Ailing[0].Failures == 5 && m.Ailing[0].Ready
		}},
		{Fault{Kind: SlowStart, Version: "1.6.0", Magnitude: 100, Instances: []string{"instance-04"}}, func(l look) bool {
			return candidate(l, 0, 0).Pending == 1
		}},
		{Fault{Kind: ErrorSpike, Version: "1.6.0", Magnitude: 0.5, FromSeconds: 30}, func(l look) bool {
			return rate(candidate(l, 10*time.Second, 30*time.Second)) < 0.05 && rate(candidate(l, 30*time.Second, 60*time.Second)) > 0.4
		}},
		{Fault{Kind: Latency, Version: "1.6.0", Magnitude: 5}, func(l look) bool {
			m := candidate(l, 10*time.Second, 60*time.Second)
			return m.Slower[0] > m.Requests/50 && m.Latency.Sum/float64(m.Latency.Count) > 200
		}},
		{Fault{Kind: TenantFails, Tenants: []string{"tenant-007"}, Magnitude: 1}, func(l look) bool {
			m := measure(t, l.w, l.plan, engine.BaselineArm, 10*time.Second, 60*time.Second)
			c := candidate(l, 10*time.Second, 60*time.Second)
			for _, m := range []engine.Measurement{m, c} {
				if m.Worst != nil && m.Worst.Tenant == "tenant-007" && m.Worst.Errors == m.Worst.Requests {
					return rate(m) < 0.2
				}
			}
			return false
		}},
		{Fault{Kind: MetricsGap, FromSeconds: 20, ToSeconds: 40}, func(l look) bool {
			in, out := candidate(l, 20*time.Second, 40*time.Second), candidate(l, 40*time.Second, 60*time.Second)
			return in.Requests == 0 && in.Newest.IsZero() && out.Requests > 0 && out.Newest.After(epoch.Add(50*time.Second))
		}},
		{Fault{Kind: MetricsNaN, FromSeconds: 20, ToSeconds: 40}, func(l look) bool {
			in, out := candidate(l, 20*time.Second, 40*time.Second), candidate(l, 40*time.Second, 60*time.Second)
			return math.IsNaN(in.Latency.Sum) && math.IsNaN(in.CPU.Sum) && in.Requests > 0 && !math.IsNaN(out.Latency.Sum)
		}},
		{Fault{Kind: SwitchFails}, func(l look) bool {
			ctx := context.Background()
			order(t, l.w, l.plan, engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.6.0"}, nil)
			l.w.RunUntil(l.w.Now().Add(2 * time.Minute))
			order(t, l.w, l.plan, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue"}, {Slot: "green", Percent: 100}}}, nil)
			s, err := l.w.Snapshot(ctx)
			return err == nil && s.ActiveSlot() == "blue" && len(candidate(l, 0, 0).Broken) == 1
		}},
		{Fault{Kind: SmokeFails}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Smoke, Slot: "blue", Tests: []string{"health", "pay"}}, nil)
			l.w.RunUntil(l.w.Now().Add(time.Minute))
			return candidate(l, 0, 0).Smoke.Failed == 2
		}},
		{Fault{Kind: LostReply, FromSeconds: 30}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: 0, To: 15}}, ErrLost)
			return l.w.Pins[0] == 0 && candidate(l, 0, 0).Exposed.Tenants == 0
		}},
		{Fault{Kind: RefusedCall, FromSeconds: 30}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: 0, To: 15}}, ErrRefused)
			return candidate(l, 0, 0).Exposed.Tenants == 15
		}},
		{Fault{Kind: MeasureFails, FromSeconds: 30, Times: 1}, func(l look) bool {
			_, err := l.w.Measure(context.Background(), engine.Scope{Rollout: l.plan.Rollout, Plan: l.plan})
			_, again := l.w.Measure(context.Background(), engine.Scope{Rollout: l.plan.Rollout, Plan: l.plan})
			return errors.Is(err, ErrNoMetrics) && again == nil
		}},
		{Fault{Kind: SnapshotFails, FromSeconds: 30, Times: 1}, func(l look) bool {
			_, err := l.w.Snapshot(context.Background())
			return errors.Is(err, ErrNoFleet)
		}},
		{Fault{Kind: InstanceJoins, FromSeconds: 5, Count: 2}, func(l look) bool {
			l.w.RunUntil(epoch.Add(2 * time.Minute))
			return len(l.w.Instances) == 12 && l.w.instance("instance-12").Default == "1.5.0"
		}},
		{Fault{Kind: InstanceLeave, FromSeconds: 5, Instances: []string{"instance-09"}}, func(l look) bool {
			return len(l.w.Instances) == 9 && l.w.instance("instance-09") == nil
		}},
	}
	bitten := map[FaultKind]bool{}
	for _, test := range tests {
		bitten[test.fault.Kind] = true
		cfg := installed(DefaultConfig())
		with := cfg.copied()
		with.Faults = []Fault{test.fault}
		for _, c := range []Config{cfg, with} {
			w, plan := canaryAtMinute(t, c)
			if got, want := test.bites(look{w, plan}), len(c.Faults) > 0; got != want && (want || !isOrderTest(test.fault.Kind)) {
				t.Errorf("%s: with %d faults it bites: %v", test.fault.Kind, len(c.Faults), got)
			}
		}
	}
	for _, kind := range FaultKinds() {
		if !bitten[kind] {
			t.Errorf("%s has no test", kind)
		}
	}
}

// isOrderTest says that a test makes orders that must fail, which it can only with
// the fault.
func isOrderTest(kind FaultKind) bool { return kind == LostReply || kind == RefusedCall }

// canaryAtMinute is a world in which 15 tenants are on 1.6.0, a minute after it began.
func canaryAtMinute(t *testing.T, cfg Config) (*World, *engine.Plan) {
	t.Helper()
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := w.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile(w.NextRollout(), to(engine.Canary), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(plan.Stages[0].Changes, plan.Stages[1].Changes...) {
		order(t, w, &plan, c, nil)
	}
	w.RunUntil(epoch.Add(time.Minute))
	return w, &plan
}

func order(t *testing.T, w *World, plan *engine.Plan, c engine.Change, want error) {
	t.Helper()
	err := w.Make(context.Background(), engine.Order{Rollout: plan.Rollout, Seq: w.Seq + 1, Plan: plan, Change: c})
	if !errors.Is(err, want) && (want == nil || len(w.cfg.Faults) > 0) {
		t.Fatalf("%s: %v, want %v", c, err, want)
	}
}

func measure(t *testing.T, w *World, plan *engine.Plan, arm engine.Arm, from, to time.Duration) engine.Measurement {
	t.Helper()
	m, err := w.Measure(context.Background(), engine.Scope{
		Rollout: plan.Rollout, Plan: plan, Arm: arm, From: epoch.Add(from), To: epoch.Add(to), Bounds: []float64{500},
		Watch: engine.Watch{Instances: engine.Range{From: 0, To: len(plan.Instances)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
