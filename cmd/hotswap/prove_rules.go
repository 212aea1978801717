package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/rules"
)

// proveRulesFlags are the flags of prove rules.
type proveRulesFlags struct {
	campaignFlags
	cells cellFlags
}

func proveRulesCommand(c *console) *cobra.Command {
	var f proveRulesFlags
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Try the rules of other systems on the same cells",
		Long: `Play the hard cells with the sequential judge, and on the same worlds with the rules
of other systems, as their documentation shows them: the caps at the end of the bake
(threshold), Kayenta's comparison of minutes, an AnalysisRun of Argo Rollouts, and
Flagger's checks; and with a judge that takes requests for independent, which shows
what it costs not to. Those have no guards. Printed are two tables in Markdown: how often
identical versions are rolled back and held, and how often worse ones get through,
and after what time they are found.

Of those rules nothing is promised, and nothing is checked.

Exit codes: 0 all was played, 1 a promise of the engine was broken, 2 the input is
wrong.`,
		Example: `  hotswap prove rules --runs 2000
  hotswap prove rules --runs 200 --cell regression-0-0.04 --json rules.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(f.playable(1_000_000), f.cells.check(true, false)); err != nil {
				return err
			}
			var rivals []campaign.Rival
			for _, r := range rules.All() {
				rivals = append(rivals, campaign.Rival(r))
			}
			progress := c.progress("runs")
			x, err := campaign.PlayContest(cmd.Context(), slices.Clone(f.cells.hard(false)), rivals, f.options(progress.at))
			progress.stop()
			if x == nil {
				return err
			}
			return c.proved(&f.outputs, proof{x, "hotswap prove rules", x.Markdown(), nil, x.Holds(), false, x.Interrupted, err})
		},
	}
	f.add(cmd, defaults{seed: 1, runs: 500, seedOf: "seed of the campaigns", runsOf: "runs of each cell with each rule", units: "runs", figures: "the figures"})
	f.cells.untested = true
	f.cells.add(cmd, "only the cell of this name", "only cells of these strategies")
	return cmd
}
