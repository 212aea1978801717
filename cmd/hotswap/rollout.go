package main

import "github.com/spf13/cobra"

func rolloutCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollout",
		Short: "Plan, start, watch and steer rollouts",
		Long: `Plans, starts, lists, watches and steers rollouts of real and simulated fleets.

Where they are:
  at a rollout server   --controller URL or a context, see hotswap context
  at a fleet            --endpoint URL, with --environment and --plugin
  in a folder           --state DIR, where the provider keeps simulated fleets

A rollout server walks its rollouts by itself. Elsewhere whoever starts a rollout
walks it: Terraform, or rollout start --wait.` + exitsHelp(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(rolloutPlanCommand(c), rolloutStartCommand(c), rolloutListCommand(c), rolloutShowCommand(c), watchCommand(c))
	cmd.AddCommand(signalCommands(c)...)
	return cmd
}
