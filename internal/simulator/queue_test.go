package simulator

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// binary is the queue of the standard library, for comparison: ties are broken by
// the order of arrival.
type binary struct {
	events []event
	seqs   []int64
	n      int64
}

func (b *binary) Len() int { return len(b.events) }
func (b *binary) Less(i, j int) bool {
	if b.events[i].At != b.events[j].At {
		return b.events[i].At < b.events[j].At
	}
	return b.seqs[i] < b.seqs[j]
}

func (b *binary) Swap(i, j int) {
	b.events[i], b.events[j] = b.events[j], b.events[i]
	b.seqs[i], b.seqs[j] = b.seqs[j], b.seqs[i]
}

func (b *binary) Push(x any) {
	b.events, b.seqs, b.n = append(b.events, x.(event)), append(b.seqs, b.n), b.n+1
}

func (b *binary) Pop() any {
	last := len(b.events) - 1
	e := b.events[last]
	b.events, b.seqs = b.events[:last], b.seqs[:last]
	return e
}

// Both queues must give the same order, ties included.
func TestQueueAgreesWithHeap(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var q queue
		b := &binary{}
		now, spread := int64(0), []int64{1, 3, 1000, 1e12}[seed%4]
		for i := range int32(2000) {
			if r.IntN(3) > 0 || b.Len() == 0 {
				e := event{At: now + r.Int64N(spread), A: i}
				q.push(e)
				heap.Push(b, e)
				continue
			}
			if at, ok := q.peek(); !ok || at != b.events[0].At {
				t.Fatalf("seed %d: peek %d %v, want %d", seed, at, ok, b.events[0].At)
			}
			got, want := q.pop(), heap.Pop(b).(event)
			if got != want {
				t.Fatalf("seed %d: %v, want %v", seed, got, want)
			}
			now = got.At
		}
		all := q.all()
		for i := range all {
			if want := heap.Pop(b).(event); all[i] != want {
				t.Fatalf("seed %d: all()[%d] is %v, want %v", seed, i, all[i], want)
			}
		}
		// Written down and read again, the rest comes in the same order.
		again := queue{last: now}
		for _, e := range all {
			again.push(e)
		}
		var got []event
		for again.size > 0 {
			got = append(got, again.pop())
		}
		if !slices.Equal(got, all) {
			t.Fatalf("seed %d: read again, the order differs", seed)
		}
	}
}

// A look at the queue must not close the time before the next event.
func TestQueuePeekLeavesRoom(t *testing.T) {
	var q queue
	q.push(event{At: 100})
	q.peek()
	q.push(event{At: 10, A: 1})
	if e := q.pop(); e.At != 10 {
		t.Fatalf("popped %d first", e.At)
	}
	q.push(event{At: 5, A: 2}) // late: at once
	if e := q.pop(); e.A != 2 || e.At != 10 {
		t.Fatalf("the late event came as %v", e)
	}
}

// The hold model: take the next event, add one a random time later.
func BenchmarkQueueHold(b *testing.B) {
	for _, pending := range []int{1000, 100_000} {
		r := rand.New(rand.NewPCG(1, 1))
		steps := make([]int64, 1<<16)
		for i := range steps {
			steps[i] = int64(r.ExpFloat64() * 1e9)
		}
		b.Run(fmt.Sprintf("radix/%d", pending), func(b *testing.B) {
			var q queue
			for i := range pending {
				q.push(event{At: steps[i&0xffff]})
			}
			for i := 0; b.Loop(); i++ {
				e := q.pop()
				e.At += steps[i&0xffff]
				q.push(e)
			}
		})
		b.Run(fmt.Sprintf("heap/%d", pending), func(b *testing.B) {
			h := &binary{}
			for i := range pending {
				heap.Push(h, event{At: steps[i&0xffff]})
			}
			for i := 0; b.Loop(); i++ {
				e := heap.Pop(h).(event)
				e.At += steps[i&0xffff]
				heap.Push(h, e)
			}
		})
	}
}
