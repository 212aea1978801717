package provider

import "sync"

// claims remembers, for as long as this process lives, which finished rollouts a
// new resource took over without a rollout of its own.
//
// Replacing with create_before_destroy creates the successor first. Where it asks
// for the version that runs already it takes the latest rollout as its own, and
// the destroy of its predecessor, a moment later in the same process, would see
// that very rollout as the latest and walk it back under the successor's feet.
type claims struct {
	mu    sync.Mutex
	taken map[string]bool
}

func (c *claims) take(rollout string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken == nil {
		c.taken = map[string]bool{}
	}
	c.taken[rollout] = true
}

func (c *claims) has(rollout string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[rollout]
}
