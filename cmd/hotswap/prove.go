package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/report"
)

// proveFlags are the flags of prove.
type proveFlags struct {
	campaignFlags
	rates      []float64
	perTenant  []float64
	factors    []float64
	spreads    []float64
	noises     []float64
	picture    string
	onlyGood   bool
	sequential bool
	scraped    bool
	hard       bool
	cells      cellFlags
	random     int
	drawn      bool // random was given
	write      string
	benchmark  string
	strict     bool
	most       int // runs that may be asked for; 0: none were
}

// grid is the usual one, as far as f says nothing else.
func (f *proveFlags) grid() campaign.Grid {
	g := campaign.UsualGrid()
	for _, axis := range []struct {
		values []float64
		of     *[]float64
	}{{f.rates, &g.ErrorRates}, {f.perTenant, &g.PerTenant}, {f.factors, &g.Factors}, {f.spreads, &g.Spreads}, {f.noises, &g.Noises}} {
		if len(axis.values) > 0 {
			*axis.of = axis.values
		}
	}
	if f.onlyGood {
		g.Factors = []float64{1}
	}
	if f.sequential {
		g.Modes = []engine.JudgeMode{engine.Sequential}
	}
	g.Scraped = f.scraped
	switch own := f.axes(); {
	case f.hard:
		g.ErrorRates, g.More = nil, f.cells.hard(f.onlyGood)
	case !own && f.picture == "":
		g.More = f.cells.hard(f.onlyGood)
	}
	return g
}

// axes says whether the grid is the user's own.
func (f *proveFlags) axes() bool {
	return len(f.rates)+len(f.perTenant)+len(f.factors)+len(f.spreads)+len(f.noises) > 0
}

// check finds all that is wrong with f, which asks for g, before anything is played.
func (f *proveFlags) check(g campaign.Grid) error {
	wrong := []error{f.playable(f.most, output{"picture", f.picture}, output{"write", f.write}), f.checkCells()}
	if f.benchmark != "" {
		wrong = append(wrong, writable([]target{folder{"benchmark", f.benchmark}}))
	}
	for _, axis := range []struct {
		flag        string
		values      []float64
		least, most float64
	}{
		{"error-rates", g.ErrorRates, 0, 1},
		{"per-tenant", g.PerTenant, 0.001, 1000},
		{"factors", g.Factors, 0, 1000},
		{"spreads", g.Spreads, 0, 2},
		{"noises", g.Noises, 0, 1},
	} {
		for _, v := range axis.values {
			if !(v >= axis.least && v <= axis.most) {
				wrong = append(wrong, fmt.Errorf("--%s: %g is not in %g..%g", axis.flag, v, axis.least, axis.most))
			}
		}
	}
	if f.picture != "" {
		if err := report.Drawable(g); err != nil {
			wrong = append(wrong, fmt.Errorf("--picture: %w", err))
		}
	}
	return errors.Join(wrong...)
}

// proveLong and proveExamples are the help of prove.
const (
	proveLong = `Play identical versions and worse ones, and print tables in Markdown: how often a good
version is rolled back, how often and how soon a bad one is caught, and what was shown
of each promise. Without further flags that is done

- over a grid of error rates, traffic, and tenants and minutes that differ, with the
  guide's canary on 150 tenants and both judges, and
- in hard cells, in which judges go wrong that do well there: other strategies, few and
  unlike tenants, noisy minutes beside much traffic, baselines without any error, people
  who resume. With --hard they are played alone.

With --random cells are drawn from all that something is promised of. Their promises
are judged together: that one is called broken which is kept has a probability of at
most 5 % over all of them (Holm). A cell ends early where its runs can change nothing
of that. Each is played alone, or written as a scenario, by its seed and number.

The sequential judge promises of identical versions whose fleets err in at most three
quarters of the cap that at most 1 % of the rollouts are rolled back, and 2 % held on
evidence against them; of A/B tests that B is adopted in at most 5 %, and found better
by any metric in 5 %; and that a regression of the hard cells gets through in at most
5 %. A cell shows that this is kept where its interval ends within the promise, and that
it is broken where the interval begins above; else it is not refuted, and more runs
would tell.

Who interrupts it has the cells that were played by then, or the first runs of the only
one; a second interrupt ends it at once.

Exit codes: 0 no promise was refuted, 1 one was, or with --strict one was not shown to
be kept, 2 the input is wrong, 130 interrupted.`
	proveExamples = `  hotswap prove
  hotswap prove --hard --strategy Rolling --runs 2000
  hotswap prove --random 500 --seed 7 --json random.json
  hotswap prove --random 1 --seed 7 --cell 137 --write cell.yaml
  hotswap prove --benchmark bench --runs 100
  hotswap prove --runs 1000 --error-rates 0.02 --per-tenant 1 --json proof.json
  hotswap prove --runs 10000 --good --sequential --scraped
  hotswap prove --error-rates 0.02 --factors 1,1.5,2,3 --spreads 0.83 --noises 0.25 --picture curves.svg`
)

