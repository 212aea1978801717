package prom

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// seen are the instances that had samples last, with their slots, and when the versions had.
type seen struct {
	instances map[string]string
	versions  map[string]int64
}

// newest is the oldest of the newest samples of an arm, over the series that live still:
// up to then everything is counted. Where none lives it is that of the last one that did.
func (w *work) newest(baseline bool) time.Time {
	f, oldest, last := w.requests, int64(0), int64(0)
	note := func(version string, at int64) {
		if !w.has(version, baseline) || at < w.from {
			return
		}
		last = max(last, at)
		if at >= w.to-w.m.live() && (oldest == 0 || at < oldest) {
			oldest = at
		}
	}
	for _, st := range f.order {
		if st.first <= w.to {
			note(st.at.version, min(st.last, w.to))
		}
	}
	for version, at := range f.seen.versions { // the oldest and the newest are the same in any order
		note(version, min(at, w.to))
	}
	switch {
	case oldest > 0:
		return time.UnixMilli(oldest).UTC()
	case last > 0:
		return time.UnixMilli(last).UTC()
	default:
		return time.Time{}
	}
}

// coverage is of how many of the instances in scope there are samples that are not too old.
// Those of a slot are the ones that were ever seen in it: what dies is missing from then on.
func (w *work) coverage() float64 {
	if len(w.q.Instances) == 0 && w.q.Slot == "" {
		return 0
	}
	alive, scope := w.alive()
	for i := range w.q.Instances {
		scope[w.q.Instances[i].ID] = true
	}
	if len(scope) == 0 {
		return 0
	}
	n := 0
	for id := range scope {
		if alive[id] {
			n++
		}
	}
	return float64(n) / float64(len(scope))
}

// alive are the instances with samples that are not too old, and those that were in the
// slot that is asked about.
func (w *work) alive() (alive, slot map[string]bool) {
	alive, slot = map[string]bool{}, map[string]bool{}
	note := func(instance, of string) {
		if w.q.Slot != "" && of == w.q.Slot {
			slot[instance] = true
		}
	}
	for _, st := range w.requests.order {
		if st.last >= w.from {
			note(st.instance, st.slot)
		}
		if st.first <= w.to && st.last >= w.to-w.m.live() {
			alive[st.instance] = true
		}
	}
	for id, of := range w.requests.seen.instances {
		note(id, of)
		alive[id] = true
	}
	return alive, slot
}

// minutes counts an arm's requests by the minutes of the scrapes before them.
func (w *work) minutes(baseline bool) []engine.MinuteCount {
	type counts struct{ requests, errors float64 }
	of := map[int64]counts{}
	add := func(f *follower, failed func(cellKey) bool, requests bool) {
		if f == nil {
			return
		}
		for _, k := range f.keys() {
			if !w.has(k.version, baseline) {
				continue
			}
			f.cells[k].each(w.from, w.to, func(e entry) {
				c := of[e.begin/60_000]
				if requests {
					c.requests += e.n
				}
				if failed(k) {
					c.errors += e.n
				}
				of[e.begin/60_000] = c
			})
		}
	}
	add(w.requests, func(k cellKey) bool { return w.requests.by != "" && k.part == OutcomeError }, true)
	add(w.errors, func(cellKey) bool { return true }, false)
	var list []engine.MinuteCount
	for minute, c := range of {
		if n := whole(c.requests); n > 0 {
			list = append(list, engine.MinuteCount{Start: time.UnixMilli(minute * 60_000).UTC(), Requests: n, Errors: min(whole(c.errors), n)})
		}
	}
	slices.SortFunc(list, func(a, b engine.MinuteCount) int { return a.Start.Compare(b.Start) })
	return list
}
