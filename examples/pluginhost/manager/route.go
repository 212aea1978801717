package manager

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/router"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// chooser says where the requests of a tenant go.
type chooser interface {
	Choose(tenant string, tried []string) (in *wire.Routed, pin string)
}

// lookAgain is the time between two looks at the router's table, which another manager, or
// a router whose folder was lost, may have changed.
const lookAgain = time.Second

// route has the router route by what the instances are, until ctx is done.
func (w *World) route(ctx context.Context) {
	sure := false // inForce is the router's
	for ctx.Err() == nil {
		if !sure {
			if t, err := w.router.Table(ctx); err == nil {
				w.force(t)
				sure = true
			}
		}
		if next, other := w.table(); sure && other {
			err := w.router.Apply(ctx, next)
			if sure = err == nil; sure {
				w.force(next)
			} else if ctx.Err() == nil {
				w.Log.Debug("the router takes no table", "error", err)
			}
		}
		wait := lookAgain
		if !sure {
			wait = 50 * time.Millisecond
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-w.poke:
		case <-timer.C:
			sure = false
		}
		timer.Stop()
	}
}

// force notes the table in force.
func (w *World) force(t wire.Table) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plan == nil || !reflect.DeepEqual(w.inForce, t) {
		w.inForce, w.plan = t, router.NewPlan(t)
		w.tell()
	}
}

// table is what the router should route by; other: that is not the table in force.
func (w *World) table() (next wire.Table, other bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next = wire.Table{Revision: w.inForce.Revision, Instances: []wire.Routed{}, Routes: slices.Clone(w.want.Routes), Pins: maps.Clone(w.want.Pins)}
	if next.Pins == nil {
		next.Pins = map[string]string{}
	}
	all := w.allSilent()
	for _, want := range w.want.Instances {
		if r := w.row(want, all[want.Slot]); r != nil {
			next.Instances = append(next.Instances, *r)
		}
	}
	if same(&next, &w.inForce) {
		return next, false
	}
	next.Revision++
	return next, true
}

// row is an instance as the router should know it; nil: not at all. Where all of its slot are
// silent, that says nothing against it.
func (w *World) row(want *wanted, all bool) *wire.Routed {
	in := w.runs[want.ID]
	if in == nil || in.proc == nil || !in.proc.alive() {
		return nil
	}
	if in.seen == nil || in.address == "" {
		return w.before(in)
	}
	versions := slices.DeleteFunc(ready(in.seen), func(v string) bool { return !slices.Contains(want.Hold, v) && v != in.seen.Default })
	return &wire.Routed{
		ID: want.ID, Slot: want.Slot, Address: in.address, Ready: !want.Leaves && in.takes() && (all || !in.silent()), Default: in.seen.Default, Versions: versions,
	}
}

// before is what the router knows of an instance that was taken over from an earlier manager
// and has not been heard of by this one: that stays as it is. nil: there is none.
func (w *World) before(in *inst) *wire.Routed {
	at := slices.IndexFunc(w.inForce.Instances, func(r wire.Routed) bool { return r.ID == in.id })
	if at < 0 || in.out || w.inForce.Instances[at].Address != in.proc.address() {
		return nil
	}
	return &w.inForce.Instances[at]
}

// takes says whether requests may go to an instance, by what it said last.
func (in *inst) takes() bool {
	return in.proc != nil && in.proc.alive() && in.seen != nil && !in.out && !in.seen.Draining && (in.seen.Ready || in.seen.Default == "")
}

// allSilent says of which slots no instance answers that would take requests. Then it is
// likelier that the machine is slow than that all of them hang: they keep their requests.
func (w *World) allSilent() map[string]bool {
	all := map[string]bool{}
	for _, want := range w.want.Instances {
		in := w.runs[want.ID]
		if want.Leaves || in == nil || !in.takes() {
			continue
		}
		silent, known := all[want.Slot]
		all[want.Slot] = in.silent() && (silent || !known)
	}
	return all
}

// ready are the versions that take requests.
func ready(h *wire.Holding) []string {
	versions := []string{}
	for _, p := range h.Plugins {
		if p.State == wire.Ready {
			versions = append(versions, p.Version)
		}
	}
	return versions
}

// same compares two tables, but for how empty their lists are.
func same(a, b *wire.Table) bool {
	return slices.EqualFunc(a.Instances, b.Instances, func(x, y wire.Routed) bool {
		return x.ID == y.ID && x.Slot == y.Slot && x.Address == y.Address && x.Ready == y.Ready && x.Default == y.Default && slices.Equal(x.Versions, y.Versions)
	}) && slices.Equal(a.Routes, b.Routes) && maps.Equal(a.Pins, b.Pins)
}
