package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// signalFlags are the flags of the commands that say something to a rollout.
type signalFlags struct {
	where         whereFlags
	reason, stage string
	yes, wait     bool
}

// signalCommands are pause, resume, promote and rollback.
func signalCommands(c *console) []*cobra.Command {
	var all []*cobra.Command
	for _, s := range []struct{ signal, short, long string }{
		{contract.Pause, "Have a rollout stay where it is", "Has a rollout stay where it is until somebody resumes it or rolls it back. Its\nguards stay awake."},
		{contract.Resume, "Have a rollout go on from where it is", "Has a rollout go on that is paused, held or stuck, from where it is."},
		{contract.Promote, "Have a rollout go on past its gate", "Has a rollout that is held go on to the next stage, whatever its gate said. One that is\npaused is resumed."},
		{contract.Rollback, "Take a rollout back", "Takes back what a rollout changed, the last stage first."},
	} {
		all = append(all, signalCommand(c, s.signal, s.short, s.long))
	}
	return all
}

func signalCommand(c *console, signal, short, long string) *cobra.Command {
	var f signalFlags
	cmd := &cobra.Command{
		Use:   signal + " ROLLOUT",
		Short: short,
		Long: long + ` On a terminal it says what it is about to do, and asks.

With --stage it is refused where the rollout is at another stage by now; what was
confirmed on a terminal is meant for the stage that was shown.

At a fleet, or in a folder of simulated ones, it is written into the journal, and
whoever walks the rollout heeds it; where nobody does, --wait walks it.` +
			exitsHelp(exitFine, exitInput, exitUnwritten, exitRolledBack, exitRetained, exitHeld, exitStuck, exitRefused, exitStopped),
		Example: fmt.Sprintf("  hotswap rollout %s stripe-production-7 --reason 'looked at the dashboards' --wait", signal),
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeRolloutArg(&f.where),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.where.run(cmd.Context(), func(ctx context.Context, p site) error { return f.say(ctx, c, p, signal, args[0]) })
		},
	}
	f.where.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "", "why, for those who read the journal")
	flags.StringVar(&f.stage, "stage", "", "name of the stage that it is meant for")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.wait, "wait", false, "follow the rollout until it ends, or waits for a person")
	mustComplete(cmd, "stage", completeStages(&f.where))
	return cmd
}

// say shows what is about to be said, asks, says it, and follows.
func (f *signalFlags) say(ctx context.Context, c *console, p site, signal, id string) error {
	d, err := p.Show(ctx, id, false)
	if err != nil {
		return err
	}
	s := contract.Signal{Signal: signal, Reason: f.reason, Stage: f.stage}
	if c.asks && !f.yes {
		c.print("%s\n%s\n", c.paint.bold(shown(d.ID))+"  "+shown(d.Headline), intent(signal, d))
		if err := c.confirm(ctx, strings.ToUpper(signal[:1])+signal[1:]+" it?"); err != nil {
			return err
		}
		if s.Stage == "" {
			s.Stage = d.Stage.Name
		}
	}
	if err := p.Signal(ctx, id, s); err != nil {
		return err
	}
	c.print("%s: %s was said at stage %d of %d, %s\n", shown(d.ID), signal, d.Stage.Number, d.Stage.Of, shown(d.Stage.Name))
	if f.wait {
		return c.finish(ctx, p, id, d.Generation)
	}
	if who := walkedBy(&d.Rollout); !p.Attended() && who == "nobody" {
		c.print("nobody walks it: hotswap rollout start FILE --wait goes on with it\n")
	}
	return nil
}

// intent says what a signal is about to do.
func intent(signal string, d *contract.Detail) string {
	at := fmt.Sprintf("It is %s at stage %d of %d, %s", shown(d.Phase), d.Stage.Number, d.Stage.Of, shown(d.Stage.Name))
	if d.Exposed != nil {
		at += ", and reaches " + d.Exposed.String()
	}
	switch next := d.Stage.Number; signal {
	case contract.Rollback:
		return at + ". All that it changed is taken back."
	case contract.Pause:
		return at + ". It will stay there until somebody decides."
	case contract.Promote:
		if next < len(d.Stages) {
			s := &d.Stages[next]
			return fmt.Sprintf("%s. It will go on to %s, which reaches %s.", at, shown(s.Name),
				engine.Exposure{Tenants: s.Tenants, Instances: s.Instances, Share: s.Share})
		}
		return at + ". It is the last one: the rollout will end, and the new version stays."
	}
	return at + ". It will go on from there."
}

// walkedBy says who walks a rollout; "": it has ended.
func walkedBy(r *contract.Rollout) string {
	for _, c := range r.Conditions {
		if c.Type != contract.Walked {
			continue
		}
		switch {
		case c.Reason == "ended":
			return ""
		case c.Status == "True":
			return shown(c.Message)
		case c.Status == "Unknown":
			return "not known"
		case c.Reason == "hindered":
			return "nobody: " + shown(c.Message)
		}
		return "nobody"
	}
	return ""
}
