package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// chosen remembers the instances that were watched last.
type chosen struct {
	first   *engine.PlanInstance // of the watch, which is a view of a plan
	n       int
	names   map[string]bool
	room    []*instance // of the last list, with that slot, in that edition of the world
	slot    string
	edition int64
	calm    bool
}

// planned are the names of a view of a plan's instances.
func (w *World) planned(view []engine.PlanInstance) map[string]bool {
	var first *engine.PlanInstance
	if len(view) > 0 {
		first = &view[0]
	}
	if c := &w.chosen; c.first != first || c.n != len(view) || c.names == nil {
		c.first, c.n, c.names, c.edition = first, len(view), make(map[string]bool, len(view)), -1
		for i := range view {
			c.names[view[i].ID] = true
		}
	}
	return w.chosen.names
}

// watched lists the instances of a watch that are there, each once, and says whether
// all of them are ready, never died, and no fault is to be expected. The list holds until
// the next call.
func (w *World) watched(watch *engine.Watch) (in []*instance, calm bool) {
	if len(watch.Instances)+len(watch.Named) == 0 && watch.Slot == "" {
		return nil, true
	}
	c := &w.chosen
	planned := w.planned(watch.Instances)
	usual := len(watch.Named)+len(watch.Except) == 0
	if known := usual && c.edition == w.edition && c.slot == watch.Slot && !w.news; !known {
		c.choose(w.Members, func(i *instance) bool {
			return (planned[i.ID] || watch.Slot != "" && i.Slot == watch.Slot || slices.Contains(watch.Named, i.ID)) && !slices.Contains(watch.Except, i.ID)
		})
		c.slot, c.edition = watch.Slot, cond(usual, w.edition, -1)
	}
	return c.room, c.calm && len(w.cfg.Faults) == 0
}

// choose remembers those of the members that are watched, and whether all of them are well.
func (c *chosen) choose(members []*instance, watched func(*instance) bool) {
	c.room, c.calm = c.room[:0], true
	for _, i := range members {
		if watched(i) {
			c.room = append(c.room, i)
			c.calm = c.calm && i.Phase == ready && len(i.Deaths) == 0
		}
	}
}

// reach remembers what a version reaches.
type reach struct {
	version  string
	exposure engine.Exposure
}

// exposure is what a version reaches now. Instances count where traffic can reach
// them.
func (w *World) exposure(version string) engine.Exposure {
	if w.reach == nil || w.reach.version != version || w.dirty {
		w.reach = &reach{version, w.countExposure(version)}
	}
	return w.reach.exposure
}

func (w *World) countExposure(version string) engine.Exposure {
	var e engine.Exposure
	for _, in := range w.Members {
		serves := in.has(version) || version == "" && in.Default == ""
		if serves && in.Phase == ready && w.percent(in.Slot) > 0 {
			e.Instances++
		}
	}
	e.Tenants, e.Share = w.reached(version)
	return e
}

// reached is how many tenants a version serves now, and their share of the traffic,
// percent.
func (w *World) reached(version string) (tenants int, share float64) {
	weight, all := 0.0, w.roster.total
	for t, k := range w.Segments[len(w.Segments)-1].Map {
		c := &w.Classes[k]
		if !w.here(t, w.Time) {
			all -= w.roster.weight(t)
			continue
		}
		if served := !c.Lost && w.Names[c.Version] == version; served && (!c.Absent || version == "") {
			tenants++
			weight += w.roster.weight(t)
		}
	}
	return tenants, math.Round(weight/all*1e5) / 1e3
}
