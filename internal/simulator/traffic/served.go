package traffic

// Served is what a version did to those who sent requests in [from, to), times of the
// fleet's clock from its start on, whatever became of the samples: how many requests it took, and
// how many of those were errors or timeouts. It changes nothing.
func (f *Flow) Served(version uint16, from, to int64) (requests, failed int64) {
	if len(f.fleet.Gaps()) > 0 || !f.exact {
		f.whole = true
		f.Forget()
		defer func() {
			f.whole = false
			f.Forget()
		}()
	}
	from, to = max(from, f.remembers(), 0), min(to, f.fleet.Time())
	if to <= from {
		return 0, 0
	}
	first := f.windowAt(from)
	did := f.servedUntil(version, first.start, to)
	if first.start < from {
		before := f.servedUntil(version, first.start, from)
		did.add(&before, -1)
	}
	return did.requests, did.errors + did.timeouts
}

// servedUntil is what a version did from the start of a window until a moment, which may be in the
// middle of one.
func (f *Flow) servedUntil(version uint16, start, to int64) basics {
	l, last := &f.ledger, f.windowAt(to)
	from := min(start, f.stretchOf(&last))
	if n := len(l.windows); from == last.start || n > 0 && l.windows[n-1].end > last.start {
		f.Forget()
	}
	f.cover(from, last.start)
	if last.start < to {
		last.end = to
		l.append(f, last)
		defer f.Forget() // the window will be a longer one
	}
	return l.total(version, l.until(start), len(l.windows))
}
