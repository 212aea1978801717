package simulator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Every strategy, a good version and a bad one, on the default fleet.
func TestStrategies(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		t.Run(string(strategy), func(t *testing.T) {
			good := begin(t, installed(DefaultConfig()), to(strategy))
			if strategy == engine.ABTesting { // nothing is better: A stays
				good.ends(engine.Retained)
				better := behaves(installed(DefaultConfig()), func(b *Behaviour) { b.ConversionRate = 0.06 })
				good = begin(t, better, to(strategy))
			}
			good.ends(engine.Succeeded)
			if s := good.world.Snapshot(); !s.RunsOnly("1.6.0") {
				t.Errorf("the fleet does not serve 1.6.0:\n%s", fleetOf(good.world))
			}
			r := begin(t, bad(installed(DefaultConfig())), to(strategy))
			was := fleetOf(r.world)
			if strategy == engine.ABTesting {
				r.ends(engine.Retained)
			} else {
				r.ends(engine.RolledBack)
			}
			if now := fleetOf(r.world); now != was {
				t.Errorf("the fleet is not as it was:\n%s\nbefore:\n%s", now, was)
			}
		})
	}
}

// A first deployment has nothing to return to but no plugin at all.
func TestFirstDeployment(t *testing.T) {
	for _, strategy := range []engine.Strategy{engine.Direct, engine.Canary, engine.Rolling, engine.BlueGreen} {
		t.Run(string(strategy), func(t *testing.T) {
			begin(t, DefaultConfig(), to(strategy)).ends(engine.Succeeded)
			r := begin(t, bad(DefaultConfig()), to(strategy))
			was := fleetOf(r.world)
			r.ends(engine.RolledBack)
			if now := fleetOf(r.world); now != was {
				t.Errorf("the fleet is not as it was:\n%s\nbefore:\n%s", now, was)
			}
		})
	}
}

// The strategies guide promises how long rollouts and their ways back take. On the
// default fleet they do.
func TestTimingTable(t *testing.T) {
	const minute = time.Minute
	rows := []struct {
		strategy            engine.Strategy
		least, most, goBack time.Duration
	}{
		{engine.Direct, 0, 10 * time.Second, 5 * time.Second},
		{engine.Canary, 30 * minute, 60 * minute, minute},
		{engine.BlueGreen, 5 * minute, 15 * minute, 10 * time.Second},
		{engine.Rolling, 10 * minute, 30 * minute, 0},
		{engine.ABTesting, 24 * time.Hour, 25 * time.Hour, minute},
	}
	fmt.Printf("%-10s  %12s  %-14s  %12s  %s\n", "strategy", "rollout", "guide", "way back", "guide")
	for _, row := range rows {
		good := behaves(installed(DefaultConfig()), func(b *Behaviour) { b.ConversionRate = 0.06 })
		r := begin(t, good, to(row.strategy))
		took := r.ends(engine.Succeeded).Ended.Sub(epoch)
		back := begin(t, bad(installed(DefaultConfig())), to(row.strategy))
		s := back.drive()
		back.kept()
		way := s.Ended.Sub(s.WayBackBegan)
		allowed := "-"
		if row.goBack > 0 {
			allowed = "< " + row.goBack.String()
		}
		fmt.Printf("%-10s  %12s  %-14s  %12s  %s\n", row.strategy, took, row.least.String()+"-"+row.most.String(), way, allowed)
		if took < row.least || took >= row.most || row.goBack > 0 && way >= row.goBack {
			t.Errorf("%s: the rollout took %s, the way back %s", row.strategy, took, way)
		}
	}
}

// The same seed gives the same trace, and a world that is saved and loaded in the
// middle goes on as if nothing had been.
func TestSameSeedSameTrace(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		for _, cfg := range []Config{installed(DefaultConfig()), bad(installed(DefaultConfig()))} {
			spec := shorter(to(strategy))
			one := begin(t, cfg, spec)
			one.drive()
			two := begin(t, cfg, spec)
			two.drive()
			if one.watcher.Trace() != two.watcher.Trace() {
				t.Errorf("%s: the traces of two runs differ", strategy)
			}
			n := 0
			three := begin(t, cfg, spec)
			for {
				wake, err := three.runner.Advance(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if wake.IsZero() {
					break
				}
				three.world.RunUntil(wake.Add(-time.Millisecond))
				three.reload()
				three.world.RunUntil(wake)
				n++
			}
			a, errA := one.world.Save()
			b, errB := three.world.Save()
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("%s: after being saved and loaded %d times the world differs", strategy, n)
			}
			if x, y := one.story(), three.story(); x != y {
				t.Errorf("%s: after being saved and loaded the story differs:\n%s\n%s", strategy, x, y)
			}
		}
	}
}

