package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/report"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// tuneFlags are the flags of tune.
type tuneFlags struct {
	campaignFlags
	report string
	date   string
}

func tuneCommand(c *console) *cobra.Command {
	var f tuneFlags
	cmd := &cobra.Command{
		Use:   "tune FILE",
		Short: "Search the settings of a deployment for the best ones",
		Long: `Search stages, evaluation period, cap of the error rate and judge for settings
that are fast with a good version and let few requests fail with a bad one.

Each setting is played with both versions, on the same worlds. The good version is
as good as what is installed; the bad one is the scenario's candidate, or where that
is good, one that fails twice as many requests as the cap allows. What is tried, and
the limits on false rollbacks and missed regressions, can be said in the section tune
of the scenario.

A setting is within the limits where the upper ends of its 95 % intervals are: that
too few runs went wrong to be seen shows nothing.

Printed is the front: the settings within the limits that no other one beats in both
duration and failed requests, each with its block for the resource.

Exit codes: 0 a setting is within the limits, 1 none is, 2 the input is wrong.`,
		Example: `  hotswap tune examples/scenarios/guide-canary-regression.yaml
  hotswap tune examples/scenarios/guide-canary-regression.yaml --runs 500 --report tuned.html`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: scenarioFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.read(args[0])
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("seed") {
				f.seed = s.Seed
			}
			most := 0
			if cmd.Flags().Changed("runs") {
				most = 1_000_000
			}
			wrong := f.playable(most, append(inputs(args), output{"report", f.report}, day(f.date))...)
			if f.report == "" && f.date != "" {
				wrong = errors.Join(wrong, errors.New("--date: goes with --report, which is of that day"))
			}
			if wrong != nil {
				return wrong
			}
			return tune(cmd.Context(), c, s, f)
		},
	}
	flags := cmd.Flags()
	f.add(cmd, defaults{seedOf: "seed of the search (default: the scenario's)", runsOf: "runs of each setting with each version (default: the scenario's, or 200)", units: "runs", figures: "what was found"})
	flags.StringVar(&f.report, "report", "", "write a report with pictures to this HTML file")
	flags.StringVar(&f.date, "date", "", "with --report: the day that it is of, as 2006-01-02")
	return cmd
}

// scenarioFiles completes the names of scenario files.
func scenarioFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

func tune(ctx context.Context, c *console, s *scenario.Scenario, f tuneFlags) error {
	p := c.progress("settings")
	tried := 0
	t, cut := campaign.Tune(ctx, s, f.options(func(done, of int) {
		tried = done
		p.at(done, of)
	}))
	if t == nil {
		p.stop()
		return cut
	}
	p.end(tried)
	if f.report != "" && cut == nil {
		page := report.New(s.Name, fmt.Sprintf("%s Settings of %s, %d runs of each with each version, seed %d, scenario %s.", s.About(), t.Strategy, t.Runs, t.Seed, t.ScenarioHash))
		page.Evidence(report.Of{Scenario: s, Seed: t.Seed, Runs: t.Runs, Version: version(), Date: f.date})
		page.Tuned(t)
		if err := writePage(f.report, page); err != nil {
			return err
		}
	}
	err := c.tell(&f.outputs, told{t, summaryOfTuned(t)}, func() { c.tuned(t) })
	if err == nil && cut != nil {
		return unmade(cut, "report", f.report)
	}
	if err == nil && len(t.Front()) == 0 {
		err = errUnexpected
	}
	return err
}

// tuned prints what a search found.
func (c *console) tuned(t *campaign.Tuned) {
	front := t.Front()
	c.print("%s\n", c.paint.bold(t.Scenario))
	c.cut(t.Interrupted)
	c.print("%d settings of %s, up to %d runs of each with a good version (%s errors) and a bad one (%s errors), seed %d\n",
		len(t.Points), t.Strategy, t.Runs, percent(t.GoodErrorRate), percent(t.BadErrorRate), t.Seed)
	within, seen := 0, 0
	for _, p := range t.Points {
		if p.Within {
			within++
		}
		if p.Seen {
			seen++
		}
	}
	c.print("limits: at most %s of good versions rolled back, %s stopped in any way, %s of bad ones missed; %d settings are within them\n\n",
		percent(t.MostFalseRollback), percent(t.MostGoodStopped), percent(t.MostMissed), within)
	if len(front) == 0 {
		if t.Interrupted.Cut() {
			c.print("no setting that was tried is within the limits\n")
			return
		}
		c.print("%s no setting is within the limits\n", c.paint.red("no:"))
		if t.Runs < t.LeastRuns {
			c.print("with %d runs none can be shown to be: that takes %d where nothing goes wrong in any, and more where something does\n", t.Runs, t.LeastRuns)
		} else if seen > 0 {
			c.print("%d would be by what was seen, and their intervals are wider: more runs would tell\n", seen)
		}
		return
	}
	c.print("%s\n", c.paint.faint("    STAGES            PERIOD  MAX ERRORS  JUDGE       DURATION  FAILED REQUESTS  GOOD STOPPED      MISSED"))
	for _, p := range front {
		stages := "-"
		if len(p.Stages) > 0 {
			stages = strings.Trim(fmt.Sprint(p.Stages), "[]")
		}
		c.print("%-3s %-16s %7s %11s  %-10s %9s %16.1f  %-16s  %s\n", p.Name, stages, seconds(p.PeriodSeconds), percent(p.MaxErrorRate), p.Mode,
			seconds(p.Duration.P50), p.Failed.Mean, upTo(p.GoodStopped), upTo(p.Missed))
	}
	c.print("\n%s\n", c.paint.faint("DURATION: median for a good version; FAILED REQUESTS: mean for a bad one, on the candidate; SHARE..END of its 95 % interval"))
	for _, p := range front {
		c.print("\n# %s: %s, %.1f failed requests\n%s", p.Name, seconds(p.Duration.P50), p.Failed.Mean, p.HCL)
	}
}

// upTo is a share, and the upper end of its interval.
func upTo(s campaign.Share) string {
	return fmt.Sprintf("%.2g..%.2g %%", 100*s.Share, 100*s.High)
}

func percent(share float64) string { return fmt.Sprintf("%.4g %%", 100*share) }

func seconds(s float64) string { return span(time.Duration(s * float64(time.Second))) }
