package access

import (
	"sync"
)

// recent keeps what was used last, by a key, and no more than twice so many: whoever makes
// up keys fills no memory. It may be used by several at once.
type recent[V any] struct {
	most int

	mu         sync.Mutex
	young, old map[string]V
}

func newRecent[V any](most int) *recent[V] { return &recent[V]{most: most, young: map[string]V{}} }

// get is what is kept for a key, or what fresh makes.
func (r *recent[V]) get(key string, fresh func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.young[key]
	if ok {
		return v
	}
	if v, ok = r.old[key]; !ok {
		v = fresh()
	}
	if len(r.young) >= r.most {
		r.old, r.young = r.young, map[string]V{}
	}
	r.young[key] = v
	return v
}

// has says whether something is kept for a key.
func (r *recent[V]) has(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, young := r.young[key]
	_, old := r.old[key]
	return young || old
}

// first keeps a key, and says whether it was not kept before.
func (r *recent[V]) first(key string) bool {
	is := false
	r.get(key, func() (v V) {
		is = true
		return v
	})
	return is
}
