package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Options say what else a run does. The zero value does what a campaign needs.
type Options struct {
	// Record keeps what a picture of the run needs: see [Result.Frames] and
	// [Result.Looks].
	Record bool
	// Reload saves the world and loads it again at each signal and each crash: nothing
	// may come of it.
	Reload bool
	// Queue is the world's event queue; empty: the usual one. Nothing may come of it.
	Queue kernel.Kind
	// Meter, where it is set, measures instead of the world, as something beside a fleet does.
	Meter func(*simulator.World) engine.Meter
	// Fleet, where it is set, is between the engine and the world: what it is given is the world
	// as the engine sees it otherwise. A way that takes time is one.
	Fleet func(*simulator.World, engine.Fleet) engine.Fleet
	// Before, where it is set, changes what is known of the fleet before the rollout: who counts may
	// know less of the tenants' day before than the world does, or something else.
	Before func(*engine.Snapshot)
	// Judge, where it is set, judges instead of the one that the deployment names.
	Judge engine.Judge
}

// rollout is a run while it goes on.
type rollout struct {
	s       *Scenario
	opt     Options
	world   *simulator.World
	plan    engine.Plan
	watcher *watch.Watcher
	journal engine.Journal
	runner  *engine.Runner
	struck  []bool // which faults have, in worlds that were loaded again since
	fired   map[string]bool
	calls   int         // to the fleet and the journal so far, by all runners
	spoken  []int       // how often each signal was given
	heard   []time.Time // when it was last
	taken   []bool      // whether it ever was
	// interrupt, where it is set, is called at the runner's next call to the fleet or the
	// journal, before it: somebody else speaks.
	interrupt func()
	start     time.Time
	res       *Result
}

// Run plays s once, with a seed, in memory. The error is of ctx, or of the
// simulator; a rollout that ends badly, or breaks a promise, is a [Result].
func Run(ctx context.Context, s *Scenario, seed int64, opt Options) (*Result, error) {
	r := &rollout{s: s, opt: opt, spoken: make([]int, len(s.Signals)), heard: make([]time.Time, len(s.Signals)), taken: make([]bool, len(s.Signals)), res: &Result{Scenario: s, Seed: seed}}
	w, err := simulator.NewWorld(s.Config(seed), s.Deployment.Environment, s.Deployment.PluginID)
	if err != nil {
		return nil, err
	}
	r.world, r.start = w, w.Now()
	if err := r.queue(); err != nil {
		return nil, err
	}
	if refused, err := r.begin(ctx); err != nil || refused {
		return r.res, err
	}
	if err := r.walk(ctx); err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	r.finish()
	return r.res, nil
}

// queue gives the world the queue that was asked for, which no save remembers.
func (r *rollout) queue() error {
	if r.opt.Queue == "" {
		return nil
	}
	return r.world.UseQueue(r.opt.Queue)
}

// begin compiles the plan and opens its journal.
func (r *rollout) begin(ctx context.Context) (refused bool, err error) {
	before, err := engine.ReadSnapshot(ctx, r.world)
	if r.opt.Before != nil && err == nil {
		r.opt.Before(&before)
	}
	if before.Spent = true; err == nil { // who looks at it later asks for no order
		r.plan, err = engine.Compile(rolloutID(r.world, r.res.Seed), r.s.Deployment, before)
	}
	var problems engine.Problems
	if errors.Is(err, simulator.ErrNoFleet) || errors.As(err, &problems) {
		r.res.Ending, r.res.Reason = Refused, err.Error()
		r.strikes()
		r.res.Parts = r.parts()
		return true, nil
	}
	if err != nil {
		return false, err
	}
	r.watcher = watch.New(r.world.Watchable(), &r.plan, before)
	if r.journal, err = engine.NewMemoryJournals().Begin(ctx, r.plan); err != nil {
		return false, err
	}
	r.res.Plan = &r.plan
	r.frame(before)
	return false, r.resume(ctx)
}

// resume gives the rollout a new runner, as a new process would.
func (r *rollout) resume(ctx context.Context) (err error) {
	fleet, journal := r.watcher.Fleet(r.world), r.watcher.Journal(r.journal)
	if r.opt.Fleet != nil {
		fleet = r.opt.Fleet(r.world, fleet)
	}
	var meter engine.Meter = r.world
	if r.opt.Meter != nil {
		meter = r.opt.Meter(r.world)
	}
	if r.s.disturbed() {
		fleet, meter, journal = mortalFleet{fleet, r}, mortalMeter{meter, r}, mortalJournal{journal, r}
	}
	r.runner, err = engine.NewRunner(ctx, engine.Ports{Fleet: fleet, Meter: meter, Journal: journal, Judge: r.judge(), Now: func() time.Time { return r.world.Now() }})
	return err
}

