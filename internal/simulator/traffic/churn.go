package traffic

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Tenants come and go: each stays for a while, is away, and comes back as somebody of whom
// nobody remembers anything, round after round. Where each is in its round the seed says,
// so that as many are there at any time, and nothing of it needs to be saved.

// ChurnStep is how often tenants come and go, ns of the fleet's clock.
const ChurnStep = 600 * second

const (
	// away is how long a tenant is not there.
	away = 7 * History
	// longest bounds a stay, so that times can be added up.
	longest = 30_000 * History
)

// stay is how long a tenant is there, of those that come and go.
func (c *Config) stay() int64 {
	return int64(min(float64(longest), float64(float64(History)/c.TenantChurn)))
}

// Everybody is how many tenants there are, those that are away among them.
func (c *Config) Everybody() int {
	if c.TenantChurn == 0 {
		return c.Tenants
	}
	come := float64(c.Tenants - len(c.TenantWeights))
	return len(c.TenantWeights) + int(math.Ceil(come*(1+float64(away)/float64(c.stay()))))
}

// comings says where in their rounds tenants are at the clock's start, in an order: -1
// where one always is there, as those are whose weights are listed.
func (c *Config) comings(order []int32) []int64 {
	s, round := chance.StreamOf(c.Seed, chance.ForChurn), c.stay()+away
	rounds, at, come := make([]int64, len(order)), 0, len(order)-len(c.TenantWeights)
	for _, t := range order {
		if int(t) < len(c.TenantWeights) {
			rounds[t] = -1
			continue
		}
		rounds[t] = min(round-1, int64(float64((float64(at)+s.Unit())/float64(come))*float64(round)))
		at++
	}
	return rounds
}

// Here says whether tenant t is there at a time of the fleet's clock.
func (r *Roster) Here(t int, at int64) bool {
	if r.rounds == nil || r.rounds[t] < 0 {
		return true
	}
	round := r.stay + away
	step := (at - (at%ChurnStep+ChurnStep)%ChurnStep) % round
	return (r.rounds[t]+step+round)%round < r.stay
}
