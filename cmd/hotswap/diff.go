package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

func diffCommand(c *console) *cobra.Command {
	var f campaignFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two policies in the same weather",
		Long: `Play two scenarios with the same seeds, run by run, and print how their figures
differ. The runs of a pair have the same tenants, minutes and luck as far as the
policies let them, so that few runs tell more than two campaigns would.

Each difference is B's figure without A's, with an interval of 95 % over the pairs;
past chance is what the interval leaves no doubt about. With ten figures, one in two
such tables of equals has one that is past it by chance: look for what you asked.

Both scenarios should differ in their deployment alone; what else differs is named.

Exit codes: 0 both were played and no promise was broken, 1 one was, 2 the input is
wrong.`,
		Example: `  hotswap diff careful.yaml quick.yaml
  hotswap diff careful.yaml quick.yaml --runs 5000 --markdown diff.md`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: scenarioFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.read(args[0])
			if err != nil {
				return err
			}
			b, err := c.read(args[1])
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("seed") {
				f.seed = a.Seed
			}
			if err := f.playable(1_000_000, inputs(args)...); err != nil {
				return err
			}
			p := c.progress("runs")
			d, cut := campaign.Compare(cmd.Context(), a, b, f.options(p.at))
			if d == nil {
				p.stop()
				return cut
			}
			p.end(2 * d.Runs)
			err = c.tell(&f.outputs, told{d, summaryOfDiff(d)}, func() { c.diff(d) })
			if err == nil && cut != nil {
				return cut
			}
			if err == nil && d.A.Violations+d.B.Violations > 0 {
				err = errUnexpected
			}
			return err
		},
	}
	f.add(cmd, defaults{runs: 500, seedOf: "seed of both campaigns (default: A's)", runsOf: "runs of each", units: "runs", figures: "the differences"})
	return cmd
}

// differences are rows of figures, and what they mean.
func differences(d *campaign.Diff) [][]string {
	var out [][]string
	for _, x := range d.Differences {
		text := func(v float64) string {
			switch x.Unit {
			case "share":
				return fmt.Sprintf("%.2f %%", 100*v)
			case "seconds":
				sign := ""
				if v < 0 {
					sign, v = "-", -v
				}
				return sign + seconds(v)
			default:
				return fmt.Sprintf("%.1f", v)
			}
		}
		word := "no difference past chance"
		switch {
		case x.PastChance && x.By > 0:
			word = "B's is higher"
		case x.PastChance:
			word = "B's is lower"
		}
		interval := "one pair has none"
		if x.Pairs > 1 {
			interval = text(float64(x.Low)) + " .. " + text(float64(x.High))
		}
		out = append(out, []string{strings.ReplaceAll(strings.TrimSuffix(x.Figure, "_seconds"), "_", " "), text(x.A), text(x.B), text(x.By), interval, word})
	}
	return out
}

// diff prints a comparison.
func (c *console) diff(d *campaign.Diff) {
	c.print("%s\n", c.paint.bold("A: "+d.A.Scenario+", B: "+d.B.Scenario))
	c.cut(d.Interrupted)
	c.print("%d pairs of runs, seed %d, scenarios %s and %s\n", d.Runs, d.Seed, d.A.ScenarioHash, d.B.ScenarioHash)
	if !d.Same {
		c.print("%s\n", c.paint.amber("not the same weather: they differ in "+strings.Join(d.Unlike, ", ")))
	}
	if d.A.Bad != d.B.Bad {
		c.print("%s\n", c.paint.amber("the version is bad for one and good for the other: say bad: true or false to compare their risks"))
	}
	c.print("\n%s\n", c.paint.faint(fmt.Sprintf("%-18s %10s %10s %10s  %s", "FIGURE", "A", "B", "B - A", "95 % INTERVAL")))
	for i, r := range differences(d) {
		word := r[5]
		if d.Differences[i].PastChance {
			word = c.paint.bold(word)
		}
		c.print("%-18s %10s %10s %10s  %-26s %s\n", r[0], r[1], r[2], r[3], r[4], word)
	}
	c.print("\n%s\n", c.paint.faint("means over the pairs; the interval is of the difference"))
}

func summaryOfDiff(d *campaign.Diff) summary {
	x := check{name: "promises of the engine", remark: "all kept"}
	for _, f := range []*campaign.Figures{d.A, d.B} {
		x.wrong = append(x.wrong, f.Broken...)
	}
	text := fmt.Sprintf("A is %s, B is %s: %d pairs of runs, seed %d.\n\n", cell(d.A.Scenario), cell(d.B.Scenario), d.Runs, d.Seed)
	if !d.Same {
		text += "Not the same weather: they differ in " + cell(strings.Join(d.Unlike, ", ")) + ".\n\n"
	}
	checks := []check{x}
	if d.Interrupted.Cut() {
		if len(x.wrong) == 0 {
			checks[0].skipped = "interrupted; as far as it went: none broken"
		}
		checks = append([]check{unfinished(d.Interrupted)}, checks...)
	}
	return summary{name: "hotswap diff", checks: checks, body: text + rows([]string{"", "A", "B", "B - A", "95 % interval", ""}, differences(d))}
}
