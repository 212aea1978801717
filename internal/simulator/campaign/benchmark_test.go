package campaign

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// cellsOf are hard cells by their names.
func cellsOf(t *testing.T, names ...string) []Case {
	t.Helper()
	var all []Case
	for _, c := range HardCases() {
		if slices.Contains(names, c.Name) {
			all = append(all, c)
		}
	}
	if len(all) != len(names) {
		t.Fatalf("%d of the hard cells are %v", len(all), names)
	}
	return all
}

// TestBenchmark holds that what is written down of each stage adds up to what its judge saw,
// whatever the strategy, and that worse versions err more in it.
func TestBenchmark(t *testing.T) {
	cases := cellsOf(t, "few-12-cv-1", "rolling-20", "gradual-60", "direct", "regression-0.01-0.03")
	b, err := MakeBenchmark(t.Context(), cases, Options{Runs: 6, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Cells) != len(cases) {
		t.Fatalf("%d cells", len(b.Cells))
	}
	for _, c := range b.Cells {
		lines, err := csv.NewReader(strings.NewReader(string(b.Files[c.Counts]))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sums, stages := map[string]int64{}, map[string]bool{}
		for _, line := range lines[1:] {
			stages[line[1]] = true
			for i, column := range lines[0] {
				v, err := strconv.ParseInt(line[i], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				sums[column] += v
			}
		}
		if len(stages) != len(c.Stages) || c.Runs == 0 {
			t.Errorf("%s: %d stages with counts of %d, %d runs", c.Name, len(stages), len(c.Stages), c.Runs)
		}
		rate := float64(sums["candidate_errors"]) / float64(sums["candidate_requests"])
		if want := c.candidate(); rate < want/2 || rate > 2*want {
			t.Errorf("%s: the candidate errs in %g, and is said to in %g", c.Name, rate, want)
		}
		if _, err := scenario.Parse(c.Scenario, b.Files[c.Scenario]); err != nil {
			t.Errorf("%s: %v", c.Scenario, err)
		}
	}
}

// TestCountsAddUp compares the counts of a stage's minutes with those of the whole stage.
func TestCountsAddUp(t *testing.T) {
	c := cellsOf(t, "few-37-cv-1")[0]
	who := &scribe{}
	_, err := playSome(t.Context(), c.Scenario(), Options{Runs: 1, Seed: 2}, part{to: 1, scribe: func(int) *scribe { return who }, heard: func(_ int, r *scenario.Result) error {
		judged, written := int64(0), int64(0)
		for _, e := range r.Events {
			if e.Kind == engine.Judged {
				judged += e.Verdict.Requests
			}
		}
		for line := range strings.Lines(string(who.rows)) {
			n, err := strconv.ParseInt(strings.Split(line, ",")[4], 10, 64)
			if err != nil {
				return err
			}
			written += n
		}
		if written != judged || judged == 0 || who.stages != len(c.Stages) {
			t.Errorf("%d requests by minutes, and %d that were judged, in %d stages", written, judged, who.stages)
		}
		return who.err
	}})
	if err != nil {
		t.Fatal(err)
	}
}
