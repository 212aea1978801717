package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/report"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// simulateFlags are the flags of simulate.
type simulateFlags struct {
	campaignFlags
	check  bool
	queue  string
	report string
	date   string
	curve  int
}

func simulateCommand(c *console) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate FILE",
		Short: "Play a scenario once, or thousands of times",
		Long: `Play a scenario once and print its timeline, one line for each event, or with
--runs play it many times, each with a seed of its own, and print the figures.

The same file and seed give the same run, which the trace identifies; --check plays
the run again, the second time on the other event queue and with the world saved and
loaded on the way, and compares.

The figures of a campaign do not depend on how many runs are under way at once.
Intervals hold the true probability with a confidence of 95 %.

Who interrupts a campaign has the figures of the first runs, as many as were played by
then; a second interrupt ends it at once.

Exit codes: 0 the expectations of the scenario hold and no promise was broken,
1 they do not, 2 the input is wrong, 130 interrupted.`,
		Example: `  hotswap simulate examples/scenarios/guide-canary.yaml
  hotswap simulate examples/scenarios/guide-canary.yaml --seed 7 --check
  hotswap simulate examples/scenarios/guide-canary.yaml --runs 10000 --report report.html --json out.json`,
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
			if err := errors.Join(f.playable(10_000_000, append(inputs(args), output{"report", f.report}, day(f.date))...), f.idle(cmd.Flags().Changed)); err != nil {
				return err
			}
			if cmd.Flags().Changed("runs") {
				return simulateMany(cmd.Context(), c, s, f)
			}
			return simulateOne(cmd.Context(), c, s, f)
		},
	}
	flags := cmd.Flags()
	f.add(cmd, defaults{runs: 1, seedOf: "seed of the run or of the campaign (default: the scenario's)", runsOf: "play the scenario so many times", units: "runs", figures: "the figures"})
	flags.BoolVar(&f.check, "check", false, "play the run again, on the other queue, and compare the traces")
	flags.StringVar(&f.queue, "queue", string(kernel.Radix), fmt.Sprintf("event queue of a single run, one of %v; the trace is the same with each", kernel.Kinds()))
	flags.IntVar(&f.curve, "curve", 0, "with --report: draw the operating characteristic, with so many runs for each of its points")
	flags.StringVar(&f.report, "report", "", "write a report with pictures to this HTML file")
	flags.StringVar(&f.date, "date", "", "with --report: the day that it is of, as 2006-01-02; the same seed gives the same bytes otherwise")
	return cmd
}

// idle says which of the flags that were given nothing would come of.
func (f *simulateFlags) idle(given func(flag string) bool) error {
	var wrong []error
	add := func(flag, rule string) {
		if given(flag) {
			wrong = append(wrong, fmt.Errorf("--%s: %s", flag, rule))
		}
	}
	if given("curve") && (f.curve < 1 || f.curve > 1_000_000) {
		wrong = append(wrong, fmt.Errorf("--curve: %d is not in 1..1000000", f.curve))
	}
	if f.report == "" || !given("runs") {
		add("curve", "goes with --runs and --report, in which it is drawn")
	}
	if f.report == "" {
		add("date", "goes with --report, which is of that day")
	}
	if given("runs") {
		add("check", "plays a single run again, and does not go with --runs")
		add("queue", "is that of a single run, and does not go with --runs")
	}
	return errors.Join(wrong...)
}

// simulateOne plays a scenario once.
func simulateOne(ctx context.Context, c *console, s *scenario.Scenario, f simulateFlags) error {
	r, err := scenario.Run(ctx, s, f.seed, scenario.Options{Record: f.report != "", Queue: kernel.Kind(f.queue)})
	if err != nil {
		return err
	}
	if f.report != "" {
		page := report.New(s.Name, s.About())
		page.Evidence(report.Of{Scenario: s, Seed: f.seed, Runs: 1, Version: version(), Date: f.date})
		page.Run(r)
		if err := writePage(f.report, page); err != nil {
			return err
		}
	}
	failures, checked := r.Failures(), ""
	if f.check {
		again, err := scenario.Run(ctx, s, f.seed, scenario.Options{Reload: true, Queue: otherQueue(kernel.Kind(f.queue))})
		if err != nil {
			return err
		}
		const how = "played again, on the other queue and with the world saved and loaded on the way"
		if checked = how + ": the same trace"; again.Trace != r.Trace {
			failures = append(failures, fmt.Sprintf("%s, the trace is %016x", how, again.Trace))
			checked = ""
		}
	}
	err = c.tell(&f.outputs, told{runOf(r, failures), summaryOfRun(r, failures)}, func() {
		c.timeline(r)
		if checked != "" {
			c.row("checked", "%s", checked)
		}
		c.verdict(failures)
	})
	if err == nil && len(failures) > 0 {
		err = errUnexpected
	}
	return err
}

// otherQueue is an event queue of another kind: the same must happen on both.
func otherQueue(q kernel.Kind) kernel.Kind {
	for _, other := range kernel.Kinds() {
		if other != q {
			return other
		}
	}
	return q
}

// simulateMany plays a campaign.
func simulateMany(ctx context.Context, c *console, s *scenario.Scenario, f simulateFlags) error {
	p := c.progress("runs")
	opt := f.options(p.at)
	opt.Command = "hotswap simulate " + shellWord(s.File()) + " --seed %d"
	figures, cut := campaign.Run(ctx, s, opt)
	if figures == nil {
		p.stop()
		return cut
	}
	p.end(figures.Runs)
	if f.report != "" && cut == nil {
		if err := c.reportMany(ctx, s, f, figures); err != nil {
			return err
		}
	}
	err := c.tell(&f.outputs, told{figures, summaryOf(figures)}, func() { c.figures(figures) })
	if err == nil && cut != nil {
		return unmade(cut, "report", f.report)
	}
	if err == nil && !figures.Holds() {
		err = errUnexpected
	}
	return err
}

// reportMany writes the report of a campaign, with the run that stands out most.
func (c *console) reportMany(ctx context.Context, s *scenario.Scenario, flags simulateFlags, f *campaign.Figures) error {
	kind := "good"
	if f.Bad {
		kind = "bad"
	}
	page := report.New(s.Name, fmt.Sprintf("%s %d runs of a %s version, seed %d, scenario %s.", s.About(), f.Runs, kind, f.Seed, f.ScenarioHash))
	page.Evidence(report.Of{Scenario: s, Seed: f.Seed, Runs: f.Runs, Version: version(), Date: flags.date})
	page.Campaign(f)
	if flags.curve > 0 {
		p := c.progress("curve")
		total := 0
		curve, err := campaign.CurveOf(ctx, s, campaign.Options{Runs: flags.curve, Seed: flags.seed, Workers: flags.parallel, Progress: func(done, of int) {
			total = of
			p.at(done, of)
		}})
		if err != nil {
			p.stop()
			return err
		}
		p.end(total)
		page.Curve(curve)
	}
	seed := campaign.SeedOf(f.Seed, 0)
	if len(f.Worst) > 0 {
		seed = f.Worst[0].Seed
	}
	r, err := scenario.Run(ctx, s, seed, scenario.Options{Record: true})
	if err != nil {
		return err
	}
	page.Run(r)
	return writePage(flags.report, page)
}
