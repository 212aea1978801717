package traffic

// priors are what tenants sent in the day before the clock's start.
type priors struct {
	requests, errors []int64 // by tenant; nil: they were not counted yet
	sent, failed     int64   // all together
}

// Prior is what tenant t sent in the day before the clock's start, and how much of it failed.
func (f *Flow) Prior(t int) (requests, errors int64) {
	p := &f.ledger.priors
	if p.requests == nil {
		*p = f.countPriors()
	}
	return p.requests[t], p.errors[t]
}

// countPriors counts the windows of the history.
func (f *Flow) countPriors() priors {
	l := &f.ledger
	l.begin()
	windows, parts := len(l.windows), len(l.parts)
	for at := f.routing.Segments[0].Start; at < 0; {
		win := f.windowAt(at)
		f.draw(&win)
		f.tell(&win)
		win.ills = int32(len(l.ills))
		l.windows = append(l.windows, win)
		at = win.end
	}
	var t tally
	t.beginAt(windows, f.roster.ids.len())
	t.count(f, len(l.windows), func(*part) bool { return true })
	l.windows, l.parts = l.windows[:windows], l.parts[:parts]
	p := priors{requests: t.requests, errors: t.errors}
	for at, n := range p.requests {
		p.sent, p.failed = p.sent+n, p.failed+p.errors[at]
	}
	return p
}
