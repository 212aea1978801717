package simulator

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Each fault bites: with it, a world shows what it does not show without. The faults
// count from the start of the rollout.
func TestFaultsBite(t *testing.T) {
	candidate := func(l look, from, to time.Duration) seen { return measure(t, l.w, l.plan, newArm, from, to) }
	rate := func(m seen) float64 { return float64(m.Errors) / float64(m.Requests) }
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
			m := measure(t, l.w, l.plan, oldArm, 10*time.Second, 60*time.Second)
			c := candidate(l, 10*time.Second, 60*time.Second)
			for _, m := range []seen{m, c} {
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
			order(t, l.w, l.plan, engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.6.0"}, nil)
			l.w.RunUntil(l.w.Now().Add(2 * time.Minute))
			order(t, l.w, l.plan, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue"}, {Slot: "green", Percent: 100}}}, nil)
			s := l.w.Snapshot()
			return s.ActiveSlot() == "blue" && len(candidate(l, 0, 0).Broken) == 1
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
		{Fault{Kind: RejectedCall, FromSeconds: 30}, func(l look) bool {
			err := l.w.Make(t.Context(), orderOf(l.plan, l.w.Seq+1, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: 0, To: 15}}))
			var refused *engine.Refused
			return errors.As(err, &refused) && candidate(l, 0, 0).Exposed.Tenants == 15
		}},
		{Fault{Kind: MeasureFails, FromSeconds: 30, Times: 1}, func(l look) bool {
			q := engine.Question{Rollout: l.plan.Rollout, Version: l.plan.Candidate, Candidate: engine.WantCounts}
			_, err := l.w.Measure(t.Context(), q)
			_, again := l.w.Measure(t.Context(), q)
			return errors.Is(err, ErrNoMetrics) && again == nil
		}},
		{Fault{Kind: SnapshotFails, FromSeconds: 30, Times: 1}, func(l look) bool {
			_, err := engine.ReadSnapshot(t.Context(), l.w)
			return errors.Is(err, ErrNoFleet)
		}},
		{Fault{Kind: LookFails, FromSeconds: 30, Times: 1}, func(l look) bool {
			_, err := l.w.Look(t.Context(), engine.Watch{Rollout: l.plan.Rollout, Candidate: l.plan.Candidate})
			_, again := l.w.Look(t.Context(), engine.Watch{Rollout: l.plan.Rollout, Candidate: l.plan.Candidate})
			return errors.Is(err, ErrNoFleet) && again == nil
		}},
		{Fault{Kind: InstanceJoins, FromSeconds: 5, Count: 2}, func(l look) bool {
			l.w.RunUntil(epoch.Add(2 * time.Minute))
			return len(l.w.Members) == 12 && l.w.instance("instance-12").Default == "1.5.0"
		}},
		{Fault{Kind: InstanceLeave, FromSeconds: 5, Instances: []string{"instance-09"}}, func(l look) bool {
			return len(l.w.Members) == 9 && l.w.instance("instance-09") == nil
		}},
		{Fault{Kind: CrashLoop, Instances: []string{"instance-02"}, FromSeconds: 10, ToSeconds: 62}, func(l look) bool {
			in := l.w.instance("instance-02")
			deaths, was := 0, ready
			for at := l.w.Now(); at.Before(epoch.Add(2 * time.Minute)); at = at.Add(time.Second) {
				l.w.RunUntil(at)
				if in.Phase == dead && was != dead {
					deaths++
				}
				was = in.Phase
			}
			return deaths == 1 && in.Phase == ready && l.w.Faults[0].Struck == 3
		}},
		{Fault{Kind: Hang, Instances: []string{"instance-02"}, FromSeconds: 10}, func(l look) bool {
			m, b := candidate(l, 0, 0), measure(t, l.w, l.plan, oldArm, 20*time.Second, 60*time.Second)
			return m.Ready == 10 && len(m.Ailing) == 1 && m.Ailing[0].Failures == 5 && rate(b) > 0.05
		}},
		{Fault{Kind: InstallHangs, Instances: []string{"instance-03"}, ToSeconds: 300}, func(l look) bool {
			pending := candidate(l, 0, 0).Pending
			l.w.RunUntil(epoch.Add(6 * time.Minute))
			return pending == 1 && candidate(l, 0, 0).Pending == 0 && l.w.instance("instance-03").has("1.6.0")
		}},
		{Fault{Kind: InstallHalfDone, Instances: []string{"instance-03"}, Version: "1.6.0", Times: 1}, func(l look) bool {
			m, in := candidate(l, 0, 0), l.w.instance("instance-03")
			if len(m.Broken) != 1 || in.holds("1.6.0") == nil || in.has("1.6.0") {
				return false
			}
			order(t, l.w, l.plan, engine.Change{Kind: engine.Install, Version: "1.6.0", Named: []string{in.ID}}, nil) // tried again
			l.w.RunUntil(epoch.Add(2 * time.Minute))
			return in.has("1.6.0") && len(candidate(l, 0, 0).Broken) == 0
		}},
		{Fault{Kind: ProbesFlaky, Magnitude: 0.5}, func(l look) bool {
			m := candidate(l, 0, 0)
			return m.Ready == 10 && len(m.Ailing) > 1 && len(m.Ailing) < 10
		}},
		{Fault{Kind: ProbesStuck, Instances: []string{"instance-02"}}, func(l look) bool {
			l.w.die(l.w.instance("instance-02"))
			m := candidate(l, 0, 0)
			return m.Ready == 10 && len(m.Ailing) == 0
		}},
		{Fault{Kind: Drift, Instances: []string{"instance-02"}, Version: "1.4.0", FromSeconds: 30}, func(l look) bool {
			return l.w.instance("instance-02").Default == "1.4.0"
		}},
		{Fault{Kind: CapacityLost, Version: "1.4.0", Instances: []string{"instance-02"}}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Replace, Version: "1.4.0", Instances: engine.Range{From: 0, To: 2}}, nil)
			l.w.RunUntil(epoch.Add(2 * time.Minute))
			return l.w.instance("instance-01").Phase == ready && l.w.instance("instance-02").Phase == dead
		}},
		{Fault{Kind: SlowCall, FromSeconds: 30}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Unpin, Tenants: engine.Range{From: 0, To: 15}}, nil)
			return l.w.Now().Equal(epoch.Add(70 * time.Second))
		}},
		{Fault{Kind: DuplicateCall, FromSeconds: 30}, func(l look) bool {
			epochs := l.w.Epochs
			order(t, l.w, l.plan, engine.Change{Kind: engine.Smoke, Slot: "blue", Tests: []string{"pay"}}, nil)
			return l.w.Epochs == epochs+2
		}},
		{Fault{Kind: PartialCall, FromSeconds: 30}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Remove, Version: "1.6.0", Instances: engine.Range{From: 0, To: 10}}, ErrPartial)
			return !l.w.instance("instance-05").has("1.6.0") && l.w.instance("instance-06").has("1.6.0")
		}},
		{Fault{Kind: HalfSwitch}, func(l look) bool {
			order(t, l.w, l.plan, engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.6.0"}, nil)
			l.w.RunUntil(l.w.Now().Add(2 * time.Minute))
			order(t, l.w, l.plan, engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue"}, {Slot: "green", Percent: 100}}}, nil)
			return l.w.percent("green") == 50 && len(candidate(l, 0, 0).Broken) == 1
		}},
		{Fault{Kind: Surge, FromSeconds: 30}, func(l look) bool {
			return 2*candidate(l, 30*time.Second, 40*time.Second).Requests > 3*candidate(l, 20*time.Second, 30*time.Second).Requests*3/2
		}},
		{Fault{Kind: HotTenant, Tenants: []string{"tenant-007"}}, func(l look) bool {
			b := perTenant(t, l, oldArm)
			return b["tenant-007"].Requests > 4*b["tenant-008"].Requests && b["tenant-008"].Requests > 0
		}},
		{Fault{Kind: NoisyMinute, Magnitude: 20}, func(l look) bool {
			b := measure(t, l.w, l.plan, oldArm, 10*time.Second, 60*time.Second)
			return rate(b) > 0.1 && rate(candidate(l, 10*time.Second, 60*time.Second)) > 0.1
		}},
		{Fault{Kind: GrayFailure, Version: "1.6.0"}, func(l look) bool {
			m := candidate(l, 10*time.Second, 60*time.Second)
			return m.Slower[0] > m.Requests/100 && rate(m) < 0.05
		}},
		{Fault{Kind: MetricsLate, Magnitude: 25}, func(l look) bool {
			m := candidate(l, 10*time.Second, 60*time.Second)
			return !m.Newest.After(epoch.Add(35*time.Second)) && m.Requests > 0
		}},
		{Fault{Kind: MetricsStale, FromSeconds: 30}, func(l look) bool {
			return candidate(l, 30*time.Second, 60*time.Second).Requests == 0 && candidate(l, 10*time.Second, 30*time.Second).Requests > 0
		}},
		{Fault{Kind: MetricsTwice, FromSeconds: 30}, func(l look) bool {
			return 2*candidate(l, 30*time.Second, 40*time.Second).Requests > 3*candidate(l, 20*time.Second, 30*time.Second).Requests
		}},
		{Fault{Kind: CounterReset, FromSeconds: 40}, func(l look) bool {
			return candidate(l, 10*time.Second, 40*time.Second).Requests == 0 && candidate(l, 40*time.Second, 60*time.Second).Requests > 0
		}},
		{Fault{Kind: ClockJump, FromSeconds: 40, Magnitude: 600}, func(l look) bool {
			m := candidate(l, 40*time.Second, 640*time.Second)
			return l.w.Now().Equal(epoch.Add(640*time.Second)) && m.Requests == 0
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
func isOrderTest(kind FaultKind) bool {
	return kind == LostReply || kind == RefusedCall || kind == PartialCall
}

// perTenant are the counts by tenant of an arm's first minute.
func perTenant(t *testing.T, l look, of side) map[string]engine.TenantCount {
	t.Helper()
	counts := map[string]engine.TenantCount{}
	for _, c := range ask(t, l.w, of, epoch, epoch.Add(time.Minute), byTenant).PerTenant {
		counts[c.Tenant] = c
	}
	return counts
}

// look is a world that a fault may have struck.
type look struct {
	w    *World
	plan *engine.Plan
}
