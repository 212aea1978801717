package simulator

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// binaryHeap is the queue of the standard library, for comparison: ties are broken by
// the order of arrival.
type binaryHeap struct {
	events []event
	seqs   []int64
	n      int64
}

func (b *binaryHeap) Len() int { return len(b.events) }
func (b *binaryHeap) Less(i, j int) bool {
	if b.events[i].At != b.events[j].At {
		return b.events[i].At < b.events[j].At
	}
	return b.seqs[i] < b.seqs[j]
}

func (b *binaryHeap) Swap(i, j int) {
	b.events[i], b.events[j] = b.events[j], b.events[i]
	b.seqs[i], b.seqs[j] = b.seqs[j], b.seqs[i]
}

func (b *binaryHeap) Push(x any) {
	b.events, b.seqs, b.n = append(b.events, x.(event)), append(b.seqs, b.n), b.n+1
}

func (b *binaryHeap) Pop() any {
	last := len(b.events) - 1
	e := b.events[last]
	b.events, b.seqs = b.events[:last], b.seqs[:last]
	return e
}

// queues are the ones under test, empty, at a time.
func queues(last int64) map[Queue]queue {
	return map[Queue]queue{RadixQueue: &radix{last: last}, HeapQueue: &heap4{last: last}}
}

// All queues must give the same order, ties included, whatever is taken out.
func TestQueuesAgree(t *testing.T) {
	for kind := range queues(0) {
		for seed := range uint64(200) {
			agrees(t, kind, seed)
		}
	}
}

func agrees(t *testing.T, kind Queue, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	q, b := queues(0)[kind], &binaryHeap{}
	now, spread := int64(0), []int64{1, 3, 1000, 1e12}[seed%4]
	for i := range int32(2000) {
		if i%500 == 499 {
			drop := func(e event) bool { return e.A%7 == int32(seed%7) }
			q.cancel(drop)
			b.cancel(drop)
		}
		if r.IntN(3) > 0 || b.Len() == 0 {
			e := event{At: now + r.Int64N(spread), A: i}
			q.push(e)
			heap.Push(b, e)
			continue
		}
		if at, ok := q.peek(); !ok || at != b.events[0].At {
			t.Fatalf("%s, seed %d: peek %d %v, want %d", kind, seed, at, ok, b.events[0].At)
		}
		got, want := q.pop(), heap.Pop(b).(event)
		if got != want {
			t.Fatalf("%s, seed %d: %v, want %v", kind, seed, got, want)
		}
		now = got.At
	}
	all := q.all()
	if q.len() != len(all) || len(all) != b.Len() {
		t.Fatalf("%s, seed %d: %d events, listed %d, want %d", kind, seed, q.len(), len(all), b.Len())
	}
	for i := range all {
		if want := heap.Pop(b).(event); all[i] != want {
			t.Fatalf("%s, seed %d: all()[%d] is %v, want %v", kind, seed, i, all[i], want)
		}
	}
	// Written down and read again, by any queue, the rest comes in the same order.
	for other, again := range queues(now) {
		for _, e := range all {
			again.push(e)
		}
		var got []event
		for again.len() > 0 {
			got = append(got, again.pop())
		}
		if !slices.Equal(got, all) {
			t.Fatalf("seed %d: %s read again by %s, the order differs", seed, kind, other)
		}
	}
	q.cancel(func(event) bool { return true })
	if _, ok := q.peek(); ok || q.len() != 0 {
		t.Fatalf("%s: something is left when all was taken out", kind)
	}
}

// cancel is the plain way.
func (b *binaryHeap) cancel(drop func(event) bool) {
	kept := &binaryHeap{n: b.n}
	for i, e := range b.events {
		if !drop(e) {
			kept.events, kept.seqs = append(kept.events, e), append(kept.seqs, b.seqs[i])
		}
	}
	heap.Init(kept)
	*b = *kept
}

// A look at the queue must not close the time before the next event.
func TestQueuePeekLeavesRoom(t *testing.T) {
	for kind, q := range queues(0) {
		q.push(event{At: 100})
		q.peek()
		q.push(event{At: 10, A: 1})
		if e := q.pop(); e.At != 10 {
			t.Fatalf("%s: popped %d first", kind, e.At)
		}
		q.push(event{At: 5, A: 2}) // late: at once
		if e := q.pop(); e.A != 2 || e.At != 10 {
			t.Fatalf("%s: the late event came as %v", kind, e)
		}
	}
}

// Whole rollouts, with faults, happen alike on either queue.
func TestQueuesGiveTheSameTrace(t *testing.T) {
	for seed := range uint64(60) {
		traces := map[uint64][]Queue{}
		for _, kind := range Queues() {
			r, ok := played(t, seed+1, kind)
			if !ok {
				continue
			}
			trace := chance.Mix(r.watcher.Trace() ^ r.world.Trace())
			traces[trace] = append(traces[trace], kind)
		}
		if len(traces) > 1 {
			t.Errorf("seed %d: the queues do not agree: %v", seed+1, traces)
		}
	}
	w, err := NewWorld(installed(DefaultConfig()), engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.UseQueue("abacus"); err == nil {
		t.Error("an abacus was taken for a queue")
	}
}

// hold is the hold model: take the next event, hand it to its handler, which adds one a
// random time later; all of it goes into a trace, as in a world.
func hold(b *testing.B, q interface {
	push(event)
	pop() event
}, pending int, steps []int64,
) {
	trace, i := uint64(0), 0
	table := [2]func(e event){1: func(e event) {
		e.At += steps[i&0xffff]
		q.push(e)
	}}
	for i := range pending {
		q.push(event{At: steps[i&0xffff], Handler: 1})
	}
	for b.Loop() {
		e := q.pop()
		trace = chance.Mix(trace^uint64(e.At)) ^ uint64(e.Handler)<<56
		i++
		table[e.Handler](e)
	}
}

func (b *binaryHeap) push(e event) { heap.Push(b, e) }
func (b *binaryHeap) pop() event   { return heap.Pop(b).(event) }

// rates reports how many events a second there were, and how many times as many as
// with the standard library's heap, which is tried first: machines differ, and are
// noisy, but ratios of one run do not.
type rates struct{ naive float64 }

func (r *rates) report(b *testing.B, naive bool) {
	rate := float64(b.N) / b.Elapsed().Seconds()
	if naive {
		r.naive = rate
	}
	b.ReportMetric(rate/1e6, "Mevents/s")
	if r.naive > 0 { // it may have been left out
		b.ReportMetric(rate/r.naive, "x-naive")
	}
}

// What the queues cost, and the standard library's heap with them.
func BenchmarkQueueHold(b *testing.B) {
	for _, pending := range []int{1000, 100_000} {
		r := rand.New(rand.NewPCG(1, 1))
		steps := make([]int64, 1<<16)
		for i := range steps {
			steps[i] = int64(r.ExpFloat64() * 1e9)
		}
		var against rates
		for _, kind := range kernels {
			b.Run(fmt.Sprintf("%s/%d", kind.name, pending), func(b *testing.B) {
				hold(b, kind.q(), pending, steps)
				against.report(b, kind.name == "naive")
			})
		}
	}
}

// kernels are the queues that benchmarks compare, the naive one first.
var kernels = []struct {
	name string
	q    func() holding
}{
	{"naive", func() holding { return &binaryHeap{} }},
	{"heap4", func() holding { return &heap4{} }},
	{"radix", func() holding { return &radix{} }},
}
