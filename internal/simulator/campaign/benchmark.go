package campaign

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Benchmark is a set of rollouts to try any judge on: what is true of each cell, and minute by
// minute what was counted of both versions while nobody stopped the rollout.
type Benchmark struct {
	Kind   string            `json:"kind"`   // KindBenchmark
	Format int               `json:"format"` // see Format
	Seed   int64             `json:"seed"`
	Runs   int               `json:"runs"` // of each cell
	Cells  []BenchmarkCell   `json:"cells"`
	Files  map[string][]byte `json:"-"` // by name: the counts, and the scenarios
}

// BenchmarkCell is a cell, its truth, and where its counts are.
type BenchmarkCell struct {
	Case
	// Truth is identical or worse, Promise what a good judge does, and Most in what share of
	// the runs it does something else at most.
	Truth   string  `json:"truth"`
	Promise string  `json:"promise"`
	Most    float64 `json:"most"`
	Runs    int     `json:"runs"` // with counts: not those whose fleet errs too often by itself

	Stages   []BenchmarkStage `json:"judged_stages"`
	SlowerMs float64          `json:"slower_than_ms"` // what the counts of slower requests are against
	Counts   string           `json:"counts"`         // a file
	Scenario string           `json:"scenario"`       // a file, which hotswap simulate plays
}

// BenchmarkStage is a stage that is judged, as it is in the first run with counts: which
// tenants come first differs from run to run, and with it the share of the traffic.
type BenchmarkStage struct {
	Stage       int     `json:"stage"` // as in the counts
	Name        string  `json:"name"`
	Percent     float64 `json:"percent"` // of the traffic
	BakeSeconds float64 `json:"bake_seconds"`
}

// countsHead are the columns of a file of counts.
const countsHead = "run,stage,minute,seconds,candidate_requests,candidate_errors,candidate_slower,baseline_requests,baseline_errors,baseline_slower\n"

// MakeBenchmark plays the cases without a judge. A/B tests are left out: what decides them are
// tenants, not minutes.
func MakeBenchmark(ctx context.Context, cases []Case, opt Options) (*Benchmark, error) {
	b := &Benchmark{Kind: KindBenchmark, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Cells: []BenchmarkCell{}, Files: map[string][]byte{}}
	cases = slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return c.Strategy == engine.ABTesting })
	for i, c := range cases {
		own := opt
		own.Progress = func(done, runs int) {
			if opt.Progress != nil {
				opt.Progress(i*runs+done, len(cases)*runs)
			}
		}
		if err := b.add(ctx, c, own); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return b, nil
}

// add plays a case.
func (b *Benchmark) add(ctx context.Context, c Case, opt Options) error {
	cell := BenchmarkCell{
		Case: c, Truth: "identical", Promise: "it is not rolled back", Most: alphaOf, Counts: c.Name + ".csv", Scenario: c.Name + ".yaml",
		Stages: []BenchmarkStage{}, SlowerMs: slowerMs,
	}
	if !c.Identical() {
		cell.Truth, cell.Promise, cell.Most = "worse", "it does not get through", mostMissed
	}
	b.Files[cell.Scenario] = c.Scenario().Encode()
	most := c.mostOfFleets()
	c.Mode, c.Unguarded, c.Resumes = engine.Threshold, true, 0
	scribes, stages := make([]*scribe, opt.Runs), make([][]BenchmarkStage, opt.Runs)
	outcomes, err := playSome(ctx, c.Scenario(), opt, part{to: opt.Runs, most: most, scribe: func(i int) *scribe {
		scribes[i] = &scribe{run: i}
		return scribes[i]
	}, heard: func(i int, r *scenario.Result) error {
		stages[i] = judgedStages(r)
		return scribes[i].err
	}})
	if err != nil {
		return err
	}
	var counts bytes.Buffer
	counts.WriteString(countsHead)
	for i := range outcomes {
		if !outcomes[i].outside {
			if cell.Runs++; cell.Runs == 1 {
				cell.Stages = stages[i]
			}
			counts.Write(scribes[i].rows)
		}
	}
	b.Files[cell.Counts] = counts.Bytes()
	b.Cells = append(b.Cells, cell)
	return nil
}

// slowerMs is the cap of the 99th percentile of every case.
const slowerMs = 500

// judgedStages are the stages of a run that were judged, in order.
func judgedStages(r *scenario.Result) (stages []BenchmarkStage) {
	for _, e := range r.Events {
		if e.Kind != engine.Judged {
			continue
		}
		if s := &r.Plan.Stages[e.Stage]; !s.Gate.IsZero() && !s.Gate.Smoke {
			stages = append(stages, BenchmarkStage{len(stages), s.Name, s.Exposure.Share, e.Verdict.Window.Seconds()})
		}
	}
	return stages
}
