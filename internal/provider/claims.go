package provider

import "sync"

// claims remembers, for as long as this process lives, which finished rollouts a
// new resource took over without a rollout of its own. What is in [claimsFile] tells
// the two apart for ever, except where the predecessor was imported: it is known by
// no word, and only this process knows that it has a successor.
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
