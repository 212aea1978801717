package traffic

// Served is what a version did to those who sent requests in [from, to), times of the
// fleet's clock, whatever became of the samples: how many requests it took, and how many
// of those were errors or timeouts. It changes nothing.
func (f *Flow) Served(version uint16, from, to int64) (requests, failed int64) {
	if len(f.fleet.Gaps()) > 0 || !f.exact {
		f.whole = true
		f.Forget()
		defer func() {
			f.whole = false
			f.Forget()
		}()
	}
	lo, hi := f.cover(from, to)
	t := f.ledger.total(version, lo, hi)
	return t.requests, t.errors + t.timeouts
}
