package simulator

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// probing is the plainest model of a fleet, on a queue: each instance is probed every
// ten seconds, at a time of its own, and draws from a stream of its own whether and
// when it answers; a probe without an answer times out. Every event goes into the
// trace, as in World.moment.
type probing struct {
	queue    holding
	streams  []chance.Stream
	trace    uint64
	timeouts int
}

// holding is as much of a queue as the model needs.
type holding interface {
	push(event)
	pop() event
}

// What happens in the model, instead of the handlers of a world.
const (
	probed handler = iota
	answered
	timedOut
)

func newProbing(q holding, instances int) *probing {
	m := &probing{queue: q, streams: make([]chance.Stream, instances)}
	for i := range m.streams {
		m.streams[i] = chance.StreamOf(1, chance.ForFaults, uint64(i))
		q.push(event{At: int64(m.streams[i].Below(uint64(10 * second))), Handler: probed, A: int32(i)})
	}
	return m
}

// step takes one event.
func (m *probing) step() {
	e := m.queue.pop()
	m.trace = chance.Mix(m.trace^uint64(e.At)) ^ uint64(e.Handler)<<56 ^ uint64(uint32(e.A))<<24 ^ uint64(uint32(e.B))
	switch e.Handler {
	case probed:
		if m.streams[e.A].Below(100) == 0 {
			m.queue.push(event{At: e.At + second, Handler: timedOut, A: e.A})
			return
		}
		after := int64(m.streams[e.A].Below(uint64(100 * time.Millisecond)))
		m.queue.push(event{At: e.At + after, Handler: answered, A: e.A, B: int32(after)})
	case answered:
		m.queue.push(event{At: e.At + 10*second - int64(e.B), Handler: probed, A: e.A})
	case timedOut:
		m.timeouts++
		m.queue.push(event{At: e.At + 9*second, Handler: probed, A: e.A})
	}
}

// The model does the same on every queue.
func TestFleetModel(t *testing.T) {
	first := newProbing(&radix{}, 1000)
	for _, q := range []holding{&heap4{}, &binaryHeap{}} {
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

// What an event of a fleet costs: on each queue of the simulator, and on the standard
// library's heap; and what the same probes cost in a world, which draws no more of them
// than it has to: those that fail, when somebody looks.
func BenchmarkFleetModel(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		var against rates
		for _, kind := range kernels {
			b.Run(fmt.Sprintf("events/%s/%d", kind.name, n), func(b *testing.B) {
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
		b.Run(fmt.Sprintf("world/%d", n), func(b *testing.B) { lookAtProbes(b, n) })
	}
}

// lookAtProbes lets a world of n instances, of whose probes one in a hundred fails, go on
// from one probe of each to the next, and looks at the health of all.
func lookAtProbes(b *testing.B, n int) {
	cfg := installed(DefaultConfig())
	cfg.Instances, cfg.Spare = n, 0
	cfg.Faults = []Fault{{Kind: ProbesFlaky, Magnitude: 0.01, Absolute: true}}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := engine.Compile("r", to(engine.Canary), w.Snapshot())
	if err != nil {
		b.Fatal(err)
	}
	w.heard("r")
	watch := engine.Watch{Rollout: "r", Candidate: "1.6.0", Instances: plan.Instances, Failures: 3}
	for b.Loop() {
		from := w.Now()
		w.RunUntil(from.Add(10 * time.Second))
		watch.Since = from
		m, err := w.Look(b.Context(), watch)
		if err != nil {
			b.Fatal(err)
		}
		if m.Watched != n {
			b.Fatalf("%d of %d instances are watched", m.Watched, n)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mprobes/s")
}
