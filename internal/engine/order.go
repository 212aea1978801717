package engine

import (
	"cmp"
	"math"
	"slices"
)

// strataOf is how many classes of traffic, and in each how many of prior error
// rates, tenants are drawn from in proportion.
const strataOf = 4

// ranked is a tenant on its way into the order of exposure.
type ranked struct {
	rank    uint64 // hash of (rollout, tenant)
	key     uint64 // what it is sorted by before that, see sortable
	at      int32  // in the snapshot
	stratum int32
}

// orderTenants lists the tenants in the order of exposure, the pinned ones last. It
// is a hash of (rollout, tenant), drawn from strata of traffic and prior errors in
// proportion: every share that a stage exposes is a fair picture of all tenants.
func (c *compiler) orderTenants() {
	salt := hash64(14695981039346656037, c.plan.Rollout)
	order := make([]ranked, 0, len(c.fleet.Tenants))
	add := func(pinned bool) {
		for i := range c.fleet.Tenants {
			if t := &c.fleet.Tenants[i]; (t.Pin != "") == pinned {
				order = append(order, ranked{rank: mix64(hash64(salt, t.ID)), at: int32(i)})
			}
		}
	}
	add(false)
	c.plan.Movable = len(order)
	add(true)
	movable, pinned := order[:c.plan.Movable], order[c.plan.Movable:]
	var rates []float64
	if past := shrink(c.fleet.Tenants); past != nil {
		rates = past.rates
	}
	c.stratify(movable, rates, salt)
	slices.SortFunc(movable, byKey)
	slices.SortFunc(pinned, byKey)
	c.plan.Tenants = make([]Tenant, len(order))
	for i, r := range order {
		c.plan.Tenants[i] = c.fleet.Tenants[r.at]
	}
}

// byKey orders tenants by their keys, and by their hashes where those are the same.
func byKey(a, b ranked) int {
	switch {
	case a.key != b.key:
		return cmp.Compare(a.key, b.key)
	case a.rank != b.rank:
		return cmp.Compare(a.rank, b.rank)
	default:
		return cmp.Compare(a.at, b.at)
	}
}

// sortable turns a number into one that sorts the same way.
func sortable(x float64) uint64 {
	b := math.Float64bits(x + 0) // 0 is added for -0 to be 0
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

// stratify gives each tenant its key. The members of a stratum stand at equal
// distances, from a start of the stratum's own.
func (c *compiler) stratify(tenants []ranked, rates []float64, salt uint64) {
	for i := range tenants {
		tenants[i].key = sortable(c.fleet.Tenants[tenants[i].at].Weight)
	}
	classes(tenants)
	for s := int32(strataOf - 1); s >= 0; s-- { // downwards, so that new numbers are never taken for old ones
		in := max(0, slices.IndexFunc(tenants, func(r ranked) bool { return r.stratum == s }))
		part := tenants[in : in+sameStratum(tenants[in:], s)]
		for i := range part {
			if part[i].key = 0; rates != nil {
				part[i].key = sortable(rates[part[i].at])
			}
		}
		classes(part)
		for i := range part {
			part[i].key = 0
			part[i].stratum += strataOf * s
		}
	}
	for from := 0; from < len(tenants); {
		to := from + sameStratum(tenants[from:], tenants[from].stratum)
		slices.SortFunc(tenants[from:to], byKey) // which is now by hash
		start := float64(mix64(salt+uint64(tenants[from].stratum))>>11) / (1 << 53)
		for i := from; i < to; i++ {
			tenants[i].key = sortable((float64(i-from) + start) / float64(to-from))
		}
		from = to
	}
}

// sameStratum is how many of the first tenants are in a stratum.
func sameStratum(tenants []ranked, stratum int32) int {
	n := 0
	for n < len(tenants) && tenants[n].stratum == stratum {
		n++
	}
	return n
}

// classes sorts tenants and puts each into one of strataOf classes of equal size; all
// are in the first where their keys do not differ.
func classes(tenants []ranked) {
	slices.SortFunc(tenants, byKey)
	n := len(tenants)
	differ := n > 0 && tenants[0].key != tenants[n-1].key
	for i := range tenants {
		if tenants[i].stratum = 0; differ {
			tenants[i].stratum = int32(i * strataOf / n)
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
