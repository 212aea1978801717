package swarm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"runtime"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

var (
	seed = flag.Int64("swarm.seed", usualSeed, "seed of the swarm")
	runs = flag.Int("swarm.runs", usualRuns, "how many worlds the swarm plays")
)

// The swarm of every test run: small, but with this seed everything happens in it. When
// worlds come to be drawn otherwise and something rare no longer does, another seed
// may be as good; when none is, draw it more often.
const (
	usualSeed = 5
	usualRuns = 3000
)

// TestSwarm plays random worlds: every promise must be kept, every rollout must end,
// and everything that can happen must happen now and then.
func TestSwarm(t *testing.T) {
	f, err := Run(t.Context(), Options{Seed: *seed, Runs: *runs})
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range f.Failures {
		t.Errorf("%s", failure.What)
		if failure.Scenario != nil {
			t.Logf("\n%s", failure.File())
		}
	}
	if usual := *seed == usualSeed && *runs == usualRuns; (usual || f.Lacking()) && len(f.Never) > 0 {
		t.Errorf("in %d worlds these never happened:\n%s", f.Runs, strings.Join(f.Never, "\n"))
	}
	t.Logf("%v", f.Seen)
}

// TestParallelism holds that a swarm sees the same however many worlds are under way.
func TestParallelism(t *testing.T) {
	var first []byte
	for _, workers := range []int{1, 2} {
		f, err := Run(t.Context(), Options{Seed: 7, Runs: 40, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(first, data) {
			t.Errorf("with %d at once:\n%s\nwith one:\n%s", workers, data, first)
		}
	}
}

// TestDraw holds that what is drawn is valid, and is itself when it is written to a
// file and read back.
func TestDraw(t *testing.T) {
	for i := range 300 {
		s := Draw(campaign.SeedOf(1, i))
		if err := s.Validate(); err != nil {
			t.Fatalf("world %d: %v\n%s", i, err, s.Encode())
		}
		again, err := scenario.Parse("f", s.Encode())
		if err != nil {
			t.Fatalf("world %d: %v\n%s", i, err, s.Encode())
		}
		if !bytes.Equal(s.Encode(), again.Encode()) {
			t.Fatalf("world %d reads as\n%s\nand was\n%s", i, again.Encode(), s.Encode())
		}
		if i%20 != 0 {
			continue
		}
		one, err := scenario.Run(t.Context(), s, s.Seed, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		two, err := scenario.Run(t.Context(), again, again.Seed, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if one.Trace != two.Trace {
			t.Errorf("world %d: from its file, the trace is another", i)
		}
	}
}

// TestShrink gives a scenario that fails for one fault among others: only that one
// is left, and it still fails.
func TestShrink(t *testing.T) {
	s, err := scenario.Parse("f", []byte(`
fleet: {instances: 3}
installed: 1.5.0
versions: {1.6.0: {latency_p50_ms: 50}}
deployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Rolling, rollback_triggers: {max_error_rate: 0.05}}
faults:
  - {kind: latency, version: 1.5.0, magnitude: 1.5}
  - {kind: install_fails, version: 1.6.0}
  - {kind: metrics_nan, from_seconds: 10}
crashes: [{call: 7}]
signals: [{do: pause, at: 1m}, {do: resume, when: paused}]
expect: {outcome: succeeded}
`))
	if err != nil {
		t.Fatal(err)
	}
	small, err := Shrink(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(small.Faults) != 1 || small.Faults[0].Kind != simulator.InstallFails || len(small.Crashes) != 0 || len(small.Signals) != 0 ||
		small.Versions != nil || small.Deployment.Triggers != nil || small.World.Instances != 10 {
		t.Errorf("what is left is\n%s", small.Encode())
	}
	file := Failure{Seed: 1, What: "the outcome", Scenario: small}.File()
	again, err := scenario.Parse("f", file)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if r, err := play(t.Context(), again, false); err != nil || !strings.HasPrefix(r.what, "the outcome is") {
		t.Errorf("played from its file, it fails with %q, %v", r.what, err)
	}
	// A scenario that does not fail stays as it is.
	s.Expect = scenario.Expect{}
	if same, err := Shrink(t.Context(), s); err != nil || same != s {
		t.Errorf("%v", err)
	}
}

func BenchmarkSwarm(b *testing.B) {
	if _, err := Run(b.Context(), Options{Seed: 1, Runs: b.N}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "worlds/s")
}

// A world that ends in an error is a finding, with a scenario, and no end of the swarm.
func TestErrorsAreFindings(t *testing.T) {
	s := Draw(1)
	s.World.Instances = 0
	r, err := play(t.Context(), s, true)
	if err != nil || !strings.HasPrefix(r.what, unplayable) || !strings.Contains(r.what, "instances") {
		t.Fatalf("%q, %v", r.what, err)
	}
	small, err := Shrink(t.Context(), s)
	if err != nil || small.World.Instances != 0 || len(small.Faults) != 0 || !strings.Contains(small.Description, unplayable) {
		t.Errorf("%v\n%s", err, small.Encode())
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := play(ctx, s, true); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped, it ends with %v", err)
	}
}

// What is kept of a world is a few bytes, so that a swarm may play millions.
func TestMemoryIsFlat(t *testing.T) {
	const worlds = 5_000
	all := newFold(Options{Runs: worlds})
	s := Draw(1)
	r, err := scenario.Run(t.Context(), s, s.Seed, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	for i := range worlds {
		all.add(i, oneRun{seen: seen(s, r), trace: r.Trace})
	}
	if kept := (heap() - before) / worlds; kept > 64 {
		t.Errorf("%.0f bytes of a world are kept", kept)
	}
	f, err := all.end(t.Context())
	if err != nil || f.Seen[Endings][string(r.Ending)] != worlds {
		t.Errorf("%v, %v", f, err)
	}
}
