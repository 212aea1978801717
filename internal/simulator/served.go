package simulator

import "time"

// Served is what a version did to those who sent requests in [from, to), whatever
// became of the samples: how many requests it took, and how many of those were
// errors or timeouts. What [World.Measure] says is what a fleet can see; this is
// what happened. It changes nothing.
func (w *World) Served(version string, from, to time.Time) (requests, failed int64) {
	return w.traffic.Served(w.nameOf(version), instant(from), instant(to))
}
