package kernel

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// Handler is the number of what an event does; whoever has the queue says which is which.
type Handler uint8

// Event is something that happens at a moment. It names its handler by a number and
// carries two small arguments, so that a queue can be written down.
type Event struct {
	At      int64   `json:"at"` // ns since the clock began, at least 0
	Handler Handler `json:"handler"`
	A       int32   `json:"a,omitempty"`
	B       int32   `json:"b,omitempty"`
}

// Kind is a kind of event queue. What happens does not depend on it.
type Kind string

// The kinds of queues.
const (
	Radix Kind = "radix" // a radix heap: the quicker one
	Heap  Kind = "heap"  // a heap with four children to a node: the simpler one
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Radix, Heap} }

// Usual is an empty queue of the kind that is used where nobody asks for another, at a
// time.
func Usual(last int64) Queue { return &radix{last: last} }

// New is an empty queue of a kind, at a time: what is pushed before it counts as that time.
func New(kind Kind, last int64) (Queue, error) {
	switch kind {
	case Radix:
		return Usual(last), nil
	case Heap:
		return &heap4{last: last}, nil
	default:
		return nil, fmt.Errorf("%q is not a kind of queue: use one of %v", kind, Kinds())
	}
}

// Queue takes events by time, first in, first out where times tie.
type Queue interface {
	Push(e Event)                 // a time before that of the last event taken counts as that time
	Peek() (at int64, ok bool)    // time of the next event
	Pop() Event                   // the next event; there must be one
	Cancel(drop func(Event) bool) // takes events out
	All() []Event                 // in the order in which they will be taken
	Len() int
}

// radix is a radix heap over int64 nanoseconds (Ahuja, Mehlhorn, Orlin and Tarjan,
// 1990). An event sits in the bucket of the highest bit in which its time differs
// from the time of the last event taken. Times only grow, so an event moves to a
// lower bucket at most 63 times and nothing is ever compared twice. Events of the
// same time are always in the same bucket and keep the order in which they came:
// first in, first out.
type radix struct {
	buckets [64][]Event // bucket 0 holds the events at exactly last
	least   [64]int64   // earliest time in a bucket that is not empty
	used    uint64      // bit b: bucket b is not empty
	head    int         // position in bucket 0 of the next event
	last    int64       // time of the last event taken
	size    int
}

// bucket says where an event at time at belongs.
func (q *radix) bucket(at int64) int { return bits.Len64(uint64(at ^ q.last)) }

// Push adds e. A time before that of the last event taken counts as that time:
// what is late happens at once.
func (q *radix) Push(e Event) {
	e.At = max(e.At, q.last)
	q.put(e)
	q.size++
}

// put adds e to its bucket.
func (q *radix) put(e Event) {
	b := q.bucket(e.At)
	q.buckets[b] = append(q.buckets[b], e)
	if bit := uint64(1) << b; q.used&bit == 0 {
		q.used |= bit
		q.least[b] = e.At
	} else if e.At < q.least[b] {
		q.least[b] = e.At
	}
}

// Peek is the time of the next event. It moves nothing, so that events before
// that time can still be pushed.
func (q *radix) Peek() (at int64, ok bool) {
	if q.size == 0 {
		return 0, false
	}
	return q.least[bits.TrailingZeros64(q.used)], true
}

// Pop takes the next event; there must be one.
func (q *radix) Pop() Event {
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

// All lists the pending events in the order in which they will be taken.
func (q *radix) All() []Event {
	var events []Event
	for b := range q.buckets {
		from := 0
		if b == 0 {
			from = q.head
		}
		events = append(events, q.buckets[b][from:]...)
	}
	// Events of one time are in one bucket, in order: a stable sort keeps it.
	slices.SortStableFunc(events, func(a, b Event) int {
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

// Len is how many events are pending.
func (q *radix) Len() int { return q.size }

// Cancel takes the events out that drop says; the others keep their order.
func (q *radix) Cancel(drop func(Event) bool) {
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
		q.least[b] = slices.MinFunc(q.buckets[b][from:], func(x, y Event) int { return cmp.Compare(x.At, y.At) }).At
	}
}
