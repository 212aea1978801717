package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"
)

// Fleet is the port to one world: one plugin in one environment. Every call is one
// request, never a wait: a fleet takes a change and carries it out in its own time; what
// became of it is read with Look.
type Fleet interface {
	// Describe reads what a fleet is as a whole: all that a refresh needs.
	Describe(ctx context.Context) (Head, error)
	// Instances lists all instances, by id. An error ends the list.
	Instances(ctx context.Context) iter.Seq2[Instance, error]
	// Tenants lists all tenants, by id. An error ends the list. Only compiling asks.
	Tenants(ctx context.Context) iter.Seq2[Tenant, error]
	// Make takes a change. It refuses with ErrSuperseded an order that is older than one
	// it has seen; an order seen before is taken again and changes nothing. *Refused is
	// final, *Unavailable asks to come again. Any other error means that the change may or
	// may not have been taken.
	Make(ctx context.Context, o Order) error
	// Look says what became of the changes, and how the watched instances are. Looking
	// changes nothing, not even which orders are too old.
	Look(ctx context.Context, w Watch) (Condition, error)
}

// Meter is the port to whoever counts the traffic: the fleet itself, or a monitoring
// system beside it. It may be down while the fleet is well, and the other way round.
type Meter interface {
	// Measure counts the traffic of a time.
	Measure(ctx context.Context, q Question) (Answer, error)
}

// Order is a change on its way to the fleet. It is fenced by (Ordinal, Seq): a later
// rollout of the world has a greater ordinal, a later order of a rollout a greater
// sequence number; a retry of the same one has the same or a greater one. The orders of a
// rollout take effect per target in the order of Seq.
type Order struct {
	Rollout string
	Ordinal int64 // of the rollout, see Journal.Ordinal
	Seq     int64
	// Candidate is the version that the rollout brings.
	Candidate string
	Change    Change
	// Instances and Tenants are the targets that Change names by their places in the plan,
	// without those that the rollout goes on without. A fleet does not write to them.
	Instances []PlanInstance
	Tenants   []Tenant
	// Targets are all that the plan has: what Change's places are places in.
	Targets Targets
}

// Targets are the instances and tenants of a plan, in its order. Who talks to a fleet over
// a network names them once, and then by their places.
type Targets struct {
	Instances []PlanInstance
	Tenants   []Tenant
}

// Place is where a view of t.Instances begins and ends, which is a part of that list
// itself; false: it is none. It takes as long in a large plan as in a small one.
func (t *Targets) Place(view []PlanInstance) (Range, bool) {
	if len(view) == 0 {
		return Range{}, true
	}
	if len(t.Instances) == 0 {
		return Range{}, false
	}
	// Where it can stand follows from where both are in memory; whether it does, is seen there.
	apart := reflect.ValueOf(view).Pointer() - reflect.ValueOf(t.Instances).Pointer()
	from := apart / reflect.TypeFor[PlanInstance]().Size()
	if from >= uintptr(len(t.Instances)) || &t.Instances[from] != &view[0] {
		return Range{}, false
	}
	at := Range{int(from), int(from) + len(view)}
	return at, at.To <= len(t.Instances)
}

// ErrSuperseded is what Fleet.Make answers to an order older than one it has seen.
var ErrSuperseded = errors.New("the fleet has seen a newer order")

// Refused is a change that the fleet will never take, however often it is asked.
type Refused struct{ Reason string }

// Error is "refused: " and the reason.
func (e *Refused) Error() string { return "refused: " + e.Reason }

// Unavailable is a fleet that takes no change now, and has taken nothing of it.
type Unavailable struct {
	// After is when to come again: no sooner than after this, unless the rollout has less
	// time left for trying; 0: when you like.
	After time.Duration
	Err   error // why; nil: it does not say
}

// Error is that of Err, and for how long, where that is known.
func (e *Unavailable) Error() string {
	why := "it takes no change now"
	if e.Err != nil {
		why = e.Err.Error()
	}
	if e.After > 0 {
		why += fmt.Sprintf(" (come again after %s)", Spoken(e.After))
	}
	return why
}

// Unwrap is Err.
func (e *Unavailable) Unwrap() error { return e.Err }
