package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// chapter is a part of the story. It says what did not go as told.
type chapter struct {
	title string
	play  func(d *demo, ctx context.Context) error
}

// chapters are the story that --script plays.
var chapters = []chapter{
	{"a good version goes through", func(d *demo, ctx context.Context) error {
		return d.act(ctx, act{version: "1.6.0", strategy: engine.Canary, outcome: engine.Succeeded})
	}},
	{"a bad one is caught while a tenth of the tenants have it, and walked back", func(d *demo, ctx context.Context) error {
		return d.act(ctx, act{version: "1.7.0", strategy: engine.Canary, outcome: engine.RolledBack, tenants: d.o.Tenants/10 + 1})
	}},
	{"one that fails a single tenant is caught too: no average hides it", func(d *demo, ctx context.Context) error {
		return d.act(ctx, act{version: "2.1.0", strategy: engine.Canary, outcome: engine.RolledBack, alone: "tenant-007"})
	}},
	{"the server is killed in the middle of a rollout, and goes on where it was", (*demo).killed},
	{"an instance is killed under load: only what it had in hand is lost", (*demo).instanceKilled},
	{"a version that does not start never gets a request", func(d *demo, ctx context.Context) error {
		return d.act(ctx, act{version: "2.0.0", strategy: engine.Canary, outcome: engine.RolledBack, none: true})
	}},
}

// story plays all of it. What does not go as told does not keep the rest from being played.
func (d *demo) story(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	var wrong []error
	for i, c := range chapters {
		d.tell("")
		d.tell("%d. %s", i+1, c.title)
		if err := c.play(d, ctx); err != nil {
			d.tell("   ✗ %v", err)
			wrong = append(wrong, fmt.Errorf("chapter %d, %s: %w", i+1, c.title, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	sent, failed, lost := d.board.totals()
	d.tell("")
	d.tell("%d requests were sent, %d failed:", sent, failed)
	for _, line := range reckoned(failed, lost, d.onRollouts) {
		d.tell("   %s", line)
	}
	return errors.Join(wrong...)
}

// reckoned says what all failed requests are made of.
func reckoned(failed, lost, onRollouts int64) []string {
	return []string{
		fmt.Sprintf("%6d on a version while it was rolled out: the sum of the chapters", onRollouts),
		fmt.Sprintf("%6d lost by what was killed", lost),
		fmt.Sprintf("%6d on the versions that ran before, beside and between the rollouts: good ones fail one of 200, as they were built to", failed-lost-onRollouts),
	}
}

// settle waits until clients are served, and for a minute's worth of what is usual.
func (d *demo) settle(ctx context.Context) error {
	const usual = 20 * time.Second
	d.tell("for %s everything is as usual: that is all that rollouts will know of the time before them", usual)
	if err := wait(ctx, usual); err != nil {
		return err
	}
	sent, failed, lost := d.board.totals()
	if float64(sent) < 0.5*d.o.Rate*usual.Seconds() || lost > 0 {
		return fmt.Errorf("before anything began, %d requests were sent, %d failed and %d were lost", sent, failed, lost)
	}
	d.tell("%d requests, %d failed, as %s does by itself", sent, failed, installed)
	return nil
}

// ended waits until a rollout has.
func (d *demo) ended(ctx context.Context, id string) (*shown, error) {
	const most = 4 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		if r, any := d.board.current(); any && r.ID == id {
			switch {
			case r.Outcome != "" && r.final:
				return &r, nil
			case r.Phase == string(engine.PhaseHeld):
				return nil, fmt.Errorf("%s waits for a person: %s", id, short(r.Story))
			}
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return nil, fmt.Errorf("%s has not ended within %s", id, most)
		}
	}
}

// killed kills the server while a rollout bakes.
func (d *demo) killed(ctx context.Context) error {
	return d.act(ctx, act{version: installed, strategy: engine.Rolling, outcome: engine.Succeeded, during: func(ctx context.Context) error {
		if err := wait(ctx, 8*time.Second); err != nil {
			return err
		}
		_, _, before := d.board.totals()
		if err := d.stack.Server.Kill(); err != nil {
			return err
		}
		d.tell("   kill -9 of the server; it is started again after %s", d.stack.Server.Pause)
		if err := wait(ctx, d.stack.Server.Pause+2*time.Second); err != nil {
			return err
		}
		if err := d.stack.Server.Wait(ctx); err != nil {
			return err
		}
		if _, _, after := d.board.totals(); after > before {
			return fmt.Errorf("%d requests were lost while it was away; since the beginning, by why: %v", after-before, d.board.why())
		}
		d.tell("   ✓ it is back, and no request was lost meanwhile")
		return nil
	}})
}

// instanceKilled kills an instance while nothing is rolled out.
func (d *demo) instanceKilled(ctx context.Context) error {
	_, _, before := d.board.totals()
	who, err := d.stack.Kill(ctx, "instance")
	if err != nil {
		return err
	}
	d.tell("   kill -9 of %s", who)
	if err := wait(ctx, 6*time.Second); err != nil {
		return err
	}
	sent, _, after := d.board.totals()
	lost := after - before
	// What it had in hand: its share of what is under way, some tens of milliseconds of it.
	if most := int64(2 + d.o.Rate/float64(d.o.Instances)); lost > most {
		return fmt.Errorf("%d requests were lost, more than the %d that it is sent in a second", lost, most)
	}
	d.tell("   ✓ %d requests were lost, of %d so far", lost, sent)
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
