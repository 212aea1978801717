package sql

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// pollEvery is how long it takes at most until one hears what another process wrote.
const pollEvery = time.Second

// errClosed is what whoever waits is told at the end.
var errClosed = errors.New("the store is closed")

// news tells those who wait that a rollout changed. They look themselves what it is.
type news struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // by the rollout; "": any
	looked  sync.Mutex                        // of last
	last    int64                             // the change up to which others were looked for
}

// begin looks from now on.
func (n *news) begin(ctx context.Context, h handle) error {
	_, err := h.one(ctx, []any{&n.last}, `SELECT value FROM counters WHERE name = 'change'`)
	return err
}

// wait hears of a rollout until the function is called.
func (n *news) wait(rollout string) (told <-chan struct{}, end func()) {
	ch := make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == nil {
		n.waiting = map[string]map[chan struct{}]bool{}
	}
	if n.waiting[rollout] == nil {
		n.waiting[rollout] = map[chan struct{}]bool{}
	}
	n.waiting[rollout][ch] = true
	return ch, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.waiting[rollout], ch)
		if len(n.waiting[rollout]) == 0 {
			delete(n.waiting, rollout)
		}
	}
}

// tell tells those who wait for a rollout, or any.
func (n *news) tell(rollout string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, who := range []string{rollout, ""} {
		for ch := range n.waiting[who] {
			select {
			case ch <- struct{}{}:
			default: // it was told, and has not looked yet
			}
		}
	}
}

// Changed implements [store.Rollouts].
func (s *Store) Changed(ctx context.Context, rollout string, after int64) error {
	told, end := s.news.wait(rollout)
	defer end()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		query, args := `SELECT value FROM counters WHERE name = 'change'`, []any(nil)
		if rollout != "" {
			query, args = `SELECT events - 1 FROM rollouts WHERE id = ?`, []any{rollout}
		}
		var last int64
		found, err := s.db.read().one(ctx, []any{&last}, query, args...)
		switch {
		case err != nil:
			return s.db.explain(err)
		case !found:
			return noJournal(rollout)
		case last > after:
			return nil
		}
		select {
		case <-told:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.life.Done():
			return errClosed
		}
	}
}

// poll looks for what other processes wrote, until the store is closed.
func (s *Store) poll() {
	for walker.Pause(s.life, pollEvery) == nil {
		s.look()
	}
}

// look tells what was written since it last did. Where the database cannot be asked now, it
// is asked the next time.
func (s *Store) look() {
	s.news.looked.Lock()
	defer s.news.looked.Unlock()
	last := s.news.last
	err := s.db.read().each(s.life, func(row scan) error {
		var rollout string
		err := row(&rollout, &last)
		if err == nil {
			s.news.tell(rollout)
		}
		return err
	}, `SELECT id, change FROM rollouts WHERE change > ? ORDER BY change`, last)
	if err == nil {
		s.news.last = last
	}
}
