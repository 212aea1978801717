package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// auditFlags are the flags of audit.
type auditFlags struct {
	server   serverFlags
	limit    int
	output   string
	follow   bool
	interval time.Duration
}

func auditCommand(c *console) *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show who did what at a rollout server",
		Long: `Shows who did what at a rollout server, what was refused too, oldest first. With
--follow it goes on with what is done from then on; -o json writes an object in a line
for each.` + exitsHelp(exitFine, exitInput, exitUnwritten, exitRefused, exitStopped),
		Example: "  hotswap audit --limit 20\n  hotswap audit --follow -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.output != "" && f.output != "json":
				return fmt.Errorf("--output: %q is not json", f.output)
			case f.limit < 1 || f.limit > mostAudits:
				return fmt.Errorf("--limit: %d is not in 1..%d", f.limit, mostAudits)
			}
			return f.server.run(cmd.Context(), func(api *client.Client) error { return f.show(cmd.Context(), c, api) })
		},
	}
	f.server.add(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.limit, "limit", 50, "at most so many of those that there are")
	flags.StringVarP(&f.output, "output", "o", "", "json; default: lines")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with what is done from now on")
	flags.DurationVar(&f.interval, "interval", 2*time.Second, "time between two looks of --follow")
	return cmd
}

// mostAudits is how many lines are read at a time.
const mostAudits = 500

// show prints the last lines, and those that follow.
func (f *auditFlags) show(ctx context.Context, c *console, api *client.Client) error {
	page, err := api.Audits(ctx, 0, f.limit)
	if err != nil {
		return err
	}
	last := int64(0)
	for failures := 0; ; {
		slices.Reverse(page.Items)
		for i := range page.Items {
			a := &page.Items[i]
			if a.ID <= last {
				continue
			}
			last = a.ID
			if err := f.line(c, a); err != nil {
				return err
			}
		}
		if !f.follow {
			return nil
		}
		if err := walker.Pause(ctx, f.interval); err != nil {
			return err
		}
		next, err := auditsAfter(ctx, api, last)
		if err != nil {
			if failures++; failures >= mostFailures || final(err) || ctx.Err() != nil {
				return errors.Join(ctx.Err(), err)
			}
			next = &contract.Audits{}
		} else {
			failures = 0
		}
		page = next
	}
}

// auditsAfter are all lines after one, newest first.
func auditsAfter(ctx context.Context, api *client.Client, last int64) (*contract.Audits, error) {
	all := &contract.Audits{}
	for below := int64(0); ; {
		page, err := api.Audits(ctx, below, mostAudits)
		if err != nil {
			return nil, err
		}
		all.Items = append(all.Items, page.Items...)
		if n := len(page.Items); n == 0 || page.Next == 0 || page.Items[n-1].ID <= last {
			return all, nil
		}
		below = page.Next
	}
}

// line prints who did what.
func (f *auditFlags) line(c *console, a *contract.Audit) error {
	if f.output == "json" {
		text, err := json.Marshal(a)
		if err == nil {
			_, err = fmt.Fprintf(c.out, "%s\n", text)
		}
		return err
	}
	text := a.Actor + "  " + a.Action
	for _, part := range []string{a.Rollout, a.Plugin, a.Environment} {
		if part != "" {
			text += " " + part
			break
		}
	}
	text = shown(text)
	if a.Reason != "" {
		text += ": " + shown(a.Reason)
	}
	if a.Refused != "" {
		text += c.paint.red("  refused: " + shown(a.Refused))
	}
	c.print("%s  %s\n", c.paint.faint(stamp(a.At)), text)
	return nil
}
