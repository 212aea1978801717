package simulator

import (
	"context"
	"errors"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

var errCrash = errors.New("crash")

// crash stops a runner in its tracks: at a call of the fleet or a write to the
// journal, before or after its effect.
type crash struct {
	at    int // the how-manieth call or write; 0: never
	after bool
	which func(what string) bool // which count; nil: all
	count int
}

func (c *crash) around(what string, do func()) {
	if c.which == nil || c.which(what) {
		c.count++
	}
	hit := c.at > 0 && c.count == c.at && (c.which == nil || c.which(what))
	if hit {
		c.at = 0
		if !c.after {
			panic(errCrash)
		}
	}
	do()
	if hit {
		panic(errCrash)
	}
}

type crashFleet struct {
	engine.Fleet
	m engine.Meter
	c *crash
}

func (f crashFleet) Make(ctx context.Context, o engine.Order) (err error) {
	f.c.around("make", func() { err = f.Fleet.Make(ctx, o) })
	return err
}

func (f crashFleet) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	f.c.around("look", func() { c, err = f.Fleet.Look(ctx, w) })
	return c, err
}

func (f crashFleet) Describe(ctx context.Context) (h engine.Head, err error) {
	f.c.around("describe", func() { h, err = f.Fleet.Describe(ctx) })
	return h, err
}

func (f crashFleet) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	f.c.around("measure", func() { a, err = f.m.Measure(ctx, q) })
	return a, err
}

type crashJournal struct {
	engine.Journal
	c *crash
}

func (j crashJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) (err error) {
	j.c.around("append", func() { err = j.Journal.Append(ctx, e, h) })
	return err
}

// survive drives the rollout to where it ends or waits, with a new runner after
// each crash.
func (r *run) survive() engine.State {
	r.t.Helper()
	for {
		if s, crashed := r.attempt(); !crashed {
			return s
		}
		r.resume()
	}
}

func (r *run) attempt() (s engine.State, crashed bool) {
	r.t.Helper()
	defer func() {
		switch e := recover(); {
		case e == nil:
		case e == any(errCrash):
			crashed = true
		default:
			panic(e)
		}
	}()
	return r.drive(), false
}
