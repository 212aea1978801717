package traffic

import "slices"

// Route begins a segment, at the time of the fleet's clock, in which there are so many
// requests per second and every tenant has the class that m says, which becomes the
// flow's. Nothing happens where that is as it was. The first one tells how the day before
// was, too. Where tenants come and go, one of the classes is that of whom nothing comes.
// It says whether m is the flow's now; else it is anybody's.
func (f *Flow) Route(rate float64, m Packed) (kept bool) {
	segments := &f.routing.Segments
	to := Segment{Start: f.fleet.Time(), Rate: rate, Map: m}
	if len(*segments) == 0 {
		*segments = append(f.dayBefore(to), to)
		f.sendAway(m, to.Start)
		return true
	}
	f.sendAway(m, to.Start)
	last := &(*segments)[len(*segments)-1]
	switch {
	case last.Rate == to.Rate && slices.Equal(last.Map, to.Map):
		return false
	case last.Start == to.Start:
		*last = to
	default:
		to.Map = segments.known(to.Map)
		*segments = append(*segments, to)
	}
	return len(m) > 0 && &to.Map[0] == &m[0]
}

// dayBefore are the segments of the history: one, or an hour each where tenants come and
// go.
func (f *Flow) dayBefore(of Segment) (past []Segment) {
	of.Start = -History
	if f.roster.rounds == nil {
		return []Segment{of}
	}
	for ; of.Start < 0; of.Start += 3600 * second {
		hour := of
		hour.Map = slices.Clone(of.Map)
		f.sendAway(hour.Map, hour.Start)
		past = append(past, hour)
	}
	return past
}

// sendAway takes those out of a map who are not there at a time.
func (f *Flow) sendAway(m Packed, at int64) {
	if f.roster.rounds == nil {
		return
	}
	absent := uint16(slices.IndexFunc(f.classes, func(c Class) bool { return c.Absent }))
	for t := range m {
		if !f.roster.Here(t, at) {
			m[t] = absent
		}
	}
}

// Past is how many segments are of the day before the clock's start.
func (s Segments) Past() int {
	n := 0
	for n < len(s) && s[n].Start < 0 {
		n++
	}
	return n
}
