package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
)

func backupCommand(c *console) *cobra.Command {
	var config, state string
	cmd := &cobra.Command{
		Use:   "backup OUT",
		Short: "Copy the store of a rollout server, while it runs",
		Long: `Writes a copy of the SQLite file of a rollout server to OUT, while the server runs or
while it does not. OUT appears whole, or not at all; a file that is there already is
refused. It has everything in it that the server remembers: rollouts, tokens (as
hashes), sessions, the audit log, what is still to be told.

To restore it, end the server, put OUT in the place of hotswap.db in the folder of the
state, remove hotswap.db-wal and hotswap.db-shm there, and start the server.

It needs to be run as the user that the server runs as, on its machine. A PostgreSQL
database is backed up with pg_dump.` + exitsHelp(exitFine, exitInput, exitStopped),
		Example: `  hotswap backup --config /etc/hotswap/hotswap.yaml /var/backups/hotswap.db
  hotswap backup --state /var/lib/hotswap /var/backups/hotswap.db`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := state
			if config != "" {
				var err error
				if folder, err = stateOf(c, config); err != nil {
					return err
				}
			}
			return backup(cmd.Context(), c, folder, args[0])
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "configuration of the server, - for the standard input")
	cmd.Flags().StringVar(&state, "state", "", "folder of its state")
	cmd.MarkFlagsOneRequired("config", "state")
	cmd.MarkFlagsMutuallyExclusive("config", "state")
	return cmd
}

// stateOf is the folder that the server of a configuration has its store in.
func stateOf(c *console, config string) (string, error) {
	cfg, err := c.readConfig(config)
	if err != nil {
		return "", err
	}
	if cfg.Store.PostgreSQL != nil {
		return "", errors.New("the store is a PostgreSQL database: it is backed up with pg_dump")
	}
	return cfg.State, nil
}

// backup copies the store in a folder.
func backup(ctx context.Context, c *console, state, to string) error {
	if err := launch.Backup(ctx, state, to); err != nil {
		return fmt.Errorf("no backup: %w", err)
	}
	info, err := os.Stat(to)
	if err != nil {
		return err
	}
	c.print("%s: %d bytes\n", to, info.Size())
	return nil
}