// reload puts the world through its written form.
func (r *run) reload() {
	r.t.Helper()
	data, err := r.world.Save()
	if err != nil {
		r.t.Fatal(err)
	}
	w, err := Load(data)
	if err != nil {
		r.t.Fatal(err)
	}
	again, err := w.Save()
	if err != nil || string(again) != string(data) {
		r.t.Fatalf("saved again, the world differs: %v", err)
	}
	r.world = w
	r.watcher.Follow(w.Watchable())
	r.resume()
}

// shorter is a spec whose waits are short, for tests that run it often.
func shorter(s engine.Spec) engine.Spec {
	s.Canary, s.Rolling, s.BlueGreen, s.ABTesting = nil, nil, nil, nil
	switch s.Strategy {
	case engine.Canary:
		s.Canary = &engine.CanarySettings{EvaluationPeriod: period(time.Minute)}
	case engine.Rolling:
		s.Rolling = &engine.RollingSettings{WaitBetweenBatches: period(20 * time.Second), BatchSize: &engine.BatchSize{N: 3}}
	case engine.BlueGreen:
		s.BlueGreen = &engine.BlueGreenSettings{
			WarmupPeriod: period(10 * time.Second), SwitchoverType: ptr(engine.Gradual),
			SwitchoverPeriod: period(time.Minute), MonitoringPeriod: period(30 * time.Second), KeepPreviousEnvironment: ptr(false),
		}
	case engine.ABTesting:
		s.ABTesting = &engine.ABTestingSettings{TestDuration: period(10 * time.Minute)}
	}
	return s
}

// A crash before or after any call or write changes nothing about the end.
func TestCrashAnywhere(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		for _, cfg := range []Config{
			behaves(installed(DefaultConfig()), func(b *Behaviour) { b.ConversionRate = 0.1 }), bad(installed(DefaultConfig())),
		} {
			spec := shorter(to(strategy))
			whole, c := begin(t, cfg, spec), &crash{}
			whole.wrap = crashing(whole.world, c)
			whole.resume()
			want := whole.drive()
			whole.kept()
			end := fleetOf(whole.world)
			points := 0
			for _, kind := range []string{"make", "append", "snapshot", "measure"} {
				counted := counting(t, cfg, spec, kind)
				step := 1
				if kind == "measure" {
					step = max(1, counted/20)
				}
				for at := 1; at <= counted; at += step {
					for _, after := range []bool{false, true} {
						r := begin(t, cfg, spec)
						r.wrap = crashing(r.world, &crash{at: at, after: after, which: func(what string) bool { return what == kind }})
						r.resume()
						got := r.survive()
						r.kept()
						if got.Outcome != want.Outcome || fleetOf(r.world) != end {
							t.Errorf("%s: crash at %s %d, after %v: %s, want %s\n%s", strategy, kind, at, after, got, want, r.story())
						}
						points++
					}
				}
			}
			t.Logf("%s %s: %d crashes", strategy, want.Outcome, points)
		}
	}
}

func crashing(m engine.Meter, c *crash) func(engine.Fleet, engine.Journal) (engine.Fleet, engine.Journal) {
	return func(f engine.Fleet, j engine.Journal) (engine.Fleet, engine.Journal) {
		return crashFleet{f, m, c}, crashJournal{j, c}
	}
}

// counting says how many calls of a kind a rollout makes.
func counting(t *testing.T, cfg Config, spec engine.Spec, kind string) int {
	t.Helper()
	c := &crash{which: func(what string) bool { return what == kind }}
	r := begin(t, cfg, spec)
	r.wrap = crashing(r.world, c)
	r.resume()
	r.drive()
	return c.count
}
