package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

func rolloutShowCommand(c *console) *cobra.Command {
	var (
		where  whereFlags
		output string
	)
	cmd := &cobra.Command{
		Use:   "show ROLLOUT",
		Short: "Show all there is to see of a rollout",
		Long: `Shows all there is to see of a rollout: where it is, its plan, what its gates
measured, why it went back or waits, and everything that happened.` + exitsHelp(exitFine, exitInput, exitUnwritten, exitStopped),
		Example: "  hotswap rollout show stripe-production-7\n  hotswap rollout show stripe-production-7 -o json | jq .verdict",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeRolloutArg(&where),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" && output != "json" {
				return fmt.Errorf("--output: %q is not json", output)
			}
			return where.run(cmd.Context(), func(ctx context.Context, p site) error {
				d, err := p.Show(ctx, args[0], true)
				if err != nil {
					return err
				}
				if output == "json" {
					return c.json(d)
				}
				c.showRollout(d)
				c.decide(d, p)
				return nil
			})
		},
	}
	where.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "json: all of it, as the API of a rollout server has it")
	mustComplete(cmd, "output", cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// showRollout prints a rollout.
func (c *console) showRollout(d *contract.Detail) {
	c.print("%s\n%s\n\n", c.paint.bold(shown(d.ID)), shown(d.Headline))
	c.row("phase", "%s", c.paint.phase(d.Phase))
	c.row("stage", "%d of %d, %s: %s", d.Stage.Number, d.Stage.Of, shown(d.Stage.Name), stepText(d))
	started := stamp(d.StartedAt)
	if d.StartedBy != "" {
		started += " by " + shown(d.StartedBy)
	}
	c.row("started", "%s", started)
	if who := walkedBy(&d.Rollout); who != "" {
		c.row("walked by", "%s", who)
	}
	if d.Owner != "" {
		c.row("owner", "%s", shown(d.Owner))
	}
	if text := reachText(d); text != "" {
		c.row("reached", "%s", text)
	}
	if d.Now != nil && d.Now.Condition != nil {
		c.row("instances", "%s", instancesText(d.Now.Condition))
	}
	c.print("\n")
	present := d.Stage.Number
	if d.Outcome != "" {
		present = 0
	}
	c.table(stageRows(d.Stages, present))
	c.gates(d.Stages)
	if v := d.Verdict; v != nil {
		c.showVerdict(v)
	}
	if d.Story != "" {
		c.print("\n%s\n", strings.TrimSpace(engine.Visible(d.Story)))
	}
	c.print("\n")
	for _, l := range d.Timeline {
		c.print("%s  %s\n", c.paint.faint(stamp(l.At)), shown(l.Text))
	}
}

// showVerdict prints what a gate said last, and what it measured.
func (c *console) showVerdict(v *engine.Verdict) {
	c.print("\n")
	c.row("verdict", "%s: %s", c.paint.result(v.Result), shown(v.Reason))
	if len(v.Findings) > 0 {
		rows := [][]string{{"METRIC", "OBSERVED", "ALLOWED", "RESULT", "NEEDS"}}
		for i := range v.Findings {
			f := &v.Findings[i]
			rows = append(rows, []string{findingName(f), observedText(f), allowedText(f), telling.ResultText(f.Result), needsText(f)})
		}
		c.table(rows)
	}
}

// stepText is what the present stage waits for, and how long still.
func stepText(d *contract.Detail) string {
	text := shown(d.Step.Text)
	if !d.Step.Ends.IsZero() {
		text += ", " + left(d.At, d.Step.Ends)
	}
	return text
}

// left is how much time there is until a moment.
func left(now, until time.Time) string {
	if d := until.Sub(now).Round(time.Second); d > 0 {
		return engine.Spoken(d) + " left"
	}
	return "no time left"
}

// reachText says whom the new version reaches, and reached at most; "": nobody looked yet.
func reachText(d *contract.Detail) string {
	if d.Exposed == nil {
		return ""
	}
	text := d.Exposed.String()
	if d.Tenants > 0 {
		text = fmt.Sprintf("%d of %s, %s, %s %% of traffic", d.Exposed.Tenants, engine.Plural(d.Tenants, "tenant"),
			engine.Plural(d.Exposed.Instances, "instance"), engine.Significant(d.Exposed.Share))
	}
	if m := d.Most; m != nil && (m.Tenants > d.Exposed.Tenants || m.Instances > d.Exposed.Instances) {
		text += "; at most " + m.String()
	}
	return text
}

// phase colours a phase.
func (p paint) phase(phase string) string {
	switch engine.Phase(phase) {
	case engine.PhaseSucceeded:
		return p.green(phase)
	case engine.PhaseHeld, engine.PhasePaused, engine.PhaseRetained:
		return p.amber(phase)
	case engine.PhaseRollingBack, engine.PhaseRolledBack, engine.PhaseStuck:
		return p.red(phase)
	}
	return shown(phase)
}

// result is a result in its colour.
func (p paint) result(r engine.Result) string { return p.as(r, shown(string(r))) }

// as is a word in the colour of a result.
func (p paint) as(r engine.Result, word string) string {
	switch r {
	case engine.Pass:
		return p.green(word)
	case engine.Fail:
		return p.red(word)
	}
	return p.amber(word)
}
