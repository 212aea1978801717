package kernel

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// probing is the plainest model of a fleet, on a queue: each instance is probed every
// ten seconds, at a time of its own, and draws from a stream of its own whether and
// when it answers; a probe without an answer times out. Every event goes into the
// trace, as in a world.
type probing struct {
	queue    holding
	streams  []chance.Stream
	trace    uint64
	timeouts int
}

// holding is as much of a queue as the model needs.
type holding interface {
	Push(Event)
	Pop() Event
}

// What happens in the model, instead of the handlers of a world.
const (
	probed Handler = iota
	answered
	timedOut
)

func newProbing(q holding, instances int) *probing {
	m := &probing{queue: q, streams: make([]chance.Stream, instances)}
	for i := range m.streams {
		m.streams[i] = chance.StreamOf(1, chance.ForFaults, uint64(i))
		q.Push(Event{At: int64(m.streams[i].Below(uint64(10 * time.Second))), Handler: probed, A: int32(i)})
	}
	return m
}

// step takes one event.
func (m *probing) step() {
	e := m.queue.Pop()
	m.trace = chance.Mix(m.trace^uint64(e.At)) ^ uint64(e.Handler)<<56 ^ uint64(uint32(e.A))<<24 ^ uint64(uint32(e.B))
	switch e.Handler {
	case probed:
		if m.streams[e.A].Below(100) == 0 {
			m.queue.Push(Event{At: e.At + int64(time.Second), Handler: timedOut, A: e.A})
			return
		}
		after := int64(m.streams[e.A].Below(uint64(100 * time.Millisecond)))
		m.queue.Push(Event{At: e.At + after, Handler: answered, A: e.A, B: int32(after)})
	case answered:
		m.queue.Push(Event{At: e.At + 10*int64(time.Second) - int64(e.B), Handler: probed, A: e.A})
	case timedOut:
		m.timeouts++
		m.queue.Push(Event{At: e.At + 9*int64(time.Second), Handler: probed, A: e.A})
	}
}

// The model does the same on every queue.
func TestFleetModel(t *testing.T) {
	first := newProbing(&radix{}, 1000)
	for _, q := range []holding{&heap4{}, &naive{}} {
		other := newProbing(q, 1000)
		for range 50_000 {
			other.step()
		}
		if first.trace == 0 {
			for range 50_000 {
				first.step()
			}
		}
		if first.trace != other.trace || first.timeouts != other.timeouts || first.timeouts < 150 || first.timeouts > 350 {
			t.Errorf("%T: %d timeouts and trace %016x, and with a radix heap %d and %016x", q, other.timeouts, other.trace, first.timeouts, first.trace)
		}
	}
}

// What an event of a fleet costs: on each queue, and on the standard library's heap.
func BenchmarkFleetModel(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		var against rates
		for _, kind := range kernels {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				m := newProbing(kind.q(), n)
				for range 3 * n { // until every instance is on its way
					m.step()
				}
				b.ResetTimer()
				for range b.N {
					m.step()
				}
				against.report(b, kind.name == "naive")
			})
		}
	}
}
