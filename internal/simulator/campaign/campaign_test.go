package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

func library(t testing.TB, name string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Read("../../../examples/scenarios/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func play1(t testing.TB, s *scenario.Scenario, opt Options) *Figures {
	t.Helper()
	f, err := Run(context.Background(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// whateverWorkers holds that what play gives is the same, byte for byte, however many
// runs are under way at once.
func whateverWorkers(t *testing.T, play func(workers int) any) {
	t.Helper()
	first := ""
	for _, workers := range []int{1, 2, 7} {
		data, err := json.Marshal(play(workers))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(data)
		}
		if string(data) != first {
			t.Errorf("with %d at once:\n%s\nwith one:\n%s", workers, data, first)
		}
	}
}

// TestParallelism holds that the figures are the same, byte for byte, however many
// runs are under way at once.
func TestParallelism(t *testing.T) {
	s := library(t, "guide-canary-regression")
	whateverWorkers(t, func(workers int) any {
		f := play1(t, s, Options{Runs: 60, Seed: 3, Workers: workers})
		return f
	})
}

// TestMore holds that a longer campaign begins with the runs of a shorter one.
func TestMore(t *testing.T) {
	few, err := play(t.Context(), library(t, "guide-canary-regression"), Options{Runs: 5, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	more, err := play(t.Context(), library(t, "guide-canary-regression"), Options{Runs: 12, Seed: 2, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range few {
		if o.seed != more[i].seed || o.trace != more[i].trace {
			t.Errorf("run %d has seed %d and trace %016x, and in a longer campaign %d and %016x", i, o.seed, o.trace, more[i].seed, more[i].trace)
		}
	}
}

func TestFigures(t *testing.T) {
	f := play1(t, library(t, "guide-canary-regression"), Options{Runs: 50, Seed: 1, Command: "again %d"})
	if !f.Bad || f.Missed.Absent || !f.FalseRollback.Absent || !f.GoodStopped.Absent || f.Missed.Count != 0 || f.Missed.High < 0.05 || f.Missed.High > 0.1 {
		t.Errorf("of a bad version %+v were missed", f.Missed)
	}
	if !f.Holds() || f.Violations != 0 || f.Promises != 10 {
		t.Errorf("%+v", f)
	}
	if n := f.DetectedSeconds.Count; n != 50 || f.DetectedSeconds.P50 > f.DetectedSeconds.P95 || f.DetectedSeconds.Most < f.DetectedSeconds.P99 {
		t.Errorf("%+v", f.DetectedSeconds)
	}
	if f.Tenants.Most != 15 || f.FailedRequests.P50 < 5 {
		t.Errorf("%+v of %+v", f.FailedRequests, f.Tenants)
	}
	if len(f.Worst) == 0 || !strings.HasPrefix(f.Worst[0].Command, "again ") {
		t.Errorf("%+v", f.Worst)
	}
	// The worst run is what its command shows.
	r, err := scenario.Run(t.Context(), library(t, "guide-canary-regression"), f.Worst[0].Seed, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if float64(r.FailedRequests) != f.FailedRequests.Most {
		t.Errorf("the worst run fails %d requests, and the most are %v", r.FailedRequests, f.FailedRequests.Most)
	}

	good := play1(t, library(t, "guide-canary"), Options{Runs: 20, Seed: 1})
	if good.Bad || good.FalseRollback.Absent || good.GoodStopped.Absent || !good.Missed.Absent || good.Outcomes[0].Count < 19 {
		t.Errorf("%+v", good)
	}
}

// TestUnexpected holds that expectations are counted.
func TestUnexpected(t *testing.T) {
	s := library(t, "guide-canary-regression")
	none := int64(0)
	s.Expect.MostFailedRequests = &none
	f := play1(t, s, Options{Runs: 10, Seed: 1})
	if f.Holds() || f.Expected.Count != 0 || !strings.Contains(f.Worst[0].Why, "requests failed") {
		t.Errorf("%+v", f)
	}
	share := 0.0
	s.Expect.Share = &share
	if f := play1(t, s, Options{Runs: 10, Seed: 1}); !f.Holds() {
		t.Errorf("none was needed: %+v", f.Expected)
	}
}

func TestEach(t *testing.T) {
	var ran atomic.Int64
	var calls []int
	if err := Each(t.Context(), 100, 4, func(int) error { ran.Add(1); return nil }, func(n int) { calls = append(calls, n) }); err != nil {
		t.Fatal(err)
	}
	if ran.Load() != 100 || len(calls) != 100 || !slices.IsSorted(calls) {
		t.Errorf("%d ran, %v", ran.Load(), calls)
	}
	boom := errors.New("boom")
	ran.Store(0)
	err := Each(t.Context(), 1_000_000, 2, func(i int) error {
		if ran.Add(1); i == 5 {
			return boom
		}
		return nil
	}, nil)
	if !errors.Is(err, boom) || ran.Load() > 100_000 {
		t.Errorf("%v after %d", err, ran.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Each(ctx, 10, 2, func(int) error { return nil }, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSpread(t *testing.T) {
	var values []float64
	for i := range 100 {
		values = append(values, float64(100-i))
	}
	if s := spreadOf(values); s != (Spread{100, 50.5, 1, 50, 95, 99, 100}) {
		t.Errorf("%+v", s)
	}
	if s := spreadOf(nil); s != (Spread{}) {
		t.Errorf("%+v", s)
	}
}

// Wilson's intervals, as published: 0 of 10, and 5 of 10.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int64
		low, high float64
	}{{0, 10, 0, 0.2775}, {5, 10, 0.2366, 0.7634}, {10, 10, 0.7225, 1}, {0, 0, 0, 1}, {15, 148, 0.0624, 0.1605}} {
		low, high := scenario.Wilson(c.k, c.n)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f .. %.4f, want %v .. %v", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

// BenchmarkCampaign plays the guide's canary, from its plan to its end, on all
// processors.
func BenchmarkCampaign(b *testing.B) {
	for _, name := range []string{"guide-canary", "guide-canary-regression"} {
		b.Run(name, func(b *testing.B) {
			s := library(b, name)
			play1(b, s, Options{Runs: b.N, Seed: 1})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}
