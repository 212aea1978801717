package simulator

import (
	"cmp"
	"fmt"
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

// Queue names a kind of event queue. What happens does not depend on it.
type Queue string

// The queues.
const (
	RadixQueue Queue = "radix" // a radix heap: the quicker one
	HeapQueue  Queue = "heap"  // a heap with four children to a node: the simpler one
)

// Queues lists every kind.
func Queues() []Queue { return []Queue{RadixQueue, HeapQueue} }

// UseQueue gives w a queue of another kind. Whatever happens later, happens as it
// would have: the two are there to check each other. It is not saved.
func (w *World) UseQueue(kind Queue) error {
	var q queue
	switch kind {
	case RadixQueue:
		q = &radix{last: w.Time}
	case HeapQueue:
		q = &heap4{last: w.Time}
	default:
		return fmt.Errorf("%q is not a kind of queue: use one of %v", kind, Queues())
	}
	for _, e := range w.queue.all() {
		q.push(e)
	}
	w.queue = q
	return nil
}

// queue takes events by time, first in, first out where times tie.
type queue interface {
	push(e event)                 // a time before that of the last event taken counts as that time
	peek() (at int64, ok bool)    // time of the next event
	pop() event                   // the next event; there must be one
	cancel(drop func(event) bool) // takes events out
	all() []event                 // in the order in which they will be taken
	len() int
}

// radix is a radix heap over int64 nanoseconds (Ahuja, Mehlhorn, Orlin and Tarjan,
// 1990). An event sits in the bucket of the highest bit in which its time differs
// from the time of the last event taken. Times only grow, so an event moves to a
// lower bucket at most 63 times and nothing is ever compared twice. Events of the
// same time are always in the same bucket and keep the order in which they came:
// first in, first out.
type radix struct {
	buckets [64][]event // bucket 0 holds the events at exactly last
	least   [64]int64   // earliest time in a bucket that is not empty
	used    uint64      // bit b: bucket b is not empty
	head    int         // position in bucket 0 of the next event
	last    int64       // time of the last event taken
	size    int
}

// bucket says where an event at time at belongs.
func (q *radix) bucket(at int64) int { return bits.Len64(uint64(at ^ q.last)) }

// push adds e. A time before that of the last event taken counts as that time:
// what is late happens at once.
func (q *radix) push(e event) {
	e.At = max(e.At, q.last)
	q.put(e)
	q.size++
}

// put adds e to its bucket.
func (q *radix) put(e event) {
	b := q.bucket(e.At)
	q.buckets[b] = append(q.buckets[b], e)
	if bit := uint64(1) << b; q.used&bit == 0 {
		q.used |= bit
		q.least[b] = e.At
	} else if e.At < q.least[b] {
		q.least[b] = e.At
	}
}

// peek is the time of the next event. It moves nothing, so that events before
// that time can still be pushed.
func (q *radix) peek() (at int64, ok bool) {
	if q.size == 0 {
		return 0, false
	}
	return q.least[bits.TrailingZeros64(q.used)], true
}

// pop takes the next event; there must be one.
func (q *radix) pop() event {
	if q.used&1 == 0 {
		q.refill()
	}
	zero := q.buckets[0]
	e := zero[q.head]
	q.head++
	q.size--
	if q.head == len(zero) {
		q.buckets[0], q.head = zero[:0], 0
		q.used &^= 1
	}
	return e
}

// refill spreads the lowest bucket over those below it, which are all empty.
func (q *radix) refill() {
	b := bits.TrailingZeros64(q.used)
	q.last = q.least[b]
	from := q.buckets[b]
	q.used &^= 1 << b
	for _, e := range from {
		q.put(e)
	}
	q.buckets[b] = from[:0]
}

// all lists the pending events in the order in which they will be taken.
func (q *radix) all() []event {
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

// len is how many events are pending.
func (q *radix) len() int { return q.size }

// cancel takes the events out that drop says; the others keep their order.
func (q *radix) cancel(drop func(event) bool) {
	for b := range q.buckets {
		from := 0
		if b == 0 {
			from = q.head
		}
		kept := slices.DeleteFunc(q.buckets[b][from:], drop)
		q.size -= len(q.buckets[b]) - from - len(kept)
		if q.buckets[b] = q.buckets[b][:from+len(kept)]; len(kept) == 0 {
			q.buckets[b] = q.buckets[b][:0]
			q.used &^= 1 << b
			if b == 0 {
				q.head = 0
			}
			continue
		}
		q.least[b] = slices.MinFunc(q.buckets[b][from:], func(x, y event) int { return cmp.Compare(x.At, y.At) }).At
	}
}
