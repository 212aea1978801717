package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// view is what is there of the instances of a watch that are of the plan or of a slot.
type view struct {
	first   *engine.PlanInstance // of the plan's, which are a view of a plan
	n       int
	slot    string
	comings int64       // of the census when it was made
	room    []*instance // each once, sorted by id
	told    int         // of them, that report, see World.reports
}

// views are the last ones, the newest first. Three are asked for in turn: of all that was
// touched, which grows from stage to stage, of the stage under way, and of a question.
type views [3]view

// viewOf is the view of a plan's instances and of a slot. It holds until the next call.
func (w *World) viewOf(planned []engine.PlanInstance, slot string) *view {
	var first *engine.PlanInstance
	if len(planned) > 0 {
		first = &planned[0]
	}
	vs := &w.views
	at := 0
	for at < len(vs)-1 && (vs[at].first != first || vs[at].slot != slot) {
		at++
	}
	for ; at > 0; at-- {
		vs[at-1], vs[at] = vs[at], vs[at-1]
	}
	v := &vs[0]
	if v.first != first || v.slot != slot || v.comings != w.census.comings || v.n > len(planned) {
		*v = view{first: first, slot: slot, comings: w.census.comings, room: v.room[:0]}
		if slot != "" {
			for _, in := range w.slot(slot) {
				v.add(w, in)
			}
		}
	}
	v.grow(w, planned)
	return v
}

// add puts an instance at the end.
func (v *view) add(w *World, in *instance) {
	v.room = append(v.room, in)
	v.told += cond(w.reports(in), 1, 0)
}

// grow adds those of a plan's instances that v does not have yet.
func (v *view) grow(w *World, planned []engine.PlanInstance) {
	sorted := true
	for ; v.n < len(planned); v.n++ {
		in := w.instance(planned[v.n].ID)
		if in == nil || v.slot != "" && in.Slot == v.slot {
			continue
		}
		if had := len(v.room); had > 0 && byID(v.room[had-1], in) >= 0 {
			sorted = false
		}
		v.add(w, in)
	}
	if sorted {
		return
	}
	slices.SortFunc(v.room, byID)
	all := slices.Compact(v.room)
	v.room, v.told = all[:0], 0
	for _, in := range all {
		v.add(w, in)
	}
}

// has says whether in is of the view.
func (v *view) has(in *instance) bool {
	_, found := indexIn(v.room, in)
	return found
}

// watched counts the instances of a watch that are there, and lists, sorted by id, those
// of which there is something to say: the others are ready, and well. The list holds until
// the next call.
func (w *World) watched(watch *engine.Watch) (n int, in []*instance) {
	if len(watch.Instances)+len(watch.Named) == 0 && watch.Slot == "" {
		return 0, nil
	}
	v := w.viewOf(watch.Instances, watch.Slot)
	among := v.room
	if len(watch.Named)+len(watch.Except) > 0 {
		among = w.amended(v, watch)
	}
	if w.suspected() {
		return len(among), among
	}
	in = w.said[:0]
	for _, i := range w.restless() {
		if _, found := indexIn(among, i); found {
			in = append(in, i)
		}
	}
	w.said = in
	return len(among), in
}

// amended lists what is watched where instances are named, or left out.
func (w *World) amended(v *view, watch *engine.Watch) []*instance {
	among := append(w.room[:0], v.room...)
	for _, id := range watch.Named {
		if in := w.instance(id); in != nil && !v.has(in) {
			among = append(among, in)
		}
	}
	slices.SortFunc(among, byID)
	among = slices.DeleteFunc(slices.Compact(among), func(in *instance) bool { return slices.Contains(watch.Except, in.ID) })
	w.room = among
	return among
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
	e := engine.Exposure{Instances: w.count(version).n}
	e.Tenants, e.Share = w.reached(version)
	return e
}

// reached is how many tenants a version serves now, and their share of the traffic,
// percent.
func (w *World) reached(version string) (tenants int, share float64) {
	roster := w.traffic.Roster()
	weight, all := 0.0, roster.Total()
	serves := make([]bool, len(w.Classes)) // of which there are few, and tenants very many
	for k := range serves {
		c := &w.Classes[k]
		serves[k] = !c.Lost && w.Names[c.Version] == version && (!c.Absent || version == "")
	}
	for t, k := range w.Segments[len(w.Segments)-1].Map {
		if !roster.Here(t, w.Time) {
			all -= roster.Weight(t)
			continue
		}
		if serves[k] {
			tenants++
			weight += roster.Weight(t)
		}
	}
	return tenants, math.Round(weight/all*1e5) / 1e3
}
