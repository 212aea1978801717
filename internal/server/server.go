package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
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
	renewed  atomic.Int64 // when the leases of this server were renewed last, in nanoseconds since 1970
}

// New is a server that walks nothing yet.
func New(o Options) *Server {
	o = o.usual()
	return &Server{Options: o, schedule: newSchedule(&o), kept: kept{most: o.Targets}, glimpses: newGlimpses(o.Now)}
}

// Run walks all rollouts that are the store's to walk until ctx is done. What is under way
// then is stepped to its end.
func (s *Server) Run(ctx context.Context) error {
	since := int64(0)
	err := s.renew(ctx) // the leases that it had before it was restarted
	if err == nil {
		since, err = s.takeUp(ctx, 0)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the rollouts in flight cannot be taken up: %w", err)
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
			s.schedule.add(r.Rollout, r.Environment, r.Plugin, r.Holder == s.Holder)
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

// beatsPerLease is how often in the length of a lease a server says that it is there.
const beatsPerLease = 4

// farOff is by how much the clock on the wall may go another way than time passes before it is
// taken for a sleep of the machine, or for somebody who set it.
const farOff = 5 * time.Second

// beat says over and over that this server is there. After a sleep of the machine it has all
// rollouts looked at: what they wait for may be over.
func (s *Server) beat(ctx context.Context) {
	ahead := s.Wall().Sub(s.Now())
	for ctx.Err() == nil {
		if now := s.Wall().Sub(s.Now()); (now - ahead).Abs() > farOff {
			s.Log.Warn("the clock jumped: all rollouts are looked at", "by", now-ahead)
			ahead = now
			s.schedule.pokeAll()
		}
		if err := s.renew(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("the store does not hear that this server is there", "error", err)
		}
		_ = s.Wait(ctx, s.Lease/beatsPerLease)
	}
}

// renew says that this server is there.
func (s *Server) renew(ctx context.Context) error {
	now := s.Now()
	err := s.Store.Renew(ctx, s.Holder, now.Add(s.Lease))
	if err == nil {
		s.renewed.Store(now.UnixNano())
	}
	return err
}

// holds says whether the lease of a rollout is still this server's: it was, and the server has
// said often enough that it is there.
func (s *Server) holds(e *entry) bool {
	return e.mine && s.Now().Sub(time.Unix(0, s.renewed.Load())) < s.Lease-s.Lease/beatsPerLease
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
			s.schedule.drop(e, events)
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
	told(e.head(), s.Now().Add(s.Lease), err)
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

// Walking is how many rollouts in flight this server has stepped since it runs.
func (s *Server) Walking() int { return s.schedule.stepped() }

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
	e.walk, e.world, e.mine = nil, nil, false
	tries := s.schedule.troubled(e, err.Error())
	pause := min(maxHinder, least<<min(tries-1, 10))
	if s.Jitter != nil {
		pause = s.Jitter(pause)
	}
	return s.Now().Add(max(pause, minHinder/2))
}
