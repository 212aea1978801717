package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// watchFlags are the flags of rollout watch.
type watchFlags struct {
	where    whereFlags
	interval time.Duration
	once     bool
	json     bool
}

func watchCommand(c *console) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch [ROLLOUT]",
		Short: "Watch a rollout until it ends",
		Long: `Watches a rollout, the one that began last unless another is named, until it ends:
which stage it is at and how long still, whom the new version reaches, how its
instances are, what each check has measured against its bound and about how many more
requests it needs, who walks it. It reads, and changes nothing: whoever walks the
rollout goes on unaware of it. A rollout that waits for a person is waited for; --once
does not wait.

On a terminal it is a view that is drawn anew; elsewhere a line for each event, and one
for the fleet's condition where that changed.` +
			exitsHelp(exitFine, exitInput, exitUnwritten, exitRolledBack, exitRetained, exitHeld, exitStuck, exitStopped),
		Example: `  hotswap rollout watch
  hotswap rollout watch stripe-production-7 --context prod
  hotswap rollout watch --endpoint https://fleet.example.com --environment Production --plugin stripe --once`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeRolloutArg(&f.where),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.interval < 100*time.Millisecond {
				return fmt.Errorf("--interval: %s is not at least 100ms", f.interval)
			}
			return f.where.run(cmd.Context(), func(ctx context.Context, p site) error { return f.watch(ctx, c, p, args) })
		},
	}
	f.where.add(cmd)
	cmd.Flags().DurationVar(&f.interval, "interval", 2*time.Second, "time between two looks")
	cmd.Flags().BoolVar(&f.once, "once", false, "look once, and do not wait for the end")
	cmd.Flags().BoolVar(&f.json, "json", false, "write a JSON object in a line for each look that shows something new")
	return cmd
}

// watch watches the rollout that is named, or the last one.
func (f *watchFlags) watch(ctx context.Context, c *console, p site, args []string) error {
	w := &watch{place: p, interval: f.interval, once: f.once, glimpse: true, raw: f.json, to: f.screen(c, p)}
	if len(args) == 1 {
		w.id = args[0]
	} else {
		last, err := f.last(ctx, p)
		if err != nil {
			return err
		}
		w.id = last
	}
	d, err := w.follow(ctx)
	if err != nil {
		return err
	}
	return ended(&d.Rollout)
}

// last is the rollout that began last.
func (f *watchFlags) last(ctx context.Context, p site) (string, error) {
	q := &query{plugin: f.where.world.plugin, limit: 1}
	if f.where.world.environment != "" {
		q.environments = []string{f.where.world.environment}
	}
	last, _, err := p.List(ctx, q)
	if err == nil && len(last) == 0 {
		err = errors.New("there was no such rollout yet")
	}
	if err != nil {
		return "", err
	}
	return last[0].ID, nil
}

// screen is where a rollout that is watched is shown. d is nil where it was never seen, events
// are those that are new, err says why it cannot be seen now.
type screen interface {
	show(d *contract.Detail, events []engine.Event, err error)
}

func (f *watchFlags) screen(c *console, p site) screen {
	switch {
	case f.json:
		return &jsonScreen{c: c}
	case c.drawn:
		return &liveScreen{canvas{c: c}, p}
	}
	return &plainScreen{c: c, place: p}
}

// watch is a rollout that somebody watches.
type watch struct {
	place    site
	id       string
	interval time.Duration
	once     bool
	person   bool // one that waits for a person is not waited for
	glimpse  bool // fleet and traffic are looked at too
	raw      bool // the screen wants events
	to       screen

	read int64 // events
}

// mostFailures is how many looks in a row may fail before the watch gives up.
const mostFailures = 30

// follow looks until the rollout ends. Whoever is away for a while is waited for.
func (w *watch) follow(ctx context.Context) (*contract.Detail, error) {
	var last *contract.Detail
	for failures := 0; ; {
		d, events, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return last, ctx.Err()
		case err == nil:
			failures, last = 0, d
		default:
			if failures++; failures >= mostFailures || w.once || final(err) {
				return last, err
			}
		}
		w.to.show(last, events, err)
		if err == nil && (w.once || w.over(d)) {
			return d, nil
		}
		if err := w.wait(ctx, last, err); err != nil {
			return last, err
		}
	}
}

// look is how the rollout is, and what is new.
func (w *watch) look(ctx context.Context) (*contract.Detail, []engine.Event, error) {
	d, err := w.place.Show(ctx, w.id, w.glimpse)
	if err != nil || !w.raw {
		return d, nil, err
	}
	events, err := w.place.Events(ctx, w.id, w.read-1, 0)
	w.read += int64(len(events))
	return d, events, err
}

// over says whether there is nothing to wait for any more.
func (w *watch) over(d *contract.Detail) bool {
	return d.Outcome != "" || w.person && (d.Phase == string(engine.PhaseHeld) || d.Phase == string(engine.PhasePaused))
}

// wait waits for the next event, or the next look.
func (w *watch) wait(ctx context.Context, last *contract.Detail, failed error) error {
	if failed == nil {
		if _, err := w.place.Events(ctx, w.id, last.Generation-1, w.interval); err == nil && w.interval >= time.Second {
			return ctx.Err()
		}
	}
	return walker.Pause(ctx, w.interval)
}

// final says whether an error stays, however often one looks.
func final(err error) bool {
	var f *connect.Fault
	if errors.As(err, &f) {
		switch f.Kind {
		case connect.Login, connect.Forbidden, connect.NoSecret, connect.Untrusted:
			return true
		}
		return false
	}
	return errors.Is(err, engine.ErrNoJournal)
}

// finish follows a rollout that was begun or spoken to here, with a line for each event from a
// number on: until it ends, or waits for a person.
func (c *console) finish(ctx context.Context, p site, id string, from int64) error {
	to := &plainScreen{c: c, place: p, next: from}
	var last *contract.Detail
	var err error
	if p.Attended() {
		last, err = (&watch{place: p, id: id, interval: 2 * time.Second, person: true, to: to}).follow(ctx)
	} else {
		err = p.Walk(ctx, id, func(d *contract.Detail) {
			last = d
			to.show(d, nil, nil)
		})
	}
	switch {
	case errors.Is(err, context.Canceled) && p.Attended():
		return &interrupted{fmt.Sprintf("the server goes on with %s: hotswap rollout watch %s%s", shown(id), shellWord(shown(id)), p.Flags())}
	case errors.Is(err, context.Canceled):
		return &interrupted{fmt.Sprintf("nobody watches %s any more: hotswap rollout start FILE --wait goes on with it", shown(id))}
	case err != nil:
		return err
	}
	return ended(&last.Rollout)
}
