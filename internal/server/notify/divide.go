package notify

import (
	"context"
	"errors"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// mostUnread is how often an event is tried to be read before it is left untold: a journal
// that is broken must not keep all others from being told.
const mostUnread = 10

// divide makes deliveries of events that are untold, and says of how many.
func (n *Notifier) divide(ctx context.Context) (int, error) {
	untold, err := n.store.Untold(ctx, mostDivided)
	if err != nil {
		return 0, err
	}
	done := 0
	var wrong error
	for _, u := range untold {
		to, err := n.deliveries(ctx, u)
		if err != nil {
			if ctx.Err() != nil {
				return done, ctx.Err()
			}
			if n.unread[u.ID]++; n.unread[u.ID] < mostUnread {
				wrong = errors.Join(wrong, err)
				continue
			}
			n.o.Log.Error("an event stays untold", "rollout", u.Rollout, "seq", u.Seq, "error", err)
		}
		if err := n.store.Divide(ctx, u, to); err != nil {
			return done, errors.Join(wrong, err)
		}
		delete(n.unread, u.ID)
		done++
	}
	return done, wrong
}

// deliveries are those of an event: one for each sink that wants to be told of it.
func (n *Notifier) deliveries(ctx context.Context, u store.Untold) ([]store.Delivery, error) {
	if len(n.order) == 0 {
		return nil, nil
	}
	b, err := n.library.read(ctx, u.Rollout, u.Seq)
	if errors.Is(err, engine.ErrNoJournal) { // it was forgotten meanwhile
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	what, err := b.what(u.Seq)
	if err != nil || what == "" {
		return nil, err
	}
	now := n.o.Now()
	var to []store.Delivery
	for _, s := range n.order {
		if s.wants(what, b) {
			to = append(to, store.Delivery{ID: messageID(s.of.Name, u.Rollout, u.Seq), Sink: s.of.Name, Rollout: u.Rollout, Seq: u.Seq, Due: now, Made: now})
		}
	}
	return to, nil
}
