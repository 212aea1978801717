package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Tenants come and go: each stays for a while, is away, and comes back as somebody of whom
// nobody remembers anything, round after round. Where each is in its round the seed says,
// so that as many are there at any time, and nothing of it needs to be saved.

const (
	// away is how long a tenant is not there.
	away = 7 * history
	// churnStep is how often tenants come and go.
	churnStep = 600 * second
	// longest bounds a stay, so that times can be added up.
	longest = 30_000 * history
)

// stay is how long a tenant is there, of those that come and go.
func (c *Config) stay() int64 {
	return int64(min(float64(longest), float64(float64(history)/c.TenantChurn)))
}

// everybody is how many tenants there are, those that are away among them.
func (c *Config) everybody() int {
	if c.TenantChurn == 0 {
		return c.Tenants
	}
	come := float64(c.Tenants - len(c.TenantWeights))
	return len(c.TenantWeights) + int(math.Ceil(come*(1+float64(away)/float64(c.stay()))))
}

// comings says where in their rounds tenants are at the clock's start, in an order: -1
// where one always is there, as those are whose weights are listed.
func (c *Config) comings(seed uint64, order []int32) []int64 {
	s, round := chance.StreamOf(seed, chance.ForChurn), c.stay()+away
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

// here says whether tenant t is there at a time of the clock.
func (w *World) here(t int, at int64) bool {
	if w.roster.rounds == nil || w.roster.rounds[t] < 0 {
		return true
	}
	stay := w.cfg.stay()
	round := stay + away
	step := (at - (at%churnStep+churnStep)%churnStep) % round
	return (w.roster.rounds[t]+step+round)%round < stay
}

// tenantsTurn lets tenants come and go. Whoever comes has no pin.
func (w *World) tenantsTurn(event) {
	for t := range w.Pins {
		if !w.here(t, w.Time) {
			w.Pins[t] = 0
		}
	}
	w.dirty = true
	w.scheduleChurn()
}

func (w *World) scheduleChurn() {
	if w.cfg.TenantChurn > 0 {
		w.queue.push(event{At: w.Time/churnStep*churnStep + churnStep, Handler: tenantsTurn})
	}
}

// pastSegments are the segments of the history: one, or an hour each where tenants come
// and go.
func (w *World) pastSegments(of segment) (past []segment) {
	of.Start = -history
	if w.roster.rounds == nil {
		return []segment{of}
	}
	for ; of.Start < 0; of.Start += 3600 * second {
		hour := of
		hour.Map = slices.Clone(of.Map)
		w.sendAway(hour.Map, hour.Start)
		past = append(past, hour)
	}
	return past
}

// sendAway takes those out of a map who are not there at a time.
func (w *World) sendAway(m packed, at int64) {
	if w.roster.rounds == nil {
		return
	}
	absent := w.classOf(class{Absent: true})
	for t := range m {
		if !w.here(t, at) {
			m[t] = absent
		}
	}
}

// past is how many segments are of the history.
func (s segments) past() int {
	n := 0
	for n < len(s) && s[n].Start < 0 {
		n++
	}
	return n
}
