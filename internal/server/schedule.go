package server

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// entry is a rollout that the server walks, or waits to.
type entry struct {
	id          string
	environment engine.Environment
	plugin      string

	// Of the schedule.
	due    time.Time // on this machine's clock; zero: when somebody says something
	place  int       // in the heap; -1: it is not in it
	taken  bool      // a worker has it
	poked  bool      // somebody spoke while a worker had it
	heard  int64     // how many events it was told to have while a worker had it, which may have written them itself
	events int64     // how many it had when it was stepped last

	// Of the worker that has it.
	walk    *walker.Walker // nil: it is not in memory
	world   World
	attends walker.Attendance
	mine    bool // its lease is this server's, as long as that says so often enough
	trouble trouble
	newer   *entry // in the list of walks in memory
	older   *entry
}

// trouble is why a rollout is not walked; the zero value: nothing keeps it.
type trouble struct {
	why   string
	since time.Time
	tries int
}

// schedule has all rollouts that are in flight, and gives out those that are due.
type schedule struct {
	now  func() time.Time
	wait func(context.Context, time.Duration) error

	mu      sync.Mutex
	entries map[string]*entry
	heap    entries
	wake    context.CancelFunc // ends the wait of give; nil: it does not wait
}

func newSchedule(o *Options) *schedule {
	return &schedule{now: o.Now, wait: o.Wait, entries: map[string]*entry{}}
}

// add has a rollout walked at once, unless it is known. mine: its lease is this server's.
func (s *schedule) add(id string, e engine.Environment, plugin string, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[id] != nil {
		return
	}
	fresh := &entry{id: id, environment: e, plugin: plugin, place: -1, events: -1, mine: mine}
	s.entries[id] = fresh
	s.put(fresh, s.now())
}

// poke has a rollout walked at once that somebody said something to: now it has so many
// events, 0: one does not know.
func (s *schedule) poke(id string, events int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[id]
	switch {
	case e == nil || events > 0 && events <= e.events:
	case e.taken:
		e.poked, e.heard = e.poked || events == 0, max(e.heard, events)
	default:
		s.put(e, s.now())
	}
}

// pokeAll has all rollouts walked at once, but for those that wait for somebody to say
// something.
func (s *schedule) pokeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		switch {
		case e.taken:
			e.poked = true
		case !e.due.IsZero():
			s.put(e, s.now())
		}
	}
}

// put puts e where it is due.
func (s *schedule) put(e *entry, due time.Time) {
	e.due = due
	switch {
	case due.IsZero() && e.place >= 0:
		heap.Remove(&s.heap, e.place)
	case due.IsZero():
	case e.place >= 0:
		heap.Fix(&s.heap, e.place)
	default:
		heap.Push(&s.heap, e)
	}
	if e.place == 0 && s.wake != nil {
		s.wake()
	}
}

// give gives out one rollout that is due, when one is; nil: ctx is done.
func (s *schedule) give(ctx context.Context) *entry {
	for ctx.Err() == nil {
		s.mu.Lock()
		pause := time.Hour
		if len(s.heap) > 0 {
			first := s.heap[0]
			if pause = first.due.Sub(s.now()); pause <= 0 {
				heap.Pop(&s.heap)
				first.taken = true
				s.mu.Unlock()
				return first
			}
		}
		waiting, wake := context.WithCancel(ctx)
		s.wake = wake
		s.mu.Unlock()
		_ = s.wait(waiting, pause) // whatever ended it, one looks again
		wake()
	}
	return nil
}

// back takes a rollout back from its worker: it is due then, or at once where somebody spoke
// meanwhile; a zero time: when somebody does. It has so many events.
func (s *schedule) back(e *entry, due time.Time, events int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.spoken(events) {
		due = s.now()
	}
	e.events = events
	s.put(e, due)
}

// spoken takes e back from its worker, which has acted on so many events, -1: none, and says
// whether there are others.
func (e *entry) spoken(events int64) bool {
	others := e.poked || events >= 0 && e.heard > events
	e.taken, e.poked, e.heard = false, false, 0
	return others
}

// drop forgets a rollout that has ended, unless somebody spoke while a worker had it: one that
// is stuck may be given another try.
func (s *schedule) drop(e *entry, events int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.spoken(events) {
		s.put(e, s.now())
		return
	}
	delete(s.entries, e.id)
}

// standing is why a rollout is not walked now and since when, "" where nothing keeps it, and
// how many events it had when it was stepped last; -1: it was not stepped here yet.
func (s *schedule) standing(id string) (why string, since time.Time, events int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[id]; e != nil {
		return e.trouble.why, e.trouble.since, e.events
	}
	return "", time.Time{}, -1
}

// stepped counts the rollouts that were stepped here, and are in flight.
func (s *schedule) stepped() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.events >= 0 {
			n++
		}
	}
	return n
}

// troubled notes why e is not walked; "": nothing keeps it. It returns how often that was so in a row.
func (s *schedule) troubled(e *entry, why string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why == "" {
		e.trouble = trouble{}
		return 0
	}
	if e.trouble.since.IsZero() {
		e.trouble.since = s.now()
	}
	e.trouble.why = why
	e.trouble.tries++
	return e.trouble.tries
}

// entries are a heap by when they are due, and where that is the same by id.
type entries []*entry

func (h entries) Len() int { return len(h) }

func (h entries) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].id < h[j].id
}

func (h entries) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *entries) Push(x any) {
	e, _ := x.(*entry)
	e.place = len(*h)
	*h = append(*h, e)
}

// Pop implements heap.Interface.
func (h *entries) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	e.place = -1
	return e
}