func proveCommand(c *console) *cobra.Command {
	var f proveFlags
	cmd := &cobra.Command{
		Use:     "prove",
		Short:   "Prove what the judges promise",
		Long:    proveLong,
		Example: proveExamples,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("runs") {
				f.most = 1_000_000
			}
			f.drawn = cmd.Flags().Changed("random")
			return f.prove(cmd.Context(), c)
		},
	}
	f.flags(cmd)
	cmd.AddCommand(proveTestsCommand(c), proveRulesCommand(c))
	return cmd
}

// prove does what the flags ask for.
func (f *proveFlags) prove(ctx context.Context, c *console) error {
	g := f.grid()
	if err := f.check(g); err != nil {
		return err
	}
	switch {
	case f.write != "":
		return f.writeCell(c)
	case f.benchmark != "":
		return f.writeBenchmark(ctx, c)
	case f.random > 0:
		return f.playRandom(ctx, c)
	}
	progress := c.progress("runs")
	p, err := campaign.Prove(ctx, g, f.options(progress.at))
	progress.stop()
	if p == nil {
		return err
	}
	if f.picture != "" && err == nil {
		picture, err := report.Characteristic(g, p)
		if err != nil {
			return err
		}
		if err := writeFile(f.picture, picture); err != nil {
			return err
		}
	}
	return c.proved(&f.outputs, proof{p, "hotswap prove", p.Markdown(), p.Checks(), p.Holds(), f.strict, p.Interrupted, unmade(err, "picture", f.picture)})
}

// flags adds the flags of prove.
func (f *proveFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.add(cmd, defaults{seed: 1, seedOf: "seed of the campaigns", runsOf: fmt.Sprintf("runs of each cell (default: %d where something is promised, %d of such A/B tests, %d elsewhere)", campaign.PromisedRuns, campaign.TestRuns, campaign.OtherRuns), units: "runs", figures: "the figures"})
	flags.Float64SliceVar(&f.rates, "error-rates", nil, "error rates of the installed version (default: 0.01, 0.02, 0.03 and 0.04)")
	flags.Float64SliceVar(&f.perTenant, "per-tenant", nil, "requests per second and tenant (default: 0.01, 0.1 and 1)")
	flags.Float64SliceVar(&f.factors, "factors", nil, "how many times as often the candidate errs (default: 1 and 2)")
	flags.Float64SliceVar(&f.spreads, "spreads", nil, "how unlike the tenants' error rates are, as tenant_error_spread (default: 0 and 0.83, a coefficient of variation of 1)")
	flags.Float64SliceVar(&f.noises, "noises", nil, "how unlike the minutes are, as minute_noise (default: 0 and 0.25)")
	flags.StringVar(&f.picture, "picture", "", "draw the operating characteristics into this file, as SVG: needs one error rate, spread and noise")
	flags.BoolVar(&f.onlyGood, "good", false, "play good versions only")
	flags.BoolVar(&f.sequential, "sequential", false, "try the sequential judge only")
	flags.BoolVar(&f.scraped, "scraped", false, "scrape the counters every 30 s, 10 s late, instead of counting requests as they happen")
	flags.BoolVar(&f.hard, "hard", false, "play the hard cells only")
	f.cells.add(cmd, "with --hard: play only the cell of this name; with --random: begin with the cell of this number", "with --hard and --random: only cells of these strategies")
	flags.IntVar(&f.random, "random", 0, "play so many cells that are drawn from all that something is promised of, instead of the grid")
	flags.BoolVar(&f.strict, "strict", false, strictly)
	flags.StringVar(&f.benchmark, "benchmark", "", "write the hard cells, their truth and their counts by the minute into this folder, for judges of your own")
	flags.StringVar(&f.write, "write", "", "write the one cell of --cell as a scenario to this file, and play nothing")
}

// strictly is what --strict does.
const strictly = "exit with 1 too where a promise was not shown to be kept: the upper end of its interval is above it"
