package engine

import (
	"cmp"
	"slices"
)

// strataOf is how many classes of traffic, and in each how many of prior error
// rates, tenants are drawn from in proportion.
const strataOf = 4

// ranked is a tenant on its way into the order of exposure.
type ranked struct {
	rank    uint64  // hash of (rollout, tenant)
	at      int     // in the snapshot
	weight  float64 // traffic
	rate    float64 // prior error rate
	stratum int
	key     float64 // what it is sorted by: at last its place in the order, 0..1
}

// orderTenants lists the tenants in the order of exposure, the pinned ones last. It
// is a hash of (rollout, tenant), drawn from strata of traffic and prior errors in
// proportion: every share that a stage exposes is a fair picture of all tenants.
func (c *compiler) orderTenants() {
	salt := hash64(14695981039346656037, c.plan.Rollout)
	rates := c.snapshotRates()
	var movable, pinned []ranked
	for i, t := range c.fleet.Tenants {
		r := ranked{rank: mix64(hash64(salt, t.ID)), at: i, weight: t.Weight}
		if rates != nil {
			r.rate = rates[i]
		}
		if t.Pin == "" {
			movable = append(movable, r)
		} else {
			pinned = append(pinned, r)
		}
	}
	stratify(movable, salt)
	slices.SortFunc(movable, func(a, b ranked) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return byRank(a, b)
	})
	slices.SortFunc(pinned, byRank)
	c.plan.Movable = len(movable)
	c.plan.Tenants = make([]PlanTenant, 0, len(c.fleet.Tenants))
	for _, r := range slices.Concat(movable, pinned) {
		c.plan.Tenants = append(c.plan.Tenants, PlanTenant(c.fleet.Tenants[r.at]))
	}
}

// byRank orders tenants by their hashes.
func byRank(a, b ranked) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	return cmp.Compare(a.at, b.at)
}

// snapshotRates are the prior error rates of the snapshot's tenants; nil where they
// are not known.
func (c *compiler) snapshotRates() []float64 {
	tenants := make([]PlanTenant, len(c.fleet.Tenants))
	for i, t := range c.fleet.Tenants {
		tenants[i] = PlanTenant(t)
	}
	return priorRates(tenants)
}

// stratify gives each tenant its key. The members of a stratum stand at equal
// distances, from a start of the stratum's own.
func stratify(tenants []ranked, salt uint64) {
	classes(tenants, func(r *ranked) float64 { return r.weight })
	for s := strataOf - 1; s >= 0; s-- { // downwards, so that new numbers are never taken for old ones
		in := slices.IndexFunc(tenants, func(r ranked) bool { return r.stratum == s })
		if in < 0 {
			continue
		}
		end := in
		for end < len(tenants) && tenants[end].stratum == s {
			end++
		}
		part := tenants[in:end]
		classes(part, func(r *ranked) float64 { return r.rate })
		for i := range part {
			part[i].stratum += strataOf * s
		}
	}
	slices.SortFunc(tenants, func(a, b ranked) int {
		if a.stratum != b.stratum {
			return cmp.Compare(a.stratum, b.stratum)
		}
		return byRank(a, b)
	})
	for from := 0; from < len(tenants); {
		to := from
		for to < len(tenants) && tenants[to].stratum == tenants[from].stratum {
			to++
		}
		start := float64(mix64(salt+uint64(tenants[from].stratum))>>11) / (1 << 53)
		for i := from; i < to; i++ {
			tenants[i].key = (float64(i-from) + start) / float64(to-from)
		}
		from = to
	}
}

// classes sorts tenants by value and puts each into one of strataOf classes of
// equal size; all are in the first where they do not differ.
func classes(tenants []ranked, value func(*ranked) float64) {
	for i := range tenants {
		tenants[i].key = value(&tenants[i])
	}
	slices.SortFunc(tenants, func(a, b ranked) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return byRank(a, b)
	})
	n := len(tenants)
	differ := n > 0 && tenants[0].key != tenants[n-1].key
	for i := range tenants {
		if tenants[i].stratum = 0; differ {
			tenants[i].stratum = i * strataOf / n
		}
	}
}

// hash64 is FNV-1a over s and a closing zero, going on from h.
func hash64(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h * 1099511628211
}

// mix64 is the finalizer of SplitMix64: neighbouring names land far apart.
func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
