package simulator

import "time"

// Served is what a version did to those who sent requests in [from, to), whatever
// became of the samples: how many requests it took, and how many of those were
// errors or timeouts. What [World.Measure] says is what a fleet can see; this is
// what happened. It changes nothing.
func (w *World) Served(version string, from, to time.Time) (requests, failed int64) {
	if gaps := w.Gaps; len(gaps) > 0 || !w.able.exact {
		w.Gaps, w.traffic.whole = nil, true
		w.traffic.forget()
		defer func() {
			w.Gaps, w.traffic.whole = gaps, false
			w.traffic.forget()
		}()
	}
	lo, hi := w.cover(instant(from), instant(to))
	t := w.traffic.total(w.nameOf(version), lo, hi)
	return t.requests, t.errors + t.timeouts
}
