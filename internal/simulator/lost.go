package simulator

import "slices"

// newest is the end of the last window in [lo, hi) whose samples of a version, or
// of all but that, were not lost; 0, false: there is none.
func (w *World) newest(lo, hi int, version string, others bool) (int64, bool) {
	if len(w.Gaps) == 0 && lo < hi {
		return w.traffic.windows[hi-1].end, true
	}
	for i := hi - 1; i >= lo; i-- {
		if end := w.traffic.windows[i].end; !w.gone(end, version, others) {
			return end, true
		}
	}
	return 0, false
}

// gone says whether the samples of a version, or of all but that, at a time were lost.
func (w *World) gone(at int64, version string, others bool) bool {
	return slices.ContainsFunc(w.Gaps, func(g blackout) bool {
		return !g.NaN && !g.Twice && g.From < at && at <= g.To && (g.Version == "" || (g.Version == version) != others)
	})
}

// lost, muddled and doubled say whether the samples of a version at a time were lost,
// were not numbers, or were told twice.
func (w *World) lost(version string, at int64) bool {
	return w.blacked(version, at, func(g *blackout) bool { return !g.NaN && !g.Twice })
}

func (w *World) muddled(version string, at int64) bool {
	return w.blacked(version, at, func(g *blackout) bool { return g.NaN })
}

func (w *World) doubled(version uint16, at int64) bool {
	return len(w.Gaps) > 0 && w.blacked(w.Names[version], at, func(g *blackout) bool { return g.Twice })
}

func (w *World) blacked(version string, at int64, kind func(*blackout) bool) bool {
	for i := range w.Gaps {
		g := &w.Gaps[i]
		if kind(g) && g.From < at && at <= g.To && (g.Version == "" || g.Version == version) {
			return true
		}
	}
	return false
}
