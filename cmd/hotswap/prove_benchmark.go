package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// benchmarkRuns is how often a cell of a benchmark is played, where nobody says.
const benchmarkRuns = 100

// writeBenchmark plays the hard cells without a judge, and writes what was counted.
func (f *proveFlags) writeBenchmark(ctx context.Context, c *console) error {
	progress := c.progress("runs")
	opt := f.options(progress.at)
	if opt.Runs == 0 {
		opt.Runs = benchmarkRuns
	}
	b, err := campaign.MakeBenchmark(ctx, f.cells.hard(f.onlyGood), opt)
	progress.stop()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.benchmark, 0o755); err != nil {
		return err
	}
	cells, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	b.Files["cells.json"] = append(cells, '\n')
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		if err := writeFile(filepath.Join(f.benchmark, name), b.Files[name]); err != nil {
			return err
		}
	}
	return c.tell(&f.outputs, told{b, summary{name: "hotswap prove --benchmark"}}, func() {
		c.print("%d cells, %d runs of each, in %s: cells.json says what is true of each, and where its counts are.\n", len(b.Cells), b.Runs, f.benchmark)
	})
}
