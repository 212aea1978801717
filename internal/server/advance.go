package server

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// worldClock is the time of a world. Nobody sleeps in it: the schedule waits.
type worldClock struct{ World }

// Sleep implements walker.Clock.
func (worldClock) Sleep(context.Context, time.Time) error {
	return errors.New("a server waits elsewhere")
}

// advance does what can be done for a rollout now, and says when it is due again on this
// machine's clock; zero: when somebody says something. over: it has ended. err is why it
// could not be walked.
func (s *Server) advance(ctx context.Context, e *entry) (due time.Time, over bool, err error) {
	if e.walk == nil {
		if err := s.open(ctx, e); err != nil {
			return s.unopened(ctx, e, err)
		}
	}
	wake, done, err := e.walk.Step(ctx)
	if ctx.Err() != nil {
		return s.Now(), false, nil //nolint:nilerr // the server ends, which is nobody's error
	}
	switch {
	case err != nil:
		s.Log.Warn("a rollout cannot be walked", "rollout", e.id, "error", err)
		return s.hinder(e, err, minHinder), false, err
	case done && !e.walk.Runner().State().InFlight():
		s.schedule.troubled(e, "")
		s.leave(ctx, e)
		return time.Time{}, true, nil
	}
	since, failing := e.walk.Failing()
	if failing != nil {
		s.schedule.troubled(e, failing.Error())
		s.Log.Warn("a step of a rollout failed", "rollout", e.id, "since", since, "error", failing)
	} else {
		s.schedule.troubled(e, "")
	}
	if done {
		return time.Time{}, false, failing
	}
	if err := s.attend(ctx, e, wake); err != nil {
		return s.waits(e, err), false, err
	}
	return s.moment(e, wake), false, failing
}

// unopened is advance of a rollout that could not be opened.
func (s *Server) unopened(ctx context.Context, e *entry, err error) (due time.Time, over bool, _ error) {
	switch {
	case ctx.Err() != nil:
		return s.Now(), false, nil //nolint:nilerr // the server ends, which is nobody's error
	case errors.Is(err, engine.ErrNoJournal):
		s.Log.Warn("a rollout is gone from the store", "rollout", e.id)
		return time.Time{}, true, err
	default:
		return s.waits(e, err), false, err
	}
}

// waits is when to try again where somebody else walks a rollout, or it cannot be walked.
func (s *Server) waits(e *entry, err error) time.Time {
	var leased *store.LeasedError
	if !errors.As(err, &leased) {
		s.Log.Warn("a rollout cannot be walked", "rollout", e.id, "error", err)
		return s.hinder(e, err, minHinder)
	}
	s.schedule.troubled(e, err.Error())
	e.walk, e.world, e.mine = nil, nil, false
	return s.Now().Add(s.Lease / beatsPerLease)
}

// open takes a rollout's lease and reads its journal.
func (s *Server) open(ctx context.Context, e *entry) error {
	if now := s.Now(); !s.holds(e) {
		if err := s.Store.Lease(ctx, e.id, s.Holder, now, now.Add(s.Lease)); err != nil {
			return err
		}
		e.mine = true
	}
	world, err := s.Worlds.World(e.environment, e.plugin)
	if err != nil {
		return err
	}
	ports, err := s.ports(ctx, world, e.id)
	if err != nil {
		return err
	}
	runner, err := engine.NewRunner(ctx, ports)
	if err != nil {
		return err
	}
	e.world = world
	e.attends = walker.Attendance{Tell: func(ctx context.Context, until time.Time) error { return world.Attend(ctx, e.id, s.Holder, until) }}
	e.walk = walker.New(runner, worldClock{world}, walker.Options{Held: true, Budget: math.MaxInt64, Jitter: s.Jitter})
	return nil
}

// ports are what a rollout is walked with, and spoken to.
func (s *Server) ports(ctx context.Context, world World, id string) (engine.Ports, error) {
	j, err := s.Journals(world).Open(ctx, id)
	return engine.Ports{
		Fleet: world, Meter: world, Journal: &heard{j, s.Watch}, Judge: engine.JudgeByMode{}, Now: world.Now, Writer: s.Writer(),
	}, err
}

// Journals are those of a world: the fleet's, with their copies in the store, or the store's.
func (s *Server) Journals(w World) engine.Journals {
	if own := w.Journals(); own != nil {
		return &mirrored{own, s.Store, s.Log}
	}
	return s.Store
}

// attend tells the fleet that the rollout is walked from here, until after the next step.
// Where it does not hear that, the rollout is walked all the same: the lease is a courtesy.
func (s *Server) attend(ctx context.Context, e *entry, wake time.Time) error {
	if e.world.Journals() == nil {
		return nil
	}
	err := e.attends.Renew(ctx, e.world.Now(), wake)
	if leased := new(store.LeasedError); errors.As(err, &leased) {
		return leased
	}
	return nil
}

// leave says that a rollout is not walked any more. Where that cannot be said, leases pass.
func (s *Server) leave(ctx context.Context, e *entry) {
	if e.world.Journals() != nil {
		e.world.Leave(ctx, e.id, s.Holder)
	}
	_ = s.Store.Release(ctx, e.id, s.Holder)
}

// slack is how much later than it wants to a rollout may be stepped: a twentieth of its wait,
// and at most a second.
const (
	slackShare  = 20
	longestWait = time.Second
)

// moment is when a rollout that wants to go on at wake, on its fleet's clock, is due on this
// machine's. Wakes that are close together are moved to the same moment, so that a fleet is
// asked in bursts.
func (s *Server) moment(e *entry, wake time.Time) time.Time {
	now := s.Now()
	pause := wake.Sub(e.world.Now())
	if pause <= 0 {
		return now
	}
	grid := min(longestWait, pause/slackShare).Truncate(10 * time.Millisecond)
	due := now.Add(pause)
	if grid <= 0 {
		return due
	}
	if rest := due.Sub(due.Truncate(grid)); rest > 0 {
		due = due.Add(grid - rest)
	}
	return due
}

// heard is a journal of whose events somebody hears.
type heard struct {
	engine.Journal
	watch Watcher
}

// Append implements engine.Journal.
func (j *heard) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	err := j.Journal.Append(ctx, e, h)
	if err == nil {
		if plan, unread := j.Plan(ctx); unread == nil {
			j.watch.Wrote(plan, h, &e)
		}
	}
	return err
}
