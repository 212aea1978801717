package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// listFlags are the flags of rollout list.
type listFlags struct {
	where            whereFlags
	phases, outcomes []string
	unfinished       bool
	limit            int
	output           string
	watch            bool
	interval         time.Duration
}

func rolloutListCommand(c *console) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List rollouts, those that were started last first",
		Long: `Lists rollouts, those that were started last first. At a fleet it lists those of one
plugin in one environment.` + exitsHelp(exitFine, exitInput, exitUnwritten, exitStopped),
		Example: `  hotswap rollout list --unfinished
  hotswap rollout list --environment Production --outcome rolled_back -o wide
  hotswap rollout list --watch`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.where.run(cmd.Context(), func(ctx context.Context, p site) error { return f.list(ctx, c, p) })
		},
	}
	f.where.add(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.phases, "phase", nil, "only those in these phases: "+strings.Join(phases, ", "))
	flags.StringSliceVar(&f.outcomes, "outcome", nil, "only those that ended so: "+strings.Join(outcomes, ", "))
	flags.BoolVar(&f.unfinished, "unfinished", false, "only those that have not ended, or are stuck")
	flags.IntVar(&f.limit, "limit", 50, "at most so many")
	flags.StringVarP(&f.output, "output", "o", "", "json, wide or name; default: a table")
	flags.BoolVarP(&f.watch, "watch", "w", false, "list again whenever something changed")
	flags.DurationVar(&f.interval, "interval", 2*time.Second, "time between two looks of --watch")
	mustComplete(cmd, "phase", cobra.FixedCompletions(phases, cobra.ShellCompDirectiveNoFileComp))
	mustComplete(cmd, "outcome", cobra.FixedCompletions(outcomes, cobra.ShellCompDirectiveNoFileComp))
	mustComplete(cmd, "output", cobra.FixedCompletions([]string{"json", "wide", "name"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// The words of --phase and --outcome.
var (
	outcomes = []string{string(engine.Succeeded), string(engine.RolledBack), string(engine.Retained), string(engine.Stuck)}
	phases   = append([]string{
		string(engine.PhaseProgressing), string(engine.PhaseHeld), string(engine.PhasePaused), string(engine.PhaseRollingBack),
	}, outcomes...)
)

// check says all that is wrong with the flags.
func (f *listFlags) check() error {
	var wrong []error
	for _, one := range []struct {
		flag         string
		given, known []string
	}{{"phase", f.phases, phases}, {"outcome", f.outcomes, outcomes}, {"output", []string{f.output}, []string{"", "json", "wide", "name"}}} {
		for _, word := range one.given {
			if !slices.Contains(one.known, word) {
				wrong = append(wrong, fmt.Errorf("--%s: %q is none of %s", one.flag, word, strings.TrimPrefix(strings.Join(one.known, ", "), ", ")))
			}
		}
	}
	if f.limit < 1 || f.limit > 10_000 {
		wrong = append(wrong, fmt.Errorf("--limit: %d is not in 1..10000", f.limit))
	}
	if f.interval < 100*time.Millisecond {
		wrong = append(wrong, fmt.Errorf("--interval: %s is not at least 100ms", f.interval))
	}
	return errors.Join(wrong...)
}

// list lists once, or over and over.
func (f *listFlags) list(ctx context.Context, c *console, p site) error {
	q := &query{phases: f.phases, outcomes: f.outcomes, plugin: f.where.world.plugin, unfinished: f.unfinished, limit: f.limit}
	if f.where.world.environment != "" {
		q.environments = []string{f.where.world.environment}
	}
	draw := &canvas{c: c}
	for last := ""; ; {
		all, now, err := p.List(ctx, q)
		if err != nil {
			return err
		}
		if err := f.tell(c, draw, all, now, &last); err != nil || !f.watch {
			return err
		}
		if err := walker.Pause(ctx, f.interval); err != nil {
			return err
		}
	}
}

// tell prints a list, unless it is the last one again.
func (f *listFlags) tell(c *console, draw *canvas, all []contract.Rollout, now time.Time, last *string) error {
	switch f.output {
	case "json":
		if text := fmt.Sprint(all); text == *last && f.watch {
			return nil
		} else {
			*last = text
		}
		return c.json(struct {
			Items []contract.Rollout `json:"items"`
		}{append([]contract.Rollout{}, all...)})
	case "name":
		var b strings.Builder
		for i := range all {
			b.WriteString(shown(all[i].ID) + "\n")
		}
		return f.once(c, b.String(), last)
	}
	lines := columns(rolloutRows(all, now, f.output == "wide"))
	if len(all) == 0 {
		lines = []string{"there are no such rollouts"}
	}
	if f.watch && c.drawn {
		draw.draw(lines)
		return nil
	}
	return f.once(c, strings.Join(lines, "\n")+"\n", last)
}

// once prints a text, unless it is the last one again. Names are what a flag asks for.
func (f *listFlags) once(c *console, text string, last *string) error {
	if text == *last || c.quiet && f.output != "name" {
		return nil
	}
	*last = text
	_, err := io.WriteString(c.out, text)
	return err
}

// placeText is where among its stages a rollout is; "-": a list does not say.
func placeText(p contract.Place) string {
	if p.Number == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", p.Number, p.Of)
}

// rolloutRows are rollouts as a table.
func rolloutRows(all []contract.Rollout, now time.Time, wide bool) [][]string {
	rows := [][]string{{"ID", "ENVIRONMENT", "PLUGIN", "VERSIONS", "STRATEGY", "STAGE", "PHASE", "AGE", "BY"}}
	if wide {
		rows[0] = append(rows[0], "STAGE NAME", "STARTED", "WALKED BY", "OWNER", "RESTORES")
	}
	for i := range all {
		r := &all[i]
		row := []string{
			r.ID, r.Environment, r.Plugin, orDash(r.Baseline) + " -> " + orDash(r.Candidate), r.Strategy, placeText(r.Stage),
			r.Phase, since(r.StartedAt, now), orDash(r.StartedBy),
		}
		if wide {
			row = append(row, r.Stage.Name, stamp(r.StartedAt), orDash(walkedBy(r)), orDash(r.Owner), orDash(r.Restores))
		}
		rows = append(rows, row)
	}
	return rows
}

// stamp is a time as people read it.
func stamp(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format(time.DateTime)
}

// since is how long ago something was, in its largest unit but the first.
func since(at, now time.Time) string {
	const day = 24 * time.Hour
	d := max(0, now.Sub(at))
	switch {
	case at.IsZero():
		return "-"
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/day)
}
