package notify

import (
	"context"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// settling is how long the store has to write how an attempt went, when all else ends.
const settling = 10 * time.Second

// work attempts what a sink's queue has, until there is nothing.
func (n *Notifier) work(ctx context.Context, s *sink) {
	for {
		j, more := s.queue.take()
		if !more {
			return
		}
		began := n.o.Now()
		due, follow := n.attempt(ctx, s, j)
		for i, rest := range s.queue.finish(j, follow, n.o.Now().Sub(began)) {
			if ctx.Err() != nil {
				n.giveBack(ctx, rest)
			} else if !due.IsZero() {
				n.said(rest.of, n.putOff(ctx, s, rest.of, due.Add(time.Duration(i+1)*time.Millisecond)))
			} // a claim that has lapsed may be another server's by now
		}
	}
}

// attempt tells a sink what a delivery is about. Where the next ones of the rollout must not
// follow, it is when this one is tried again; zero: somebody else has it.
func (n *Notifier) attempt(ctx context.Context, s *sink, j job) (due time.Time, follow bool) {
	d, now := j.of, n.o.Now()
	switch {
	case ctx.Err() != nil:
		n.giveBack(ctx, j)
		return time.Time{}, false
	case s.ended():
		n.said(d, n.giveUp(ctx, d, "it answered 410 Gone before, that it wants nothing any more"))
		return time.Time{}, true
	case now.Add(time.Duration(s.requests()) * s.of.timeout()).After(j.until):
		return time.Time{}, false
	}
	m, err := n.message(ctx, &d)
	switch {
	case errors.Is(err, engine.ErrNoJournal):
		n.said(d, n.giveUp(ctx, d, "there is no such rollout any more"))
		return time.Time{}, true
	case err != nil: // the receiver has no part in it, and loses none of its attempts
		n.said(d, err)
		due = now.Add(waits[0])
		n.said(d, n.putOff(ctx, s, d, due))
		return due, false
	}
	err = s.send(ctx, m)
	took := n.o.Now().Sub(now)
	if err != nil && ctx.Err() != nil {
		n.giveBack(ctx, j)
		return time.Time{}, false
	}
	if n.o.Watcher != nil {
		n.o.Watcher.Attempted(s.of.Name, took, err == nil)
	}
	return n.settle(ctx, s, d, err)
}

// message is what a delivery is about.
func (n *Notifier) message(ctx context.Context, d *store.Delivery) (*message, error) {
	b, err := n.library.read(ctx, d.Rollout, d.Seq)
	if err != nil {
		return nil, err
	}
	what, err := b.what(d.Seq)
	if err != nil {
		return nil, err
	}
	m, err := b.tell(what, d.Seq)
	if err != nil {
		return nil, err
	}
	m.id = d.ID
	if n.o.Link != nil {
		m.link = n.o.Link(d.Rollout)
	}
	return m, nil
}

// settle writes how an attempt went, and when there is another one.
func (n *Notifier) settle(ctx context.Context, s *sink, d store.Delivery, err error) (due time.Time, follow bool) {
	d.Attempts++
	if err == nil {
		d.Due, d.Failed = time.Time{}, ""
		s.queue.over(&d)
		n.said(d, n.write(ctx, d))
		return time.Time{}, true
	}
	f := &failure{text: err.Error()}
	_ = errors.As(err, &f) // otherwise it stays what it is
	if f.gone {
		s.end()
		n.o.Log.Error("a receiver wants nothing any more, and is told nothing until the server is restarted", "sink", s.String())
	}
	again, more := next(n.o.Now(), d.Attempts, f.after)
	if f.gone || f.over || !more {
		n.said(d, n.giveUp(ctx, d, f.text))
		return time.Time{}, true
	}
	d.Failed = engine.Visible(f.text)
	n.o.Log.Warn("a message did not arrive", "sink", s.String(), "message", d.ID, "rollout", d.Rollout, "attempts", d.Attempts, "again", again, "error", d.Failed)
	n.said(d, n.putOff(ctx, s, d, again))
	return again, false
}

// putOff has a delivery tried later.
func (n *Notifier) putOff(ctx context.Context, s *sink, d store.Delivery, due time.Time) error {
	d.Due = due
	s.queue.putOff(&d)
	return n.write(ctx, d)
}

// giveUp ends a delivery that did not arrive.
func (n *Notifier) giveUp(ctx context.Context, d store.Delivery, why string) error {
	d.Due, d.Failed = time.Time{}, engine.Visible(why)
	if s := n.sinks[d.Sink]; s != nil {
		s.queue.over(&d)
	}
	n.o.Log.Error("a message was given up", "sink", d.Sink, "message", d.ID, "rollout", d.Rollout, "attempts", d.Attempts, "error", d.Failed)
	if n.o.Watcher != nil {
		n.o.Watcher.GaveUp(d.Sink)
	}
	return n.write(ctx, d)
}

// giveBack lets another server have a delivery at once.
func (n *Notifier) giveBack(ctx context.Context, j job) {
	j.of.Due = n.o.Now()
	n.said(j.of, n.write(ctx, j.of))
}

// write settles a delivery, also when all else ends.
func (n *Notifier) write(ctx context.Context, d store.Delivery) error {
	grace, cancel := walker.Grace(ctx, settling)
	defer cancel()
	return n.store.Settle(grace, d)
}

// said logs what went wrong with a delivery beside its receiver. It comes again when its
// claim has lapsed.
func (n *Notifier) said(d store.Delivery, err error) {
	if err != nil {
		n.o.Log.Error("a delivery could not be read or settled", "sink", d.Sink, "message", d.ID, "rollout", d.Rollout, "error", err)
	}
}
