package simulator

import (
	"math/bits"
	"slices"
)

// event is something that a world does at a moment. It names its handler by a
// number and carries two small arguments, so that a queue can be written down.
type event struct {
	At      int64   `json:"at"` // ns since the world's clock began, at least 0
	Handler handler `json:"handler"`
	A       int32   `json:"a,omitempty"`
	B       int32   `json:"b,omitempty"`
}

// queue is a radix heap over int64 nanoseconds (Ahuja, Mehlhorn, Orlin and Tarjan,
// 1990). An event sits in the bucket of the highest bit in which its time differs
// from the time of the last event taken. Times only grow, so an event moves to a
// lower bucket at most 63 times and nothing is ever compared twice. Events of the
// same time are always in the same bucket and keep the order in which they came:
// first in, first out.
type queue struct {
	buckets [64][]event // bucket 0 holds the events at exactly last
	used    uint64      // bit b: bucket b is not empty
	head    int         // position in bucket 0 of the next event
	last    int64       // time of the last event taken
	size    int
	first   int64 // time of the next event, where known
	known   bool
}

// bucket says where an event at time at belongs.
func (q *queue) bucket(at int64) int { return bits.Len64(uint64(at ^ q.last)) }

// push adds e. A time before that of the last event taken counts as that time:
// what is late happens at once.
func (q *queue) push(e event) {
	e.At = max(e.At, q.last)
	b := q.bucket(e.At)
	q.buckets[b] = append(q.buckets[b], e)
	q.used |= 1 << b
	q.size++
	if q.size == 1 || q.known && e.At < q.first {
		q.first, q.known = e.At, true
	}
}

// peek is the time of the next event. It moves nothing, so that events before
// that time can still be pushed.
func (q *queue) peek() (at int64, ok bool) {
	if q.size == 0 {
		return 0, false
	}
	if !q.known {
		q.first, q.known = q.least(), true
	}
	return q.first, true
}

// least finds the earliest time in the lowest bucket that is not empty.
func (q *queue) least() int64 {
	b := bits.TrailingZeros64(q.used)
	if b == 0 {
		return q.last
	}
	least := q.buckets[b][0].At
	for _, e := range q.buckets[b][1:] {
		least = min(least, e.At)
	}
	return least
}

// pop takes the next event; there must be one.
func (q *queue) pop() event {
	if q.used&1 == 0 {
		q.refill()
	}
	zero := q.buckets[0]
	e := zero[q.head]
	q.head++
	q.size--
	q.known = false
	if q.head == len(zero) {
		q.buckets[0], q.head = zero[:0], 0
		q.used &^= 1
	}
	return e
}

// refill spreads the lowest bucket over those below it, which are all empty.
func (q *queue) refill() {
	b := bits.TrailingZeros64(q.used)
	q.last = q.least()
	from := q.buckets[b]
	q.used &^= 1 << b
	for _, e := range from {
		to := q.bucket(e.At)
		q.buckets[to] = append(q.buckets[to], e)
		q.used |= 1 << to
	}
	q.buckets[b] = from[:0]
}

// all lists the pending events in the order in which they will be taken.
func (q *queue) all() []event {
	var events []event
	for b := range q.buckets {
		from := 0
		if b == 0 {
			from = q.head
		}
		events = append(events, q.buckets[b][from:]...)
	}
	// Events of one time are in one bucket, in order: a stable sort keeps it.
	slices.SortStableFunc(events, func(a, b event) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return 0
	})
	return events
}
