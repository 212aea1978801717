package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// chosen remembers the names in a range of a plan's instances.
type chosen struct {
	plan    *engine.Plan
	in      engine.Range
	names   map[string]bool
	room    []*instance // of the last list, with that slot, in that edition of the world
	slot    string
	edition int64
	calm    bool
}

// plannedIn are the names in a range of a plan's instances.
func (w *World) plannedIn(plan *engine.Plan, in engine.Range) map[string]bool {
	if c := &w.chosen; c.plan != plan || c.in != in || c.names == nil {
		c.plan, c.in, c.names, c.edition = plan, in, map[string]bool{}, -1
		for _, p := range plan.Instances[in.From:in.To] {
			c.names[p.ID] = true
		}
	}
	return w.chosen.names
}

// watched lists the instances of a scope's watch that are there, each once, and says
// whether all of them are ready, never died, and no fault is to be expected. The list
// holds until the next call.
func (w *World) watched(s *engine.Scope) (in []*instance, calm bool) {
	if s.Watch.Instances.Len() == 0 && len(s.Watch.Named) == 0 && s.Watch.Slot == "" {
		return nil, true
	}
	c := &w.chosen
	if c.plan == s.Plan && c.in == s.Watch.Instances && c.edition == w.edition && c.slot == s.Watch.Slot && len(s.Watch.Named) == 0 && !w.news {
		return c.room, c.calm && len(w.cfg.Faults) == 0
	}
	planned := w.plannedIn(s.Plan, s.Watch.Instances)
	in, calm = c.room[:0], len(w.cfg.Faults) == 0
	for _, i := range w.Instances {
		if planned[i.ID] || slices.Contains(s.Watch.Named, i.ID) || s.Watch.Slot != "" && i.Slot == s.Watch.Slot {
			in = append(in, i)
			calm = calm && i.Phase == ready && len(i.Deaths) == 0
		}
	}
	c.room, c.slot, c.edition, c.calm = in, s.Watch.Slot, w.edition, calm
	if len(s.Watch.Named) > 0 {
		c.edition = -1
	}
	return in, calm
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
	for _, in := range w.Instances {
		serves := in.has(version) || version == "" && in.Default == ""
		if serves && in.Phase == ready && w.percent(in.Slot) > 0 {
			e.Instances++
		}
	}
	weight := 0.0
	for t, k := range w.Segments[len(w.Segments)-1].Map {
		c := &w.Classes[k]
		if served := !c.Lost && w.Names[c.Version] == version; served && (!c.Absent || version == "") {
			e.Tenants++
			weight += w.roster.weight(t)
		}
	}
	e.Share = math.Round(weight/w.roster.total*1e5) / 1e3
	return e
}
