package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/swarm"
)

// swarmFlags are the flags of swarm.
type swarmFlags struct {
	campaignFlags
	world int64
	out   string
}

func swarmCommand(c *console) *cobra.Command {
	var f swarmFlags
	cmd := &cobra.Command{
		Use:   "swarm",
		Short: "Let random worlds loose on the engine's promises",
		Long: `Play random fleets, versions, deployments and faults, with processes that die and
people who meddle, and hold each to the engine's promises: while faults strike, nothing
bad may happen; when they are over, every rollout must end. Every eighth world is
played twice, with its state saved and loaded on the way, and must leave the same
trace.

A world that fails is made smaller, by dropping faults, crashes, words and settings,
and written to a scenario file that hotswap simulate plays.

The table says in how many worlds each rule of the machine fired, each fault struck,
each behaviour of a version showed, and so on. What never happens is not tested: in
10,000 worlds or more, that is a failure, too.

Exit codes: 0 every promise was kept, 1 one was not, or something never happened in
10,000 worlds or more, 2 the input is wrong.`,
		Example: `  hotswap swarm --runs 10000
  hotswap swarm --runs 100000 --seed 7 --out failures
  hotswap swarm --world 20342 > world.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("world") {
				// Nothing else is printed, so that it is there for the quiet too.
				_, _ = fmt.Fprintf(c.out, "# The world of seed %d.\n%s\n%s", f.world, scenario.SchemaComment, swarm.Draw(f.world).Encode())
				return nil
			}
			if err := f.playable(100_000_000, folder{"out", f.out}); err != nil {
				return err
			}
			return letLoose(cmd.Context(), c, f)
		},
	}
	flags := cmd.Flags()
	f.add(cmd, defaults{seed: 1, runs: 1000, seedOf: "seed of the swarm", runsOf: "worlds to play", units: "worlds", figures: "what was seen"})
	flags.Int64Var(&f.world, "world", 0, "print the world of this seed as a scenario, and play nothing")
	flags.StringVar(&f.out, "out", ".", "folder for the scenarios of worlds that fail")
	return cmd
}

func letLoose(ctx context.Context, c *console, f swarmFlags) error {
	p := c.progress("worlds")
	figures, cut := swarm.Run(ctx, swarm.Options{Seed: f.seed, Runs: f.runs, Workers: f.parallel, Progress: p.at})
	if figures == nil {
		p.stop()
		return cut
	}
	p.end(figures.Runs)
	if err := f.keep(figures); err != nil {
		return err
	}
	err := c.tell(&f.outputs, told{figures, summaryOfSwarm(figures)}, func() {
		c.swarm(figures)
		for _, failure := range figures.Failures {
			switch {
			case failure.Scenario != nil:
				c.print("%s %s\n    hotswap simulate %s\n", c.paint.red("no:"), failure.What, shellWord(f.file(failure)))
			case cut != nil:
				c.print("%s %s\n    hotswap swarm --world %d\n", c.paint.red("no:"), failure.What, failure.Seed)
			}
		}
	})
	if err == nil && cut != nil {
		return cut
	}
	if err == nil && (len(figures.Failures) > 0 || figures.Lacking()) {
		err = errUnexpected
	}
	return err
}

// keep writes the scenarios of what failed.
func (f *swarmFlags) keep(figures *swarm.Figures) error {
	for _, failure := range figures.Failures {
		if failure.Scenario == nil {
			continue
		}
		file := f.file(failure)
		if err := os.MkdirAll(f.out, 0o755); err != nil {
			return err
		}
		if err := writeFile(file, failure.File()); err != nil {
			return err
		}
	}
	return nil
}

// file is where the scenario of a failure is written to.
func (f *swarmFlags) file(failure swarm.Failure) string {
	return filepath.Join(f.out, fmt.Sprintf("swarm-%d.yaml", failure.Seed))
}

// swarm prints what was seen.
func (c *console) swarm(f *swarm.Figures) {
	c.print("%s\n\n", c.paint.bold(fmt.Sprintf("%d worlds, seed %d: in how many each thing happened", f.Runs, f.Seed)))
	c.cut(f.Interrupted)
	for _, kind := range swarm.Kinds() {
		c.print("%s\n", c.paint.faint(strings.ToUpper(string(kind))))
		c.columns(f.Seen[kind])
	}
	if len(f.Never) > 0 {
		never := c.paint.amber
		if f.Lacking() {
			never = c.paint.red
		}
		c.row("never", "%s", never(strings.Join(f.Never, "\n            ")))
	}
	verdict := c.paint.green("all kept, and every rollout ended")
	if f.Interrupted.Cut() {
		verdict = "none broken in those"
	}
	if n := len(f.Failures); n > 0 {
		verdict = c.paint.red(fmt.Sprintf("broken in %d worlds", n))
	}
	c.row("promises", "%s", verdict)
	if !f.Interrupted.Cut() {
		c.row("trace", "%s", f.Trace)
	}
}

// columns prints counts, three in a line.
func (c *console) columns(counts map[string]int) {
	const columns = 3
	names := slices.Sorted(maps.Keys(counts))
	lines := (len(names) + columns - 1) / columns
	for i := range lines {
		line := ""
		for j := i; j < len(names); j += lines {
			line += fmt.Sprintf("%-28s %7d   ", names[j], counts[names[j]])
		}
		c.print("%s\n", strings.TrimRight(line, " "))
	}
	c.print("\n")
}
