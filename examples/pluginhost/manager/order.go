package manager

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Make implements engine.Fleet. An order that was taken is written down.
func (w *World) Make(ctx context.Context, o engine.Order) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.known(&o.Change); err != nil {
		return err
	}
	return w.change(func(d *desired) error {
		switch cmp.Or(cmp.Compare(o.Ordinal, d.Ordinal), cmp.Compare(o.Seq, d.Seq)) {
		case -1:
			return fmt.Errorf("%w: order %d of ordinal %d after order %d of ordinal %d", engine.ErrSuperseded, o.Seq, o.Ordinal, d.Seq, d.Ordinal)
		case 0:
			return errAgain
		}
		if err := d.take(&o); err != nil {
			return err
		}
		d.Ordinal, d.Seq = o.Ordinal, o.Seq
		return nil
	})
}

// known refuses an order that brings a version which the catalogue does not have.
func (w *World) known(c *engine.Change) error {
	switch c.Kind {
	case engine.Install, engine.Replace, engine.Provision:
	default:
		return nil
	}
	if c.Version == "" {
		return nil
	}
	if err := w.Catalogue(c.Version); err != nil {
		return &engine.Refused{Reason: err.Error()}
	}
	return nil
}

// take makes of d what an order says.
func (d *desired) take(o *engine.Order) error {
	c := &o.Change
	switch c.Kind {
	case engine.Install, engine.Replace, engine.Activate, engine.Remove:
		for _, in := range d.targets(o) {
			in.By = o.Rollout
			in.Attempt++
			in.become(c.Kind, c.Version)
		}
	case engine.Pin, engine.Unpin:
		d.pin(o)
	case engine.Provision:
		return d.provision(o)
	case engine.Retire:
		return d.retire(c.Slot)
	case engine.Smoke:
		d.Smoke = &smokeRun{Rollout: o.Rollout, Slot: c.Slot, Tests: slices.Clone(c.Tests)}
	case engine.Shift:
		return d.shift(o)
	default:
		return &engine.Refused{Reason: fmt.Sprintf("%q is not a kind of change", c.Kind)}
	}
	return nil
}

// targets are the instances of an order that are there, each once.
func (d *desired) targets(o *engine.Order) (in []*wanted) {
	ids := slices.Clone(o.Change.Named)
	for _, p := range o.Instances {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if i := d.find(id); i != nil {
			in = append(in, i)
		}
	}
	return in
}

// become makes of an instance what a change says.
func (i *wanted) become(kind engine.ChangeKind, version string) {
	switch kind {
	case engine.Install:
		i.hold(version)
	case engine.Replace:
		// Also where it is wanted already: if it does not start, another process is another try.
		// One that serves the version stays as it is.
		i.Generation++
		if i.Default != version {
			i.drop(i.Default)
		}
		i.hold(version)
		i.Default = version
	case engine.Activate:
		i.hold(version)
		i.Default = version
	default:
		i.drop(version)
		if i.Default == version {
			i.Default = ""
		}
	}
}

func (i *wanted) hold(version string) {
	if i.drop(version); version != "" {
		i.Hold = append(i.Hold, version)
		slices.Sort(i.Hold)
	}
}

func (i *wanted) drop(version string) {
	i.Hold = slices.DeleteFunc(i.Hold, func(v string) bool { return v == version })
}

func (d *desired) pin(o *engine.Order) {
	if d.Pins == nil {
		d.Pins = map[string]string{}
	}
	if d.PinsBy == nil {
		d.PinsBy = map[string]string{}
	}
	for _, t := range o.Tenants {
		if _, there := slices.BinarySearch(d.Tenants, t.ID); !there {
			continue
		}
		delete(d.Pins, t.ID)
		d.PinsBy[t.ID] = o.Rollout
		if o.Change.Kind == engine.Pin && o.Change.Version != "" {
			d.Pins[t.ID] = o.Change.Version
		}
	}
}

// provision gives a slot its instances: those that are to run only the version stay as they
// are, the others become that.
func (d *desired) provision(o *engine.Order) error {
	c := &o.Change
	if c.Slot == "" || c.Count < 1 {
		return &engine.Refused{Reason: fmt.Sprintf("a slot needs a name and instances: %q, %d", c.Slot, c.Count)}
	}
	if d.percent(c.Slot) > 0 {
		return &engine.Refused{Reason: fmt.Sprintf("slot %s takes traffic: it cannot be provisioned", c.Slot)}
	}
	d.calm(c.Slot)
	there := d.staying(c.Slot)
	for n, in := range there {
		in.By = o.Rollout
		in.Attempt++
		if n >= c.Count {
			in.Leaves = true
			continue
		}
		in.Generation++
		in.Hold, in.Default = held(c.Version), c.Version
	}
	missing := c.Count - len(there)
	room := d.Capacity - len(d.staying(""))
	for range min(missing, room) {
		in := d.hire(c.Slot, c.Version)
		in.By, in.Attempt = o.Rollout, 1
	}
	if missing > room {
		d.Troubles = append(d.Troubles, trouble{c.Slot, o.Rollout, fmt.Sprintf("there is no room for %d of its %d instances: start the manager with a greater --spare", missing-max(0, room), c.Count)})
	}
	return nil
}

func (d *desired) retire(slot string) error {
	if d.percent(slot) > 0 {
		return &engine.Refused{Reason: fmt.Sprintf("slot %s takes traffic: it cannot be retired", slot)}
	}
	d.calm(slot)
	for _, in := range d.staying(slot) {
		in.Leaves = true
	}
	d.Routes = slices.DeleteFunc(d.Routes, func(r wire.Route) bool { return r.Slot == slot })
	return nil
}

// calm forgets what is wrong with a slot.
func (d *desired) calm(slot string) {
	d.Troubles = slices.DeleteFunc(d.Troubles, func(t trouble) bool { return t.Slot == slot })
}

// shift routes the traffic. A slot that is not named gets none.
func (d *desired) shift(o *engine.Order) error {
	var routes []wire.Route
	sum := 0.0
	for _, r := range o.Change.Routes {
		if r.Percent > 0 && len(d.staying(r.Slot)) == 0 {
			return &engine.Refused{Reason: fmt.Sprintf("slot %s has no instances: it cannot take %g %% of the traffic", r.Slot, r.Percent)}
		}
		if slices.ContainsFunc(routes, func(other wire.Route) bool { return other.Slot == r.Slot }) {
			return &engine.Refused{Reason: fmt.Sprintf("slot %s is there twice", r.Slot)}
		}
		routes = append(routes, wire.Route{Slot: r.Slot, Percent: r.Percent})
		sum += r.Percent
	}
	if sum < 100-1e-6 || sum > 100+1e-6 {
		return &engine.Refused{Reason: fmt.Sprintf("the routes are %g %% in all, and have to be 100", sum)}
	}
	slices.SortFunc(routes, func(a, b wire.Route) int { return strings.Compare(a.Slot, b.Slot) })
	d.Routes, d.RoutesBy = routes, o.Rollout
	return nil
}
