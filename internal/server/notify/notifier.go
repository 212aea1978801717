package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Store is what a Notifier needs of the store.
type Store interface {
	store.Outbox
	store.Rollouts
}

// Watcher is told how attempts went. Its methods return at once.
type Watcher interface {
	// Attempted is called after each attempt to tell a sink, with how long it took.
	Attempted(sink string, took time.Duration, arrived bool)
	// GaveUp is called for each message that is not tried again.
	GaveUp(sink string)
}

// Options are how a Notifier works.
type Options struct {
	// Now is the time.
	Now func() time.Time
	// Source is who tells, as a URL: that of the server.
	Source string
	// Link is the page of a rollout; nil: there is none.
	Link func(rollout string) string
	// UserAgent is what requests call themselves; "": Go's own.
	UserAgent string
	// Every is how often the store is asked when nothing happens; 0: a second.
	Every time.Duration
	// Log takes what nobody waits for; nil: it is lost.
	Log *slog.Logger
	// Watcher counts; nil: nobody does.
	Watcher Watcher
}

// How many events and deliveries are taken from the store at a time.
const (
	mostDivided = 100
	mostClaimed = 64
)

// usualEvery is how often the store is asked when nothing happens.
const usualEvery = time.Second

// Notifier tells sinks what the store says is untold. Several servers may have one each.
type Notifier struct {
	store   Store
	o       Options
	sinks   map[string]*sink
	order   []*sink
	library library
	claim   time.Duration
	workers sync.WaitGroup
	unread  map[int64]int // tries to read an event that is untold, by its id
}

// New makes one. It reaches nobody. The error is s.Check's.
func New(s Settings, st Store, o Options) (*Notifier, error) {
	if ps := s.Check(); len(ps) > 0 {
		return nil, ps
	}
	o.Every = cmp.Or(o.Every, usualEvery)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{store: st, o: o, sinks: map[string]*sink{}, library: library{store: st}, unread: map[int64]int{}}
	for i := range s.Sinks {
		k := &s.Sinks[i]
		n.claim = max(n.claim, 10*k.timeout())
	}
	for i := range s.Sinks {
		k := &sink{of: s.Sinks[i], path: fmt.Sprintf("notifications[%d]", i), source: cmp.Or(o.Source, "hotswap"), agent: o.UserAgent, now: o.Now, outbox: st}
		k.queue = newQueue(cmp.Or(k.of.MaxConcurrency, usualConcurrency), n.claim)
		n.sinks[k.of.Name], n.order = k, append(n.order, k)
	}
	return n, nil
}

// Run tells what there is to tell, until ctx is done, whose error it returns. What was taken
// from the store and not told by then is given back. What is wrong with the store or a sink
// is tried again.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.stop(ctx)
	for {
		divided, err := n.divide(ctx)
		claimed, wrong := 0, error(nil)
		if ctx.Err() == nil {
			claimed, wrong = n.hand(ctx)
		}
		if err = errors.Join(err, wrong); err != nil && ctx.Err() == nil {
			n.o.Log.Error("notifications wait for the store", "error", err)
		}
		if err == nil && divided+claimed > 0 {
			continue
		}
		if err := walker.Pause(ctx, n.o.Every); err != nil {
			return err
		}
	}
}

// hand claims what is due, and hands it to the sinks.
func (n *Notifier) hand(ctx context.Context) (int, error) {
	now := n.o.Now()
	until := now.Add(n.claim)
	due, err := n.store.Claim(ctx, now, until, mostClaimed)
	if err != nil {
		return 0, err
	}
	slices.SortStableFunc(due, func(a, b store.Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range due {
		if err := n.deal(ctx, job{due[i], until}); err != nil {
			return i, err
		}
	}
	return len(due), nil
}

// deal hands a delivery to its sink, or puts it off.
func (n *Notifier) deal(ctx context.Context, j job) error {
	s := n.sinks[j.of.Sink]
	switch {
	case s == nil:
		return n.giveUp(ctx, j.of, "no sink of this name is configured any more")
	case s.ended():
		return n.giveUp(ctx, j.of, "it answered 410 Gone before, that it wants nothing any more")
	}
	if due := s.queue.behind(&j.of, n.o.Now()); !due.IsZero() {
		return n.putOff(ctx, s, j.of, due)
	}
	for {
		taken, work := s.queue.offer(j)
		if work {
			n.workers.Go(func() { n.work(ctx, s) })
		}
		if taken {
			return nil
		}
		if !s.queue.hurry() || !roomy(ctx, &s.queue) {
			return n.putOff(ctx, s, j.of, s.queue.reserve(n.o.Now()))
		}
	}
}

// roomy waits a moment for room.
func roomy(ctx context.Context, q *queue) bool {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	late := make(chan struct{})
	go func() {
		_ = walker.Pause(within, slowAttempt) // however it ends, nobody waits any longer
		close(late)
	}()
	select {
	case <-q.room:
		return true
	case <-late:
		return false
	}
}

// stop waits for what is under way, and gives back what is not.
func (n *Notifier) stop(ctx context.Context) {
	n.workers.Wait()
	for _, s := range n.order {
		for _, j := range s.queue.drain() {
			n.giveBack(ctx, j)
		}
		s.mu.Lock()
		if s.client != nil {
			s.client.Close()
		}
		s.mu.Unlock()
	}
}