// judge is who judges.
func (r *rollout) judge() engine.Judge {
	var judge engine.Judge = engine.JudgeByMode{}
	if r.opt.Judge != nil {
		judge = r.opt.Judge
	}
	if r.opt.Record {
		judge = recorder{judge, r}
	}
	return judge
}

// limit is when every rollout has ended: promise 6.
func (r *rollout) limit() time.Time {
	return r.world.Now().Add(2*engine.Longest(&r.plan) + time.Hour)
}

// walk drives the rollout, and lets people speak, until nothing more happens.
func (r *rollout) walk(ctx context.Context) error {
	for {
		at, i := r.next()
		if i < 0 {
			if err := r.walkAlone(ctx); err != nil || r.res.Endless {
				return err
			}
			if _, i = r.next(); i < 0 {
				return nil
			}
			continue // there is somebody to speak after all
		}
		if at.After(r.world.Now()) {
			if err := r.walkUntil(ctx, at); err != nil {
				return err
			}
			if again, j := r.next(); j != i || again != at {
				continue // somebody speaks earlier than was thought, or nobody does
			}
			if r.world.Now().Before(at) {
				r.world.RunUntil(at)
			}
		}
		if err := r.speak(ctx, i); err != nil {
			return err
		}
	}
}

// walkAlone drives the rollout while nobody is going to speak.
func (r *rollout) walkAlone(ctx context.Context) error {
	err := r.drive(ctx, r.limit(), false)
	r.look()
	if r.res.Endless = errors.Is(err, walker.ErrDeadline); r.res.Endless {
		return nil
	}
	return err
}

// walkUntil drives the rollout until somebody speaks.
func (r *rollout) walkUntil(ctx context.Context, at time.Time) error {
	err := r.drive(ctx, at, true)
	r.look()
	if errors.Is(err, walker.ErrDeadline) {
		return nil
	}
	return err
}

// drive walks the rollout until it stops, or until the deadline. Where somebody
// will speak, it goes on while the rollout waits.
func (r *rollout) drive(ctx context.Context, deadline time.Time, awaited bool) error {
	stopped := r.runner.Phase()
	opt := walker.Options{Deadline: deadline, Held: awaited, Step: func(time.Time) bool {
		r.look()
		phase := r.runner.Phase()
		// A person who waits for this phase has to be asked for.
		return phase != stopped && len(r.s.Signals) > 0 && slices.Contains(waiting, phase)
	}}
	for {
		crashed, err := r.mortal(func() error { return r.world.Drive(ctx, r.runner, opt) })
		if !crashed {
			return err
		}
		if err := r.revive(ctx); err != nil {
			return err
		}
	}
}

// look is called after each step of the runner.
func (r *rollout) look() {
	if p := r.runner.Phase(); slices.Contains(waiting, p) {
		if r.res.Waited == nil {
			r.res.Waited = map[engine.Phase]bool{}
		}
		r.res.Waited[p] = true
	}
	if r.opt.Record {
		r.frame(r.world.Snapshot())
	}
}

// finish works out what came of it.
func (r *rollout) finish() {
	res, state := r.res, r.runner.State()
	r.watcher.Holds(state)
	res.Violations = r.watcher.End()
	if res.Endless {
		res.Violations = append(res.Violations, watch.Violation{
			Promise: 6, At: r.world.Now().Sub(simulator.Epoch()), What: "the rollout neither ends nor waits for a person",
		})
	}
	res.Events = r.runner.Events()
	res.Trace = r.watcher.Trace()
	r.strikes()
	res.Parts, res.Fired = r.parts(), slices.Sorted(maps.Keys(r.fired))
	res.Ending, res.Reason = Ending(state.Phase), state.Reason
	if summary, err := engine.Summarize(&r.plan, res.Events); err == nil {
		res.Summary = summary
	}
	if res.Reason == "" {
		res.Reason = state.Turned
	}
	until := r.world.Now()
	if !state.InFlight() && len(res.Events) > 0 {
		until = res.Events[len(res.Events)-1].At
	}
	res.Requests, res.FailedRequests = r.world.Served(r.plan.Candidate, r.start, until)
	res.detect(r.start)
}
