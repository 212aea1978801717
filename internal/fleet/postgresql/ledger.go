package postgresql

import (
	"slices"
	"sort"
	"sync"
	"time"
)

// cellKey is what traffic is counted by.
type cellKey struct{ tenant, version string }

// entry is what was added up to a time.
type entry struct {
	end      int64 // Unix ms
	requests int64
	errors   int64
	calls    int64
	ms       float64
}

// ledger is all that was counted since the program began: each sample of the last hour, and
// before that the minutes.
type ledger struct {
	resolution int64 // ms

	mu      sync.Mutex
	began   time.Time // of the first sample
	cells   map[cellKey][]entry
	polls   map[string][]int64 // when each server answered
	cleaned int64
}

// What is kept, in ms.
const (
	keptFine  = int64(time.Hour / time.Millisecond)
	keptAtAll = 15 * 24 * int64(time.Hour/time.Millisecond)
	aMinute   = int64(time.Minute / time.Millisecond)
)

func newLedger(resolution time.Duration) *ledger {
	return &ledger{resolution: resolution.Milliseconds(), cells: map[cellKey][]entry{}, polls: map[string][]int64{}}
}

// polled notes that a server answered.
func (l *ledger) polled(server string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.began.IsZero() {
		l.began = at
	}
	ms := at.UnixMilli()
	l.polls[server] = append(l.polls[server], ms)
	if ms-l.cleaned > aMinute {
		l.clean(ms)
	}
}

// add adds what a database counted, up to a time.
func (l *ledger) add(key cellKey, at time.Time, n counters) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cells[key] = append(l.cells[key], entry{at.UnixMilli(), n.commits + n.rollbacks, n.rollbacks, n.calls, n.ms})
}

// clean makes minutes of what is older than an hour, and forgets what is too old.
func (l *ledger) clean(now int64) {
	l.cleaned = now
	for key, all := range l.cells {
		all = coarser(all, now)
		if len(all) == 0 {
			delete(l.cells, key)
			continue
		}
		l.cells[key] = all
	}
	for server, all := range l.polls {
		l.polls[server] = slices.DeleteFunc(all, func(at int64) bool { return at < now-keptAtAll })
	}
}

// coarser merges entries of the same minute that are older than an hour.
func coarser(all []entry, now int64) []entry {
	out := all[:0]
	for _, e := range all {
		n := len(out)
		switch {
		case e.end < now-keptAtAll:
		case n > 0 && e.end < now-keptFine && out[n-1].end/aMinute == e.end/aMinute:
			last := &out[n-1]
			*last = entry{e.end, last.requests + e.requests, last.errors + e.errors, last.calls + e.calls, last.ms + e.ms}
		default:
			out = append(out, e)
		}
	}
	return out
}

// between are the entries of [from, to).
func between(all []entry, from, to int64) []entry {
	lo := sort.Search(len(all), func(i int) bool { return all[i].end >= from })
	hi := sort.Search(len(all), func(i int) bool { return all[i].end >= to })
	return all[lo:max(lo, hi)]
}

// aDay is how far back a plan asks what tenants did, in ms.
const aDay = 24 * int64(time.Hour/time.Millisecond)

// day is what tenants did in the day before a time, by version, as far back as is counted.
func (l *ledger) day(at time.Time) map[cellKey]counters {
	l.mu.Lock()
	defer l.mu.Unlock()
	to, of := at.UnixMilli(), map[cellKey]counters{}
	for key, all := range l.cells {
		var n counters
		for _, e := range between(all, to-aDay, to) {
			n.commits, n.rollbacks = n.commits+e.requests-e.errors, n.rollbacks+e.errors
		}
		if n.commits+n.rollbacks > 0 {
			of[key] = n
		}
	}
	return of
}

// remembers says whether there was a request in the day before a time.
func (l *ledger) remembers(at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := at.UnixMilli()
	for _, all := range l.cells {
		for _, e := range between(all, to-aDay, to) {
			if e.requests > 0 {
				return true
			}
		}
	}
	return false
}

// answered says whether a server answered shortly before a time, and not before from.
func (l *ledger) answered(server string, from, to int64) bool {
	all := l.polls[server]
	i := sort.Search(len(all), func(i int) bool { return all[i] >= to })
	return i > 0 && all[i-1] >= max(from, to-4*l.resolution)
}
