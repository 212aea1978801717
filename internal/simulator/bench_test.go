package simulator

import (
	"context"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// rollOut runs a whole rollout in a new world.
func rollOut(tb testing.TB, cfg Config, spec engine.Spec) (*World, *engine.Runner) {
	tb.Helper()
	w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
	if err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	snapshot, err := w.Snapshot(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := engine.Compile(w.NextRollout(), spec, snapshot)
	if err != nil {
		tb.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(ctx, plan)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := engine.NewRunner(ctx, w, j, engine.JudgeByMode{}, w.Now)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Drive(ctx, r, DriveOptions{}); err != nil {
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
		plan, err := engine.Compile(s.World().NextRollout(), to(engine.Canary), s.World().snapshot())
		if err != nil {
			b.Fatal(err)
		}
		j, err := s.Journals().Begin(ctx, plan)
		if err != nil {
			b.Fatal(err)
		}
		r, err := engine.NewRunner(ctx, s.World(), j, engine.JudgeByMode{}, s.World().Now)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.World().Drive(ctx, r, DriveOptions{}); err != nil {
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
