package simulator

import (
	"iter"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
)

// Watchable is w for those who watch it, see [watch.New].
func (w *World) Watchable() watch.World { return watchable{w} }

// watchable shows a world as it is.
type watchable struct{ w *World }

func (s watchable) Imprint() (clock time.Duration, happened uint64) {
	w := s.w
	return time.Duration(w.Time), w.trace ^ uint64(w.queue.Len())<<48 ^ uint64(w.Epochs)<<32 ^ uint64(len(w.Segments))
}

func (s watchable) Notify(changed func()) { s.w.hook = changed }

func (s watchable) News() { s.w.news = true }

func (s watchable) Exposure(version string) engine.Exposure { return s.w.exposure(version) }

func (s watchable) Routes() []engine.Route { return s.w.Routes }

func (s watchable) Instances() iter.Seq[watch.Instance] { return s.shown(s.w.Members) }

func (s watchable) Restless() iter.Seq[watch.Instance] { return s.shown(s.w.restless()) }

func (s watchable) Instance(id string) (watch.Instance, bool) {
	in := s.w.instance(id)
	if in == nil {
		return watch.Instance{}, false
	}
	return s.show(in), true
}

func (s watchable) Arrivals() int64 { return s.w.census.comings }

func (s watchable) Pin(tenant string) string {
	t, ok := s.w.traffic.Roster().Find(tenant)
	if !ok {
		return ""
	}
	return s.w.Names[s.w.Pins[t]]
}

func (s watchable) Counted(q *engine.Question) (a engine.Answer) {
	s.w.measureTraffic(&a, q)
	return a
}

func (s watchable) Churns() bool { return s.w.cfg.TenantChurn > 0 }

func (s watchable) Lacks(what engine.Capability) bool { return s.w.lacks(what) }

func (s watchable) Drifted() bool { return s.w.drifted() }

func (s watchable) Leaves(id string) bool {
	return slices.ContainsFunc(s.w.cfg.Faults, func(f Fault) bool {
		return f.Kind == InstanceLeave && slices.Contains(f.Instances, id)
	})
}

// shown yields instances as whoever watches sees them.
func (s watchable) shown(list []*instance) iter.Seq[watch.Instance] {
	return func(yield func(watch.Instance) bool) {
		for _, in := range list {
			if !yield(s.show(in)) {
				return
			}
		}
	}
}

func (s watchable) show(in *instance) watch.Instance {
	held := make([]watch.Held, len(in.Held))
	for i, h := range in.Held {
		held[i] = watch.Held{Version: h.Version, Ready: h.Ready}
	}
	return watch.Instance{
		ID: in.ID, Slot: in.Slot, Phase: string(in.Phase), Ready: in.Phase == ready, Dead: in.Phase == dead, Default: in.Default, By: in.By,
		Joined: in.Joined, SeemsFit: s.w.stuckAtWell(in) >= 0, Held: held,
	}
}
