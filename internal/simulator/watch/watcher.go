package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Violation is a promise of the engine that was not kept.
type Violation struct {
	Promise int           // its number in the engine's documentation
	At      time.Duration // since the world's clock began
	What    string
}

// String reads "promise 4 at 0h10m0s: …".
func (v Violation) String() string {
	return fmt.Sprintf("promise %d at %s: %s", v.Promise, v.At, v.What)
}

// checker holds a run to one promise. Each function may be nil.
type checker struct {
	promise int
	ordered func(x *Watcher, o engine.Order) // the fleet is about to hear of o
	wrote   func(x *Watcher, e engine.Event) // e is in the journal and in x.state
	changed func(x *Watcher)                 // something happened in the world
	ended   func(x *Watcher)                 // the run is over
}

// checkers has one for each promise.
var checkers = []checker{
	journalFirst, wayBack, asBefore, exposureBound, noDataNoNews,
	everythingEnds, legalEvents, sameFold, capacityKept, routedToReady,
}

// Watcher watches one rollout in one world: every order, every event, and every
// change of the world, and notes each promise that is not kept. Runners must go
// through [Watcher.Fleet] and [Watcher.Journal]; there may be several, one after
// another.
type Watcher struct {
	world   World
	plan    *engine.Plan
	before  engine.Snapshot // when the rollout began
	start   engine.Exposure // of the candidate, then
	targets map[string]bool // ids of the plan's instances
	there   map[string]bool // ids of the instances that were there before, and not about to come up
	active  int             // instances that took the traffic before

	known known // of who is there

	events     []engine.Event
	state      engine.State
	was        engine.Phase    // before the last event
	begun      []int           // stages to undo, as the events say
	allowed    []engine.Change // what the fleet may hear of, as the events say
	late       []engine.Change // what may be on its way since somebody else spoke, see Beside
	beside     bool            // somebody else is speaking
	violations []Violation
	trace      trace
}

// usualEvents is how many events most rollouts have.
const usualEvents = 48

// New watches a rollout of plan, which has not begun. before is the snapshot that the
// plan was compiled from.
func New(w World, plan *engine.Plan, before engine.Snapshot) *Watcher {
	x := &Watcher{
		world: w, plan: plan, before: before, state: engine.NewState(),
		trace: trace(chance.Key(plan.Digest)), targets: map[string]bool{}, there: map[string]bool{},
		active: len(before.Active()), events: make([]engine.Event, 0, usualEvents),
	}
	for _, p := range plan.Instances {
		x.targets[p.ID] = true
	}
	for _, was := range before.Instances {
		x.there[was.ID] = !wasComing(was)
	}
	x.start = x.exposed()
	w.Notify(x.changed)
	return x
}

// Violations are the promises that were not kept so far.
func (x *Watcher) Violations() []Violation { return x.violations }

// Trace identifies everything that was seen: every order, every event and every
// change of the world, in order.
func (x *Watcher) Trace() uint64 { return uint64(x.trace) }

// maxViolations bounds what is noted: the first ones tell the story.
const maxViolations = 20

func (x *Watcher) violated(promise int, format string, args ...any) {
	if len(x.violations) < maxViolations {
		at, _ := x.world.Imprint()
		x.violations = append(x.violations, Violation{promise, at, fmt.Sprintf(format, args...)})
	}
}

// follow puts the world as it was when something was seen into the trace.
func (x *Watcher) follow() {
	clock, happened := x.world.Imprint()
	x.trace.number(uint64(clock))
	x.trace.number(happened)
}

// Fleet is f, watched.
func (x *Watcher) Fleet(f engine.Fleet) engine.Fleet { return watchedFleet{f, x} }

// Journal is j, watched.
func (x *Watcher) Journal(j engine.Journal) engine.Journal { return watchedJournal{j, x} }

// End is to be called when nothing more happens to the rollout. It gives all
// violations.
func (x *Watcher) End() []Violation {
	x.world.Notify(nil)
	for _, c := range checkers {
		if c.ended != nil {
			c.ended(x)
		}
	}
	return x.violations
}

// Follow watches another world from now on: one that was loaded in place of the
// one that x watched.
func (x *Watcher) Follow(w World) {
	x.world.Notify(nil)
	x.world, x.known = w, known{}
	w.Notify(x.changed)
}

// Beside calls speak, in which another process writes to the journal while the one that
// walks the rollout is in the middle of a step: what that one read that it might do may be
// on its way to the fleet, and nobody can call it back.
func (x *Watcher) Beside(speak func()) {
	x.beside = true
	speak()
	x.beside = false
}

func (x *Watcher) changed() {
	for _, c := range checkers {
		if c.changed != nil {
			c.changed(x)
		}
	}
}

func (x *Watcher) order(o engine.Order) {
	x.trace.order(&o)
	x.follow()
	for _, c := range checkers {
		if c.ordered != nil {
			c.ordered(x, o)
		}
	}
}

// write takes an event that the journal took.
func (x *Watcher) write(e engine.Event) {
	x.world.News() // what is allowed may have changed
	x.trace.event(&e)
	x.follow()
	next, err := x.state.Apply(x.plan, e)
	if err != nil {
		x.violated(7, "event %d (%s) was written and is not allowed: %v", e.Seq, e.Kind, err)
		return
	}
	x.was = x.state.Phase
	x.state, x.events = next, append(x.events, e)
	x.allow(e)
	for _, c := range checkers {
		if c.wrote != nil {
			c.wrote(x, e)
		}
	}
}

// watchedFleet is a fleet whose orders are watched.
type watchedFleet struct {
	engine.Fleet
	x *Watcher
}

// Make implements [engine.Fleet].
func (f watchedFleet) Make(ctx context.Context, o engine.Order) error {
	f.x.order(o)
	return f.Fleet.Make(ctx, o)
}

// watchedJournal is a journal whose events are watched.
type watchedJournal struct {
	engine.Journal
	x *Watcher
}

// Append implements [engine.Journal].
func (j watchedJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	err := j.Journal.Append(ctx, e, h)
	if err == nil {
		j.x.write(e)
	}
	return err
}
