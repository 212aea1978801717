package simulator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// rollOut runs a whole rollout in a new world.
func rollOut(tb testing.TB, cfg Config, spec engine.Spec) (*World, *engine.Runner) {
	tb.Helper()
	w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
	if err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	snapshot, err := engine.ReadSnapshot(ctx, w)
	if err != nil {
		tb.Fatal(err)
	}
	snapshot.Spent = true
	plan, err := engine.Compile(w.NextRollout(), spec, snapshot)
	if err != nil {
		tb.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(ctx, plan)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: w, Meter: w, Journal: j, Judge: engine.JudgeByMode{}, Now: w.Now})
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Drive(ctx, r, walker.Options{}); err != nil {
		tb.Fatal(err)
	}
	return w, r
}

// A 40 minute canary with samples every 10 s, and a day of an A/B test.
func BenchmarkRollout(b *testing.B) {
	for _, strategy := range engine.Strategies() {
		b.Run(string(strategy), func(b *testing.B) {
			for b.Loop() {
				rollOut(b, installed(DefaultConfig()), engine.Spec{
					PluginID: stripe, Environment: engine.Production, Version: "1.6.0", Strategy: strategy,
				})
			}
		})
	}
}

// A canary in a folder: what an apply pays for its simulated fleet.
func BenchmarkStore(b *testing.B) {
	for b.Loop() {
		ctx := context.Background()
		s, err := Open(ctx, b.TempDir(), engine.Production, stripe, installed(DefaultConfig()), nil)
		if err != nil {
			b.Fatal(err)
		}
		plan, err := engine.Compile(s.World().NextRollout(), to(engine.Canary), s.World().Snapshot())
		if err != nil {
			b.Fatal(err)
		}
		j, err := s.Journals().Begin(ctx, plan)
		if err != nil {
			b.Fatal(err)
		}
		r, err := engine.NewRunner(ctx, engine.Ports{Fleet: s.World(), Meter: s.World(), Journal: j, Judge: engine.JudgeByMode{}, Now: s.World().Now})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.World().Drive(ctx, r, walker.Options{}); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// A fleet of 1,000 instances and 100,000 tenants: a canary, and what a sample costs.
func BenchmarkLargeCanary(b *testing.B) {
	cfg := installed(DefaultConfig())
	cfg.Instances, cfg.Tenants, cfg.RequestsPerSecond = 1000, 100_000, 10_000
	for b.Loop() {
		rollOut(b, cfg, to(engine.Canary))
	}
}

// Rolling over fleets of many instances, one by one: four times as many cost four times as
// much, with checkers and without, and so do faults that concern nobody.
func BenchmarkRolling(b *testing.B) {
	for _, n := range []int{1000, 4000} {
		cfg := installed(DefaultConfig())
		cfg.Instances = n
		per := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "us/instance")
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				rollOut(b, cfg, to(engine.Rolling))
			}
			per(b)
		})
		b.Run(fmt.Sprintf("%d/watched", n), func(b *testing.B) {
			for b.Loop() {
				r := begin(b, cfg, to(engine.Rolling))
				r.drive()
				r.watcher.End()
			}
			per(b)
		})
		b.Run(fmt.Sprintf("%d/idle", n), func(b *testing.B) {
			cfg := cfg
			cfg.Faults = idleFaults()
			for b.Loop() {
				rollOut(b, cfg, to(engine.Rolling))
			}
			per(b)
		})
	}
}

// idleFaults are faults that never strike: some come after every rollout, the others are
// about a version that nobody runs.
func idleFaults() []Fault {
	return []Fault{
		{Kind: ProbesFail, FromSeconds: 2e9},
		{Kind: ErrorSpike, Magnitude: 0.5, FromSeconds: 2e9},
		{Kind: ProbesFlaky, Version: "9.9.9"},
		{Kind: Latency, Magnitude: 3, Version: "9.9.9"},
		{Kind: TenantFails, Magnitude: 0.5, Version: "9.9.9"},
	}
}

// An hour of a canary of 150 tenants with samples every 10 s, under the eyes of all
// checkers: with the sequential judge, with the thresholds, both of which count slow
// requests and tenants; and where nothing but errors is asked for, which no settings
// do, so that the plan's gates are changed.
func BenchmarkCanaryHour(b *testing.B) {
	onlyErrors := func(p *engine.Plan) {
		for i := range p.Stages {
			g := &p.Stages[i].Gate
			g.Checks = slices.DeleteFunc(slices.Clone(g.Checks), func(c engine.Check) bool { return c.Metric != engine.ErrorRate })
			g.MinTenants = 0
		}
		p.Guards.MaxLatencyP99Ratio = 0
	}
	for _, kind := range []struct {
		name   string
		mode   engine.JudgeMode
		change func(*engine.Plan)
	}{
		{"sequential", engine.Sequential, func(*engine.Plan) {}},
		{"threshold", engine.Threshold, func(*engine.Plan) {}},
		{"errors", engine.Threshold, onlyErrors},
	} {
		b.Run(kind.name, func(b *testing.B) {
			spec := to(engine.Canary)
			spec.Analysis = &engine.AnalysisSettings{Mode: ptr(string(kind.mode))}
			spec.Canary = &engine.CanarySettings{EvaluationPeriod: period(15 * time.Minute)} // four stages
			seed := int64(0)
			for b.Loop() {
				seed++
				cfg := installed(DefaultConfig())
				cfg.Seed = seed
				r := begin(b, cfg, spec, kind.change)
				r.drive()
				r.watcher.End()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "canaries/s")
		})
	}
}

// A day of an A/B test over a million tenants: what its traffic costs, and what the whole
// costs with the tenants, the plan and the verdict.
func BenchmarkMillionTenants(b *testing.B) {
	cfg := installed(DefaultConfig())
	cfg.Tenants = 1_000_000
	b.Run("traffic", func(b *testing.B) {
		w, err := NewWorld(cfg, engine.Production, stripe)
		if err != nil {
			b.Fatal(err)
		}
		w.heard("r")
		w.RunUntil(epoch.Add(24 * time.Hour))
		for b.Loop() {
			w.traffic.Forget()
			for at := epoch; at.Before(w.Now()); at = at.Add(10 * time.Second) {
				ask(b, w, oldArm, epoch, at, engine.WantCounts|engine.WantSlower, 500)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			rollOut(b, cfg, to(engine.ABTesting))
		}
	})
}

// What the probes of a fleet cost in a world, which draws no more of them than it has to:
// those that fail, when somebody looks.
func BenchmarkProbes(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { lookAtProbes(b, n) })
	}
}

// lookAtProbes lets a world of n instances, of whose probes one in a hundred fails, go on
// from one probe of each to the next, and looks at the health of all.
func lookAtProbes(b *testing.B, n int) {
	cfg := installed(DefaultConfig())
	cfg.Instances, cfg.Spare = n, 0
	cfg.Faults = []Fault{{Kind: ProbesFlaky, Magnitude: 0.01, Absolute: true}}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := engine.Compile("r", to(engine.Canary), w.Snapshot())
	if err != nil {
		b.Fatal(err)
	}
	w.heard("r")
	watch := engine.Watch{Rollout: "r", Candidate: "1.6.0", Instances: plan.Instances, Failures: 3}
	for b.Loop() {
		from := w.Now()
		w.RunUntil(from.Add(10 * time.Second))
		watch.Since = from
		m, err := w.Look(b.Context(), watch)
		if err != nil {
			b.Fatal(err)
		}
		if m.Watched != n {
			b.Fatalf("%d of %d instances are watched", m.Watched, n)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mprobes/s")
}
