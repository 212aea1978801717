package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

func rolloutCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "rollout", Short: "Look at rollouts of a real fleet", Args: cobra.NoArgs}
	cmd.AddCommand(watchCommand(c))
	return cmd
}

// watchFlags are the flags of rollout watch.
type watchFlags struct {
	reach    reachFlags
	world    worldFlags
	journal  string
	interval time.Duration
	once     bool
	json     bool
}

func watchCommand(c *console) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch [ROLLOUT]",
		Short: "Watch a rollout until it ends",
		Long: `Watches a rollout of a plugin, the one that began last unless another is named,
until it ends: which stage it is at, whom the new version reaches, how its
instances are, what the gates said, who walks it. It reads, and changes nothing:
whoever applies goes on unaware of it. A rollout that is held for a person is
waited for, which is said; --once does not wait.

On a terminal it is a view that is drawn anew; elsewhere a line for each event,
and one for the fleet's condition where that changed.

Exit codes: 0 the rollout ended, whatever its end, 2 it cannot be watched, 130
interrupted.`,
		Example: `  hotswap rollout watch --endpoint https://fleet.example.com --environment Production --plugin stripe
  hotswap rollout watch stripe-production-7 --environment Production --plugin stripe --once`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			return f.run(cmd.Context(), c, id)
		},
	}
	f.reach.add(cmd, "fleet", "endpoint", "HOTSWAP_", "address of the fleet's API, what comes before /v1 (default: HOTSWAP_ENDPOINT)")
	f.world.add(cmd)
	cmd.Flags().StringVar(&f.journal, "journal", "", "folder of the journals of a fleet that keeps none")
	cmd.Flags().DurationVar(&f.interval, "interval", 2*time.Second, "time between two looks")
	cmd.Flags().BoolVar(&f.once, "once", false, "look once, and do not wait for the end")
	cmd.Flags().BoolVar(&f.json, "json", false, "write a JSON object in a line for each look that shows something new")
	return cmd
}

func (f *watchFlags) run(ctx context.Context, c *console, id string) error {
	s, err := f.reach.settings()
	if err := errors.Join(err, f.world.check()); err != nil {
		return err
	}
	if f.interval < 100*time.Millisecond {
		return fmt.Errorf("--interval: %s is not at least 100ms", f.interval)
	}
	reached, err := fleet.Open(fleet.Settings{API: s, JournalPath: f.journal})
	if err != nil {
		return err
	}
	defer reached.Close()
	world, err := reached.World(engine.Environment(f.world.environment), f.world.plugin)
	if err != nil {
		return err
	}
	head, err := world.Describe(ctx) // which tells the fleet's time
	if err == nil && !head.Capabilities.Can(engine.CanJournal) {
		err = errors.New("the fleet keeps no journal of rollouts: name the folder that they are in with --journal")
	}
	if err != nil {
		return err
	}
	if id == "" {
		if id, err = lastOf(ctx, world, f); err != nil {
			return err
		}
	}
	w, err := openWatched(ctx, world, id)
	if err != nil {
		return err
	}
	return w.follow(ctx, f.screen(c), f)
}

// lastOf is the rollout that began last.
func lastOf(ctx context.Context, w *fleet.World, f *watchFlags) (string, error) {
	last, err := w.Journals().List(ctx, engine.Environment(f.world.environment), f.world.plugin, engine.Filter{Limit: 1})
	if err != nil {
		return "", err
	}
	if len(last) == 0 {
		return "", fmt.Errorf("there was no rollout of %s in %s yet", f.world.plugin, f.world.environment)
	}
	return last[0].Rollout, nil
}

// mostFailures is how many looks in a row may fail before the watch gives up.
const mostFailures = 30

// follow looks until the rollout ends. A fleet that is away for a while is waited for.
func (w *watched) follow(ctx context.Context, to screen, f *watchFlags) error {
	for failures := 0; ; {
		err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			failures = 0
		default:
			if failures++; failures >= mostFailures || f.once {
				return err
			}
		}
		to.show(w, err)
		if f.once || err == nil && !w.state.InFlight() {
			return nil
		}
		if err := walker.Pause(ctx, f.interval); err != nil {
			return err
		}
	}
}
