package campaign

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
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

// blind passes whatever it sees when a bake is over.
type blind struct{}

// Judge implements [engine.Judge].
func (blind) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	if g.Smoke {
		return engine.ThresholdJudge{}.Judge(g, e)
	}
	v := engine.Verdict{Result: engine.Inconclusive, Reason: "the bake is not over", Window: e.Window, Requests: e.Candidate.Requests}
	if e.End {
		v.Result, v.Reason = engine.Pass, "nobody judges"
	}
	return v
}

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
	rows := make([][]byte, opt.Runs)
	stages := make([][]BenchmarkStage, opt.Runs)
	outcomes, err := playSome(ctx, c.Scenario(), opt, part{to: opt.Runs, judge: blind{}, most: most, heard: func(i int, w *simulator.World, r *scenario.Result) error {
		var err error
		rows[i], stages[i], err = countsOf(ctx, i, w, r)
		return err
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
			counts.Write(rows[i])
		}
	}
	b.Files[cell.Counts] = counts.Bytes()
	b.Cells = append(b.Cells, cell)
	return nil
}

// slowerMs is the cap of the 99th percentile of every case.
const slowerMs = 500

// countsOf are the counts of a run, of each stage that was judged, minute by minute.
func countsOf(ctx context.Context, run int, w *simulator.World, r *scenario.Result) (rows []byte, stages []BenchmarkStage, err error) {
	for _, e := range r.Events {
		if e.Kind != engine.Judged || e.Verdict.Window == 0 || r.Plan.Stages[e.Stage].Gate.Smoke || r.Plan.Stages[e.Stage].Gate.IsZero() {
			continue
		}
		s := &r.Plan.Stages[e.Stage]
		stages = append(stages, BenchmarkStage{len(stages), s.Name, s.Exposure.Share, e.Verdict.Window.Seconds()})
		begun := e.At.Add(-e.Verdict.Window)
		before := make([]int64, counted) // what was counted up to the minute before: so all minutes add up to the stage
		for minute, from := int64(0), begun; from.Before(e.At); minute, from = minute+1, from.Add(time.Minute) {
			to := from.Add(time.Minute)
			if to.After(e.At) {
				to = e.At
			}
			now, err := upTo(ctx, w, r.Plan, begun, to)
			if err != nil {
				return nil, nil, err
			}
			row := []int64{int64(run), int64(len(stages) - 1), minute, int64(to.Sub(from).Seconds())}
			for i := range now {
				row = append(row, now[i]-before[i])
			}
			rows, before = appendRow(rows, row), now
		}
	}
	return rows, stages, nil
}

// counted is how many counts there are of a minute.
const counted = 6

// upTo counts requests, errors and slower requests of both arms.
func upTo(ctx context.Context, w *simulator.World, p *engine.Plan, from, to time.Time) ([]int64, error) {
	const counts = engine.WantCounts | engine.WantSlower
	a, err := w.Measure(ctx, engine.Question{Rollout: p.Rollout, Version: p.Candidate, From: from, To: to, Candidate: counts, Baseline: counts, Bounds: []float64{slowerMs}})
	if err != nil {
		return nil, err
	}
	row := make([]int64, 0, counted)
	for _, m := range []*engine.Measurement{&a.Candidate, &a.Baseline} {
		slower := int64(0)
		if len(m.Slower) > 0 {
			slower = m.Slower[0]
		}
		row = append(row, m.Requests, m.Errors, slower)
	}
	return row, nil
}

// appendRow writes a line of counts.
func appendRow(to []byte, row []int64) []byte {
	for i, v := range row {
		if i > 0 {
			to = append(to, ',')
		}
		to = strconv.AppendInt(to, v, 10)
	}
	return append(to, '\n')
}
