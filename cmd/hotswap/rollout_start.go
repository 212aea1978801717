package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// startFlags are the flags of rollout start.
type startFlags struct {
	where       whereFlags
	what        deploymentFlags
	expect, key string
	yes, wait   bool
}

func rolloutStartCommand(c *console) *cobra.Command {
	var f startFlags
	cmd := &cobra.Command{
		Use:   "start FILE",
		Short: "Begin a rollout",
		Long: `Shows the plan of a deployment, asks, and begins the rollout. Off a terminal it does
not ask: there --yes or --expect has to say that it was approved. With --expect it
begins only where the plan is the one of that outline, which rollout plan prints.

A rollout server walks the rollout: with --wait it is followed, and Ctrl-C leaves it
to the server. At a fleet, or in a folder of simulated ones, nobody walks it but this
command: there --wait is needed, and Ctrl-C leaves the rollout where it is and writes
into its journal that nobody watches. The same command goes on with it.

It is begun once for each --key, however often it is asked for.` +
			exitsHelp(exitFine, exitInput, exitUnwritten, exitRolledBack, exitRetained, exitHeld, exitStuck, exitRefused, exitStopped),
		Example: `  hotswap rollout start stripe.yaml
  hotswap rollout start stripe.yaml --version 1.7.0 --expect 4f1c... --wait
  hotswap rollout start --restores stripe-production-7 --yes --wait`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: deploymentFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := f.what.read(c, args, &f.where.world)
			if err != nil {
				return err
			}
			a.Expect, a.key = f.expect, f.key
			if a.key == "" {
				a.key = rand.Text()
			}
			return f.where.run(cmd.Context(), func(ctx context.Context, p site) error { return f.start(ctx, c, p, a) })
		},
	}
	f.where.add(cmd)
	f.what.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.expect, "expect", "", "outline of the plan that was approved")
	flags.StringVar(&f.key, "key", "", "idempotency key: the same one begins no second rollout (default: a new one)")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.wait, "wait", false, "follow the rollout until it ends, or waits for a person")
	mustComplete(cmd, "restores", completeRollouts(&f.where))
	return cmd
}

// start shows the plan, asks, begins, and follows.
func (f *startFlags) start(ctx context.Context, c *console, p site, a *asked) error {
	if !p.Attended() && !f.wait {
		return errors.New("nobody would walk the rollout: give --wait, and leave this command running until it ends, or name a rollout server with --controller")
	}
	if err := a.settle(ctx, p); err != nil {
		return err
	}
	if id, err := p.Begun(ctx, a); err != nil || id != "" {
		if err == nil {
			err = c.finish(ctx, p, id, 0)
		}
		return err
	}
	plan, err := p.Plan(ctx, a)
	if err != nil {
		return f.already(c, err)
	}
	c.showPlan(plan)
	if len(plan.Stages) == 0 {
		return nil
	}
	if err := f.approved(ctx, c, plan, a); err != nil {
		return err
	}
	r, err := p.Start(ctx, a)
	if err != nil {
		return f.already(c, err)
	}
	if !f.wait {
		c.print("\n%s began: hotswap rollout watch %s%s\n", c.paint.bold(shown(r.ID)), shellWord(shown(r.ID)), p.Flags())
		return nil
	}
	c.print("\n")
	return c.finish(ctx, p, r.ID, 0)
}

// already makes good of an error that says that there is nothing to do.
func (f *startFlags) already(c *console, err error) error {
	var nothing *server.NothingError
	if errors.As(err, &nothing) || client.Is(err, contract.AlreadyActive) {
		c.print("every instance runs it already: there is nothing to roll out\n")
		return nil
	}
	return err
}

// approved makes sure that somebody wants what was shown: that, and nothing else, begins.
func (f *startFlags) approved(ctx context.Context, c *console, plan *contract.Plan, a *asked) error {
	switch {
	case a.Expect != "" && a.Expect != plan.Outline:
		return &codedError{exitRefused, fmt.Errorf("the plan has the outline %.12s, and %.12s was approved: look at it anew, and give its outline", plan.Outline, engine.Shortened(shown(a.Expect)))}
	case a.Expect != "" || f.yes:
		return nil
	case !c.asks:
		return errors.New("nobody can be asked here: approve the plan with --expect OUTLINE, or whatever it is with --yes")
	}
	if err := c.confirm(ctx, "Begin this rollout?"); err != nil {
		return err
	}
	a.Expect = plan.Outline
	return nil
}

// confirm asks on the terminal. The error says that the answer was not yes.
func (c *console) confirm(ctx context.Context, question string) error {
	_, _ = fmt.Fprintf(c.err, "\n%s [y/N] ", question) // there is nobody else to tell
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(c.in, 64)).ReadString('\n')
		answers <- line
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case answer := <-answers:
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return nil
		}
	}
	return &codedError{exitRefused, errors.New("not confirmed: nothing was done")}
}
