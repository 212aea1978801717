package traffic

import "slices"

// Gap is a time in which samples are lost, or are not numbers. A fleet saves it.
type Gap struct {
	From    int64  `json:"from"` // ns of the fleet's clock, as To is
	To      int64  `json:"to"`
	Version string `json:"version,omitempty"` // "": all
	NaN     bool   `json:"nan,omitempty"`     // not numbers, instead of lost
	Twice   bool   `json:"twice,omitempty"`   // told twice, instead of lost
}

// gaps are those of the fleet, where they matter.
func (f *Flow) gaps() []Gap {
	if f.whole {
		return nil
	}
	return f.fleet.Gaps()
}

// newest is the time of the newest sample in a span of a version, or of all but that, that
// was not lost; 0, false: there is none. Without scrapes, every window has one at its end.
func (f *Flow) newest(span Span, version string, others bool) (int64, bool) {
	if s := f.scrapes; s != nil {
		for at := span.to; at >= span.from; at = s.upTo(at - 1) {
			if !f.gone(at, version, others) {
				return at, true
			}
		}
		return 0, false
	}
	if len(f.gaps()) == 0 && span.lo < span.hi {
		return f.ledger.windows[span.hi-1].end, true
	}
	for i := span.hi - 1; i >= span.lo; i-- {
		if end := f.ledger.windows[i].end; !f.gone(end, version, others) {
			return end, true
		}
	}
	return 0, false
}

// gone says whether the samples of a version, or of all but that, at a time were lost.
func (f *Flow) gone(at int64, version string, others bool) bool {
	return slices.ContainsFunc(f.gaps(), func(g Gap) bool {
		return !g.NaN && !g.Twice && g.From < at && at <= g.To && (g.Version == "" || (g.Version == version) != others)
	})
}

// lost, muddled and doubled say whether, by the gaps that there are, the samples of a version
// at a time were lost, were not numbers, or were told twice.
func (f *Flow) lost(gaps []Gap, version uint16, at int64) bool {
	return f.blacked(gaps, version, at, func(g *Gap) bool { return !g.NaN && !g.Twice })
}

func (f *Flow) muddled(gaps []Gap, version uint16, at int64) bool {
	return f.blacked(gaps, version, at, func(g *Gap) bool { return g.NaN })
}

func (f *Flow) doubled(gaps []Gap, version uint16, at int64) bool {
	return f.blacked(gaps, version, at, func(g *Gap) bool { return g.Twice })
}

func (f *Flow) blacked(gaps []Gap, version uint16, at int64, kind func(*Gap) bool) bool {
	for i := range gaps {
		g := &gaps[i]
		if kind(g) && g.From < at && at <= g.To && (g.Version == "" || g.Version == f.fleet.Name(version)) {
			return true
		}
	}
	return false
}
