package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// watched is a rollout that somebody watches.
type watched struct {
	world     *fleet.World
	journal   engine.Journal
	plan      *engine.Plan
	events    []engine.Event
	state     engine.State
	now       time.Time
	condition *engine.Condition // nil: it could not be seen
	unseen    error             // why
	lease     *contract.Lease   // nil: nobody walks it, or nobody says
}

// openWatched opens the journal of a rollout.
func openWatched(ctx context.Context, w *fleet.World, id string) (*watched, error) {
	j, err := w.Journals().Open(ctx, id)
	if errors.Is(err, engine.ErrNoJournal) {
		return nil, fmt.Errorf("there is no rollout %s", id)
	}
	if err != nil {
		return nil, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return &watched{world: w, journal: j, plan: plan, state: engine.NewState()}, nil
}

// look reads what is new.
func (w *watched) look(ctx context.Context) error {
	news, err := w.journal.Events(ctx, w.state.Seq-1)
	if err != nil {
		return err
	}
	for i := range news {
		if w.state, err = w.state.Apply(w.plan, news[i]); err != nil {
			return fmt.Errorf("journal of %s: %w", w.plan.Rollout, err)
		}
	}
	w.events = append(w.events, news...)
	w.condition = nil
	watch := w.watch()
	got, err := w.world.Look(ctx, watch)
	if w.unseen = err; err == nil {
		w.condition = &got
	}
	w.now = w.world.Time.Now()
	w.lease = nil
	if w.world.Folder() == "" && w.state.InFlight() {
		if r, err := w.world.API.Rollout(ctx, w.plan.Rollout); err == nil && r.Lease != nil && r.Lease.Until.After(w.now) {
			w.lease = r.Lease
		}
	}
	return nil
}

// watch are the instances that stages changed which have begun.
func (w *watched) watch() engine.Watch {
	to := 0
	for i := range w.plan.Stages[:min(max(w.state.Begun, w.state.Stage), len(w.plan.Stages))] {
		to = max(to, w.plan.Stages[i].Touched.To)
	}
	watch := engine.Watch{
		Rollout: w.plan.Rollout, Candidate: w.plan.Candidate, Instances: w.plan.Instances[:to], Targets: engine.Targets{Instances: w.plan.Instances, Tenants: w.plan.Tenants},
		Failures: w.plan.Guards.ConsecutiveHealthFailures, AnyVersion: w.plan.Restores != "",
	}
	if w.state.Begun > 0 {
		watch.Slot = w.plan.NewSlot
	}
	if at := w.world.Time.Now().Add(-w.plan.Guards.ErrorRateWindow); w.plan.Guards.ErrorRateWindow > 0 {
		watch.Since = at
	}
	return watch
}

// stage is where the rollout is, or where it turned round, from 1, and how many stages
// there are.
func (w *watched) stage() (at, of int, name string) {
	of = len(w.plan.Stages)
	at = min(w.state.Stage, of-1)
	if o := w.state.Outcome; o == engine.RolledBack || o == engine.Retained {
		for i := range w.events {
			if w.events[i].Kind == engine.Reverting {
				at = w.events[i].Stage
				break
			}
		}
	}
	return at + 1, of, w.plan.Stages[at].Name
}

// step says what the stage waits for.
func (w *watched) step() string {
	s, p := &w.state, w.plan
	stage := &p.Stages[min(s.Stage, len(p.Stages)-1)]
	switch {
	case s.Phase == engine.PhaseHeld:
		if ends := engine.HoldEnds(p, s); !ends.IsZero() {
			return "waits for a decision, " + left(w.now, ends)
		}
		return "waits for a decision"
	case s.Phase == engine.PhasePaused:
		return "paused"
	case s.Phase == engine.PhaseRollingBack:
		return "rolling back"
	case s.Step == engine.StepSettle:
		return "waits until it is ready, " + left(w.now, s.StageBegan.Add(stage.Settle))
	case s.Step == engine.StepBake && !s.BlindSince.IsZero():
		return "no samples since " + s.BlindSince.UTC().Format(time.TimeOnly)
	case s.Step == engine.StepBake:
		return "is watched, " + left(w.now, s.BakeEnds)
	case s.InFlight():
		return "makes its changes"
	}
	return ""
}

// waits says that the rollout waits for a person, and where; "": it does not.
func (w *watched) waits() string {
	if w.state.Phase != engine.PhaseHeld && w.state.Phase != engine.PhasePaused {
		return ""
	}
	_, _, name := w.stage()
	return fmt.Sprintf("%s at %s, walked by %s: %s", w.state.Phase, name, w.attended(), w.step())
}

// left is how much time there is until a moment.
func left(now, until time.Time) string {
	if d := until.Sub(now); d > 0 {
		return engine.Spoken(d.Round(time.Second)) + " left"
	}
	return "no time left"
}

// attended says who walks the rollout.
func (w *watched) attended() string {
	switch {
	case !w.state.InFlight():
		return ""
	case w.lease != nil:
		return w.lease.Holder
	case w.world.Folder() != "":
		return "not known"
	}
	return "nobody"
}
