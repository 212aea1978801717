package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// sight is what there is to see of a world at one moment.
type sight struct {
	head     engine.Head
	snapshot engine.Snapshot // where it was read whole
	now      time.Time
	next     string           // id that the next rollout will have
	rollout  *telling.Rollout // the one that began last; nil: there was none
	journals engine.Journals
	claims   ownership
	meter    engine.Meter
	alone    bool // the rollout goes on while no operation goes along
}

// look reads what a world is as a whole, without changing it: all that a refresh needs.
func look(ctx context.Context, conn *connection, e engine.Environment, plugin string) (sight, error) {
	v, err := conn.worlds.peek(ctx, e, plugin)
	if err != nil {
		return sight{}, err
	}
	s, err := seen(ctx, v, nil)
	if err == nil {
		err = s.latest(ctx, v, e, plugin)
	}
	return s, err
}

// latest finds the rollout that began last, and how it goes on.
func (s *sight) latest(ctx context.Context, v view, e engine.Environment, plugin string) (err error) {
	s.rollout, err = latestRollout(ctx, s.journals, e, plugin)
	s.alone = s.rollout != nil && goesOnAlone(v, s.rollout.Plan.Rollout)
	return err
}

// lookAtAll is look with every instance and tenant, which plans are made of.
func lookAtAll(ctx context.Context, conn *connection, e engine.Environment, plugin string) (sight, error) {
	v, err := conn.worlds.peek(ctx, e, plugin)
	if err != nil {
		return sight{}, err
	}
	s, err := seen(ctx, v, nil)
	if err == nil {
		s.snapshot, err = readWorld(ctx, v)
	}
	if err == nil {
		s.head = s.snapshot.Head
		err = s.latest(ctx, v, e, plugin)
	}
	return s, err
}

// seen is the sight of a world whose last rollout is ro.
func seen(ctx context.Context, v view, ro *telling.Rollout) (sight, error) {
	head, err := v.Describe(ctx)
	s := sight{head: head, now: v.Now(), journals: v.Journals(), claims: v.Claims(), meter: v, rollout: ro}
	if err == nil {
		s.next, err = v.NextRollout(ctx)
	}
	return s, err
}

// untold is why a fleet does not say what it runs; "": it does. One that is coming up may
// run anything.
func untold(fleet engine.Head) string {
	instances, slot := 0, fleet.ActiveSlot()
	for _, v := range fleet.Versions {
		if v.Slot != slot {
			continue
		}
		if instances += v.Instances; v.Version != "" || v.Ready > 0 {
			return ""
		}
	}
	if instances == 0 {
		return "The fleet lists no instance that serves."
	}
	return fmt.Sprintf("None of the %s of the fleet is ready, or says what it runs.", engine.Plural(instances, "instance"))
}

// latestRollout is the rollout that began last, or nil.
func latestRollout(ctx context.Context, js engine.Journals, e engine.Environment, plugin string) (*telling.Rollout, error) {
	last, err := js.List(ctx, e, plugin, engine.Filter{Limit: 1})
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return rolloutNamed(ctx, js, last[0].Rollout)
}

// rolloutNamed is the rollout of that id, or nil.
func rolloutNamed(ctx context.Context, js engine.Journals, id string) (*telling.Rollout, error) {
	if id == "" {
		return nil, nil
	}
	j, err := js.Open(ctx, id)
	if err != nil {
		return nil, ignoreNoJournal(err)
	}
	plan, events, state, err := engine.LoadState(ctx, j)
	if err != nil {
		return nil, err
	}
	return &telling.Rollout{Plan: *plan, Events: events, State: state}, nil
}

// ignoreNoJournal is err, and nil where there just is no such rollout.
func ignoreNoJournal(err error) error {
	if errors.Is(err, engine.ErrNoJournal) {
		return nil
	}
	return err
}

// unfinished says whether no other rollout may begin yet. One that is stuck is not
// in flight, but it is not over either.
func unfinished(s engine.State) bool { return s.InFlight() || s.Outcome == engine.Stuck }
