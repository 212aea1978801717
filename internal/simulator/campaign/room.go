package campaign

import (
	"context"
	"slices"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Room is the memory that campaigns share which are under way at once: each run enters
// before it begins and leaves when it is over. Whoever came first is let in first.
type Room struct {
	mu      sync.Mutex
	limit   int64
	used    int64
	most    int64 // that was ever used at once
	waiting []*guest
}

// guest waits for its turn.
type guest struct {
	need int64
	turn chan struct{}
}

// NewRoom is a room of so many bytes.
func NewRoom(limit int64) *Room { return &Room{limit: limit} }

// needOf is about how much a run of s takes at most: what is dear are the tenants of an
// A/B test, whose counts are kept one by one.
func needOf(s *scenario.Scenario) int64 {
	return 1<<20 + 1700*int64(s.World.Tenants) + 4000*int64(s.World.Instances)
}

// enter waits for room, and for the turn; a run that is larger than the room has it
// for itself.
func (r *Room) enter(ctx context.Context, need int64) error {
	if r == nil {
		return nil
	}
	g := &guest{need, make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, g)
	r.admit()
	r.mu.Unlock()
	select {
	case <-g.turn:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, g); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	} else { // it was let in just now
		r.used -= need
	}
	r.admit()
	return ctx.Err()
}

// leave gives back what enter took.
func (r *Room) leave(need int64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= need
	r.admit()
}

// admit lets in who waits, as long as there is room.
func (r *Room) admit() {
	for len(r.waiting) > 0 {
		g := r.waiting[0]
		if r.used > 0 && r.used+g.need > r.limit {
			return
		}
		r.waiting = r.waiting[1:]
		r.used += g.need
		r.most = max(r.most, r.used)
		close(g.turn)
	}
}
