package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// proveTestsFlags are the flags of prove tests.
type proveTestsFlags struct {
	campaignFlags
	tenants    []int
	perTenant  []float64
	sequential bool
	promised   bool
	scraped    bool
	strict     bool
}

func proveTestsCommand(c *console) *cobra.Command {
	var f proveTestsFlags
	cmd := &cobra.Command{
		Use:   "tests",
		Short: "Prove what A/B tests promise",
		Long: `Play A/B tests of a day whose truth is known: between identical versions, with a B
that errs twice as often and converts better, and with a B that is better. Tenants
differ in how often they err and convert, with a coefficient of variation of 1.
Printed is a table in Markdown: how often B is found better past chance, and how
often it takes over, which needs guardrails that nothing stands against.

The sequential judge promises that B takes over in at most 5 % of the tests between
identical versions, and never where it does harm. A trial shows that it is kept where
its interval ends within the promise, and that it is broken where the interval begins
above; else it is not refuted. The sequential judge is tried twice: with fleets that
know how each tenant did in the day before, and with fleets that do not.

Exit codes: 0 no promise was refuted, 1 one was, or with --strict one was not shown to
be kept, 2 the input is wrong.`,
		Example: `  hotswap prove tests --runs 1000
  hotswap prove tests --runs 10000 --tenants 150 --promised
  hotswap prove tests --runs 1000 --promised --scraped
  hotswap prove tests --runs 50 --tenants 20000 --sequential
  hotswap prove tests --runs 1000 --tenants 150 --per-tenant 0.1,1 --json tests.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g, err := f.grid()
			if err != nil {
				return err
			}
			progress := c.progress("runs")
			p, err := campaign.ProveTests(cmd.Context(), g, f.options(progress.at))
			progress.stop()
			if p == nil {
				return err
			}
			return c.proved(&f.outputs, proof{p, "hotswap prove tests", p.Markdown(), p.Checks(), p.Holds(), f.strict, p.Interrupted, err})
		},
	}
	flags := cmd.Flags()
	f.add(cmd, defaults{seed: 1, runs: 1000, seedOf: "seed of the campaigns", runsOf: "runs of each trial", units: "runs", figures: "the figures"})
	flags.IntSliceVar(&f.tenants, "tenants", nil, "numbers of tenants (default: 150 and 2000)")
	flags.Float64SliceVar(&f.perTenant, "per-tenant", nil, "requests per second and tenant (default: 0.1)")
	flags.BoolVar(&f.strict, "strict", false, strictly)
	flags.BoolVar(&f.promised, "promised", false, "play only tests of which something is promised")
	flags.BoolVar(&f.sequential, "sequential", false, "try the sequential judge only")
	flags.BoolVar(&f.scraped, "scraped", false, "scrape the counters every 30 s, 10 s late, instead of counting requests as they happen")
	return cmd
}

// grid is what the flags ask for.
func (f *proveTestsFlags) grid() (campaign.TestGrid, error) {
	g, wrong := campaign.UsualTestGrid(), []error{f.playable(1_000_000)}
	for _, n := range f.tenants {
		if n < 2 || n > 1_000_000 {
			wrong = append(wrong, fmt.Errorf("--tenants: %d is not in 2..1000000", n))
		}
	}
	for _, rate := range f.perTenant {
		if !(rate > 0 && rate <= 1000) {
			wrong = append(wrong, fmt.Errorf("--per-tenant: %g is not above 0 and at most 1000", rate))
		}
	}
	if len(f.tenants) > 0 {
		g.Tenants = f.tenants
	}
	if len(f.perTenant) > 0 {
		g.PerTenant = f.perTenant
	}
	g.Promised, g.Scraped = f.promised, f.scraped
	if f.sequential {
		g.Modes = g.Modes[1:]
	}
	return g, errors.Join(wrong...)
}
