package simulator

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance/chancetest"
)

// minuteByMinute is what each tenant sent and how much of it failed, in every minute of
// an hour in which half of the tenants move to another version.
func minuteByMinute(t *testing.T, faults ...Fault) map[string]string {
	t.Helper()
	cfg := installed(DefaultConfig())
	cfg.TenantErrorSpread, cfg.MinuteNoise, cfg.Faults = 0.8, 0.25, faults
	b := DefaultBehaviour()
	b.TimeoutRate = 0.01
	cfg.Versions = map[string]Behaviour{"1.5.0": b, "1.6.0": b}
	w := enrolled(t, cfg)
	w.Attend()
	serveHalf(t, w, 20*time.Minute)
	w.RunUntil(epoch.Add(time.Hour))
	counts := map[string]string{}
	for at := epoch; at.Before(w.Now()); at = at.Add(time.Minute) {
		for _, c := range ask(t, w, oldArm, at, at.Add(time.Minute), byTenant).PerTenant {
			counts[fmt.Sprint(c.Tenant, at.Sub(epoch))] += fmt.Sprintf(" old %d/%d", c.Errors, c.Requests)
		}
		for _, c := range ask(t, w, newArm, at, at.Add(time.Minute), byTenant).PerTenant {
			counts[fmt.Sprint(c.Tenant, at.Sub(epoch))] += fmt.Sprintf(" new %d/%d", c.Errors, c.Requests)
		}
	}
	return counts
}

// serveHalf lets a second version take every other tenant at a time.
func serveHalf(t *testing.T, w *World, at time.Duration) {
	t.Helper()
	snapshot := w.Snapshot()
	var instances []string
	for _, in := range snapshot.Instances {
		instances = append(instances, in.ID)
	}
	var tenants []engine.Tenant
	for i, tenant := range snapshot.Tenants {
		if i%2 == 0 {
			tenants = append(tenants, engine.Tenant{ID: tenant.ID})
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Make(context.Background(), engine.Order{Rollout: "r", Seq: 1, Change: engine.Change{Kind: engine.Install, Version: "1.6.0", Named: instances}}))
	w.RunUntil(epoch.Add(at))
	must(w.Make(context.Background(), engine.Order{Rollout: "r", Seq: 2, Change: engine.Change{Kind: engine.Pin, Version: "1.6.0"}, Tenants: tenants}))
}

// A fault that strikes some tenants changes nothing of what the others sent, nor of how
// much of it failed, whenever it begins and ends, and whoever looks how closely.
func TestFaultsShiftNobodyElsesLuck(t *testing.T) {
	usual := minuteByMinute(t)
	for name, f := range map[string]Fault{
		"fails":             {Kind: TenantFails, Tenants: []string{"tenant-007"}, Magnitude: 0.5, FromSeconds: 333.25, ToSeconds: 2222, Absolute: true},
		"is hot":            {Kind: HotTenant, Tenants: []string{"tenant-007"}, FromSeconds: 333.25, ToSeconds: 2222, Absolute: true},
		"strikes nobody":    {Kind: TenantFails, Tenants: []string{"tenant-007"}, Magnitude: 0.5, Version: "2.0.0", Absolute: true},
		"is nobody's fault": {Kind: Latency, Magnitude: 3, Version: "2.0.0", FromSeconds: 100, Absolute: true},
	} {
		changed, others := 0, 0
		for who, count := range minuteByMinute(t, f) {
			switch {
			case usual[who] == count:
			case who[:10] == "tenant-007" && len(f.Version) == 0:
				changed++
			default:
				others++
			}
		}
		if others > 0 || changed < 20 && f.Version == "" {
			t.Errorf("%s: %d counts of others changed, and %d of the tenant", name, others, changed)
		}
	}
}

// Whom a fault strikes does not depend on which faults are listed before it.
func TestFaultsAreKnownByWhatTheySay(t *testing.T) {
	fails := Fault{Kind: TenantFails, TenantShare: 0.2, Magnitude: 1, Absolute: true}
	idle := Fault{Kind: Latency, Magnitude: 3, Version: "2.0.0", Absolute: true}
	struck := func(faults ...Fault) (who []string) {
		cfg := installed(DefaultConfig())
		cfg.Faults = faults
		w := enrolled(t, cfg)
		w.RunUntil(epoch.Add(time.Minute))
		for _, c := range ask(t, w, oldArm, epoch, w.Now(), byTenant).PerTenant {
			if c.Errors == c.Requests && c.Requests > 5 {
				who = append(who, c.Tenant)
			}
		}
		return who
	}
	alone := struck(fails)
	if behind := struck(idle, fails); !slices.Equal(alone, behind) || len(alone) < 10 {
		t.Errorf("alone it strikes %v, and behind another %v", alone, behind)
	}
	if twice := struck(fails, fails); len(twice) < len(alone)+5 {
		t.Errorf("two that say the same strike %d tenants, and one %d", len(twice), len(alone))
	}
}

// Rollouts under one seed that move tenants at other times have the same weather.
func TestPoliciesShareWeather(t *testing.T) {
	for _, noise := range []float64{0, 0.25} {
		played := func(at time.Duration) (all, old []float64) {
			cfg := installed(DefaultConfig())
			cfg.MinuteNoise, cfg.TenantErrorSpread = noise, 0.8
			w := enrolled(t, cfg)
			w.Attend()
			serveHalf(t, w, at)
			w.RunUntil(epoch.Add(3 * time.Hour))
			for at := epoch; at.Before(w.Now()); at = at.Add(time.Minute) {
				o := ask(t, w, oldArm, at, at.Add(time.Minute), engine.WantCounts)
				n := ask(t, w, newArm, at, at.Add(time.Minute), engine.WantCounts)
				all, old = append(all, float64(o.Errors+n.Errors)), append(old, float64(o.Errors))
			}
			return all, old
		}
		early, earlyOld := played(613 * time.Second)
		late, lateOld := played(3677 * time.Second)
		never, _ := played(3 * time.Hour)
		if !slices.Equal(earlyOld[63:], lateOld[63:]) || !slices.Equal(early[63:], late[63:]) {
			t.Errorf("noise %g: served alike, minutes are not the same", noise)
		}
		if !slices.Equal(early[:10], late[:10]) {
			t.Errorf("noise %g: before the first change, minutes are not the same", noise)
		}
		if r := chancetest.Correlation(early[12:60], never[12:60]); r < 0.95 {
			t.Errorf("noise %g: what fails in two versions and in one correlates by %.3f", noise, r)
		}
		t.Logf("noise %g: half of the tenants and all of them correlate by %.3f, all in two versions and in one by %.3f", noise,
			chancetest.Correlation(earlyOld[12:60], never[12:60]), chancetest.Correlation(early[12:60], never[12:60]))
	}
}
