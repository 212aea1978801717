package notify

import (
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// job is a delivery that was claimed, until a time.
type job struct {
	of    store.Delivery
	until time.Time
}

// later is a delivery that was put off.
type later struct {
	seq int64
	due time.Time
}

// Of a sink whose attempts take longer than slowAttempt nobody waits for room: what there is
// none for comes again at leastOff from now at the soonest.
const (
	slowAttempt = 200 * time.Millisecond
	leastOff    = time.Second
)

// queue has what a sink is told next. It is short: what waits for long waits in the store.
// The messages of a rollout are a lane, of which one is under way at a time.
type queue struct {
	width int           // attempts at a time
	most  int           // jobs in all
	claim time.Duration // how long a claim holds

	mu      sync.Mutex
	jobs    int
	running int
	lanes   map[string][]job
	ready   []string // lanes with nothing under way
	off     map[string][]later
	slow    bool
	pace    time.Duration // what an attempt took lately
	next    time.Time     // when there is room for what was put off last
	room    chan struct{}
}

func newQueue(width int, claim time.Duration) queue {
	return queue{width: width, most: 4 * width, claim: claim, lanes: map[string][]job{}, off: map[string][]later{}, room: make(chan struct{}, 1)}
}

// offer takes a job, unless there is no room. work says that somebody has to begin to work.
func (q *queue) offer(j job) (taken, work bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.jobs >= q.most {
		return false, false
	}
	q.jobs++
	lane, busy := q.lanes[j.of.Rollout]
	q.lanes[j.of.Rollout] = append(lane, j)
	if busy {
		return true, false
	}
	q.ready = append(q.ready, j.of.Rollout)
	if q.running >= q.width {
		return true, false
	}
	q.running++
	return true, true
}

// take is the next job of whoever works; false: there is none, and the work is over.
func (q *queue) take() (job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ready) == 0 {
		q.running--
		return job{}, false
	}
	lane := q.ready[0]
	q.ready = slices.Delete(q.ready, 0, 1)
	return q.lanes[lane][0], true
}

// finish ends a job that was taken and took so long. Where the next ones of its lane must not
// follow they are returned, to be put off.
func (q *queue) finish(j job, follow bool, took time.Duration) []job {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := j.of.Rollout
	rest := q.lanes[id][1:]
	q.jobs--
	q.pace = took
	if took < slowAttempt {
		q.slow = false
	}
	switch {
	case !follow:
		q.jobs -= len(rest)
		delete(q.lanes, id)
	case len(rest) == 0:
		delete(q.lanes, id)
	default:
		q.lanes[id] = rest
		q.ready = append(q.ready, id)
	}
	select {
	case q.room <- struct{}{}:
	default:
	}
	if follow {
		return nil
	}
	return rest
}

// hurry says whether to wait for room is worth while.
func (q *queue) hurry() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.slow && q.pace < slowAttempt
}

// reserve is when there will be room for one more, as fast as it goes. Those that ask first
// come first.
func (q *queue) reserve(now time.Time) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.slow = true
	if soonest := now.Add(leastOff); q.next.Before(soonest) {
		q.next = soonest
	}
	q.next = q.next.Add(max(q.pace, slowAttempt) / time.Duration(q.width))
	return q.next
}

// putOff notes that a delivery waits in the store.
func (q *queue) putOff(d *store.Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget(d)
	q.off[d.Rollout] = append(q.off[d.Rollout], later{d.Seq, d.Due})
}

// forget notes that it does not wait any more.
func (q *queue) forget(d *store.Delivery) {
	rest := slices.DeleteFunc(q.off[d.Rollout], func(l later) bool { return l.seq == d.Seq })
	if len(rest) == 0 {
		delete(q.off, d.Rollout)
		return
	}
	q.off[d.Rollout] = rest
}

// over notes that a delivery is settled.
func (q *queue) over(d *store.Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget(d)
}

// behind is when a delivery may come that has come now: after those of its rollout before it,
// which wait. Zero: at once. One that waits for longer than a claim holds after its time was
// taken by another server.
func (q *queue) behind(d *store.Delivery, now time.Time) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget(d)
	var due time.Time
	for _, l := range q.off[d.Rollout] {
		if l.seq < d.Seq && now.Before(l.due.Add(q.claim)) && l.due.After(due) {
			due = l.due
		}
	}
	if due.IsZero() {
		return due
	}
	if soonest := now.Add(leastOff); due.Before(soonest) {
		return soonest
	}
	return due.Add(time.Millisecond)
}

// drain takes all jobs out that nobody works on.
func (q *queue) drain() []job {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []job
	for _, lane := range q.lanes {
		all = append(all, lane...)
	}
	q.jobs, q.lanes, q.ready = 0, map[string][]job{}, nil
	return all
}
