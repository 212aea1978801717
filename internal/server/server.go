package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Server runs rollouts.
type Server struct {
	Options
	schedule *schedule
	kept     kept
	glimpses glimpses
}

// New is a server that walks nothing yet.
func New(o Options) *Server {
	o = o.usual()
	return &Server{Options: o, schedule: newSchedule(&o), kept: kept{most: o.Runners}, glimpses: newGlimpses(o.Now)}
}

// How long others wait for a server that says nothing, and how often it says that it is there.
const (
	leasedFor  = 45 * time.Second
	leaseEvery = 10 * time.Second
)

// Run walks all rollouts that are the store's to walk until ctx is done. What is under way
// then is stepped to its end.
func (s *Server) Run(ctx context.Context) error {
	since, err := s.takeUp(ctx, 0)
	if err != nil {
		return fmt.Errorf("the rollouts in flight cannot be read: %w", err)
	}
	var all sync.WaitGroup
	for range s.Workers {
		all.Go(func() { s.work(ctx) })
	}
	all.Go(func() { s.follow(ctx, since) })
	all.Go(func() { s.beat(ctx) })
	all.Wait()
	return nil
}

// takeUp schedules the rollouts in flight that changed since, and returns until when it knows
// what changed.
func (s *Server) takeUp(ctx context.Context, since int64) (int64, error) {
	var found []store.Rollout
	var err error
	if since == 0 {
		found, err = s.Store.Walked(ctx)
	} else {
		found, err = s.Store.Find(ctx, store.Query{Since: since, Limit: mostChanged})
	}
	if err == nil && since > 0 && len(found) == mostChanged { // there are more, of which nobody knows
		if since, err = s.Store.LastChange(ctx); err == nil {
			found, err = s.Store.Walked(ctx)
		}
	}
	if err != nil {
		return since, err
	}
	for i := range found {
		r := &found[i]
		since = max(since, r.Change)
		if r.Walked && r.Outcome == "" {
			s.schedule.add(r.Rollout, r.Environment, r.Plugin)
		}
		s.schedule.poke(r.Rollout, r.Events)
	}
	return since, nil
}

// mostChanged is how many changes are read at a time.
const mostChanged = 1000

// follow takes up what other servers on the store start, and what is said there to rollouts
// that are walked here.
func (s *Server) follow(ctx context.Context, since int64) {
	for ctx.Err() == nil {
		err := s.Store.Changed(ctx, "", since)
		if err == nil {
			since, err = s.takeUp(ctx, since)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("what changed in the store cannot be read", "error", err)
			_ = s.Wait(ctx, time.Second)
		}
	}
}

// beat says over and over that this server is there.
func (s *Server) beat(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.Store.Renew(ctx, s.Holder, s.Now().Add(leasedFor)); err != nil && ctx.Err() == nil {
			s.Log.Warn("the store does not hear that this server is there", "error", err)
		}
		_ = s.Wait(ctx, leaseEvery)
	}
}

// work steps what is due, until ctx is done.
func (s *Server) work(ctx context.Context) {
	for {
		e := s.schedule.give(ctx)
		if e == nil {
			return
		}
		s.step(ctx, e)
	}
}

// step steps a rollout and puts it back. One that panics is nobody else's fault.
func (s *Server) step(ctx context.Context, e *entry) {
	s.kept.take(e)
	due, over := s.now(), false
	events := e.events
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("a rollout panicked", "rollout", e.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			due, over = s.hinder(e, fmt.Errorf("the server has a fault: %v", p), minPanic), false
			events = -1
		}
		if over {
			e.walk, e.world = nil, nil
			s.schedule.drop(e)
			return
		}
		if e.walk != nil {
			s.kept.keep(e)
		}
		s.schedule.back(e, due, events)
	}()
	stepping, told := s.Watch.Step(ctx, e.head(), s.Now().Sub(e.due))
	var err error
	due, over, err = s.advance(stepping, e)
	if e.walk != nil {
		events = e.walk.Runner().State().Seq
	}
	told(e.head(), s.Now().Add(leasedFor), err)
}

// head is what is known of a rollout without its journal, or with it.
func (e *entry) head() engine.RolloutHead {
	h := engine.RolloutHead{Rollout: e.id, Environment: e.environment, Plugin: e.plugin}
	if e.walk != nil {
		s := e.walk.Runner().State()
		h.Phase, h.Outcome, h.Stage, h.Events = s.Phase, s.Outcome, s.StageName(e.walk.Runner().Plan()), s.Seq
	}
	return h
}

// now is this machine's time.
func (s *Server) now() time.Time { return s.Now() }

// Waits before a rollout is tried again that could not be walked.
const (
	minHinder = time.Second
	minPanic  = time.Minute
	maxHinder = 5 * time.Minute
)

// hinder notes why e could not be walked, lets go of its runner, and says when to try again:
// later each time.
func (s *Server) hinder(e *entry, err error, least time.Duration) time.Time {
	e.walk, e.world = nil, nil
	tries := s.schedule.troubled(e, err.Error())
	pause := min(maxHinder, least<<min(tries-1, 10))
	if s.Jitter != nil {
		pause = s.Jitter(pause)
	}
	return s.Now().Add(max(pause, minHinder/2))
}
