package engine

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// strataOf is how many classes of traffic, and in each how many of prior error
// rates, tenants are drawn from in proportion.
const strataOf = 4

// orderTenants lists the tenants in the order of exposure, the pinned ones last. It
// is a hash of (rollout, tenant), drawn from strata of traffic and prior errors in
// proportion: every share that a stage exposes is a fair picture of all tenants.
func (c *compiler) orderTenants() {
	salt := saltOf(c.plan.Rollout)
	var free, pinned []keyed
	for i := range c.fleet.Tenants {
		t := &c.fleet.Tenants[i]
		k := hashed(salt, t.ID, i)
		if t.Pin != "" {
			pinned = append(pinned, k)
			continue
		}
		if free == nil {
			free = make([]keyed, 0, len(c.fleet.Tenants)-i)
		}
		free = append(free, k)
	}
	c.plan.Movable = len(free)
	s := sorter{}
	s.sort(free)
	s.sort(pinned)
	of, order := strata(c.fleet.Tenants, free, &s)
	expose(free, order, of, &s, salt)
	if c.plan.Tenants = c.fleet.Tenants; !c.fleet.Spent || c.plan.Tenants == nil {
		c.plan.Tenants = append(make([]Tenant, 0, len(c.fleet.Tenants)), c.fleet.Tenants...)
	}
	arrange(c.plan.Tenants, append(free, pinned...))
}

// sortable turns a number into one that sorts the same way.
func sortable(x float64) uint64 {
	b := math.Float64bits(x + 0) // 0 is added for -0 to be 0
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

// strata are the classes of traffic and of prior errors of tenants, by their place in all; the
// others' are 0. They are listed in the order of their hashes, which order keeps: of equals the
// first are in the lower class. Of the list nothing is left.
func strata(all []Tenant, list []keyed, s *sorter) (of []uint8, order []int32) {
	stratum, order := make([]uint8, len(list)), make([]int32, len(list))
	meanwhile.Halves(len(list), func(from, to int) {
		for i := from; i < to; i++ {
			at := list[i].at
			order[i], list[i] = at, keyedBy(sortable(all[at].Weight), int32(i))
		}
	})
	s.classes(list, stratum, 0)
	if past := shrink(all); past != nil {
		var from [strataOf + 1]int // where the tenants of each class of traffic begin
		for _, class := range stratum {
			from[class+1]++
		}
		for class := range strataOf {
			from[class+1] += from[class]
		}
		at := from
		for i, class := range stratum {
			list[at[class]] = keyedBy(sortable(past.own(&all[order[i]])), int32(i))
			at[class]++
		}
		for class := range strataOf {
			s.classes(list[from[class]:from[class+1]], stratum, uint8(strataOf*class))
		}
	} else {
		for i := range stratum {
			stratum[i] *= strataOf
		}
	}
	of = make([]uint8, len(all))
	for i, at := range order {
		of[at] = stratum[i]
	}
	return of, order
}

// expose puts tenants, in the order that chance gave them, into list in that of exposure. The
// members of a stratum stand at equal distances, from a start of the stratum's own that salt gives.
func expose(list []keyed, order []int32, of []uint8, s *sorter, salt uint64) {
	var members, before [strataOf * strataOf]int
	for _, at := range order {
		members[of[at]]++
	}
	for i, at := range order {
		in := of[at]
		start := float64(mix64(salt+uint64(in))>>11) / (1 << 53)
		list[i] = keyedBy(sortable((float64(before[in])+start)/float64(members[in])), at)
		before[in]++
	}
	s.sort(list)
}

// classes sorts list, and puts the places that it has into classes of equal size, from a
// number on; all are in the first where their keys do not differ.
func (s *sorter) classes(list []keyed, class []uint8, from uint8) {
	s.sort(list)
	n := len(list)
	differ := n > 0 && list[0].key() != list[n-1].key()
	for k := range strataOf {
		in := from
		if differ {
			in += uint8(k)
		}
		for _, of := range list[(k*n+strataOf-1)/strataOf : ((k+1)*n+strataOf-1)/strataOf] {
			class[of.at] = in
		}
	}
}

// saltOf is what the hashes of a rollout begin with.
func saltOf(rollout string) uint64 { return hash64(14695981039346656037, rollout) }

// hashed is a tenant at a place with its hash.
func hashed(salt uint64, id string, at int) keyed { return keyedBy(mix64(hash64(salt, id)), int32(at)) }

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
