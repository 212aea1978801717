package simulator

import (
	"slices"
	"time"
)

// Epoch is when every world's clock starts.
func Epoch() time.Time { return epoch }

// Attend makes w a world that anybody may ask, about whatever rollout: it learns of
// rollouts from their orders, and from who calls Hear, but not from looks and questions.
// Otherwise the first look of a rollout tells the world of it. It is not saved.
func (w *World) Attend() { w.attended = true }

// Hear tells w of a rollout that begins. Its faults are counted from then on, and orders
// of earlier rollouts are too old.
func (w *World) Hear(rollout string) { w.heard(rollout) }

// overheard notes the rollout of a look or of a question.
func (w *World) overheard(rollout string) {
	if !w.attended {
		w.heard(rollout)
	}
}

// Serving says since when a version serves on an instance, without having been started
// again; false: it does not.
func (w *World) Serving(instance, version string) (since time.Time, ok bool) {
	in := w.instance(instance)
	if in == nil || in.Phase != ready {
		return time.Time{}, false
	}
	i := slices.IndexFunc(in.Held, func(h held) bool { return h.Version == version && h.Ready })
	if i < 0 {
		return time.Time{}, false
	}
	since = clock(in.Held[i].Since)
	for _, at := range in.Deaths { // an instance that died has started what it held again
		if died := clock(at); died.After(since) {
			since = died
		}
	}
	return since, true
}

// Reports says whether the counters of an instance are read, see Metrics.Coverage.
func (w *World) Reports(instance string) bool {
	in := w.instance(instance)
	return in != nil && w.reports(in)
}
