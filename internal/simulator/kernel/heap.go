package kernel

import "slices"

// heap4 is a heap with four children to a node. Events of one time are told apart by
// the order in which they came. The keys are kept apart from the events, so that a
// comparison of four children touches one or two lines of the cache.
type heap4 struct {
	keys   []key
	events []Event // by key.slot
	free   []int32 // of events
	seq    uint32
	last   int64 // time of the last event taken
}

// key is what a heap4 is ordered by.
type key struct {
	at   int64
	seq  uint32
	slot int32
}

// before says whether a comes first. Sequence numbers wrap round: what is pending is
// never so much that two of them are half the way apart.
func (a key) before(b key) bool { return a.at < b.at || a.at == b.at && int32(a.seq-b.seq) < 0 }

func (q *heap4) Len() int { return len(q.keys) }

func (q *heap4) Push(e Event) {
	e.At = max(e.At, q.last)
	slot := int32(len(q.events))
	if n := len(q.free); n > 0 {
		slot, q.free = q.free[n-1], q.free[:n-1]
		q.events[slot] = e
	} else {
		q.events = append(q.events, e)
	}
	q.keys = append(q.keys, key{e.At, q.seq, slot})
	q.seq++
	q.up(len(q.keys) - 1)
}

func (q *heap4) Peek() (at int64, ok bool) {
	if len(q.keys) == 0 {
		return 0, false
	}
	return q.keys[0].at, true
}

func (q *heap4) Pop() Event {
	first, last := q.keys[0], len(q.keys)-1
	q.keys[0] = q.keys[last]
	q.keys = q.keys[:last]
	if last > 0 {
		q.down(0)
	}
	q.last = first.at
	q.free = append(q.free, first.slot)
	return q.events[first.slot]
}

func (q *heap4) up(i int) {
	k := q.keys[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !k.before(q.keys[parent]) {
			break
		}
		q.keys[i] = q.keys[parent]
		i = parent
	}
	q.keys[i] = k
}

func (q *heap4) down(i int) {
	k := q.keys[i]
	for {
		child := 4*i + 1
		if child >= len(q.keys) {
			break
		}
		for c := child + 1; c < min(4*i+5, len(q.keys)); c++ {
			if q.keys[c].before(q.keys[child]) {
				child = c
			}
		}
		if !q.keys[child].before(k) {
			break
		}
		q.keys[i] = q.keys[child]
		i = child
	}
	q.keys[i] = k
}

// Cancel takes the events out that drop says.
func (q *heap4) Cancel(drop func(Event) bool) {
	q.keys = slices.DeleteFunc(q.keys, func(k key) bool {
		if !drop(q.events[k.slot]) {
			return false
		}
		q.free = append(q.free, k.slot)
		return true
	})
	for i := len(q.keys)/4 + 1; i >= 0; i-- {
		if i < len(q.keys) {
			q.down(i)
		}
	}
}

func (q *heap4) All() []Event {
	keys := slices.Clone(q.keys)
	slices.SortFunc(keys, func(a, b key) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	events := make([]Event, len(keys))
	for i, k := range keys {
		events[i] = q.events[k.slot]
	}
	return events
}
