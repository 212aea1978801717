package engine

import "math"

// strataOf is how many classes of traffic, and in each how many of prior error
// rates, tenants are drawn from in proportion.
const strataOf = 4

// orderTenants lists the tenants in the order of exposure, the pinned ones last. It
// is a hash of (rollout, tenant), drawn from strata of traffic and prior errors in
// proportion: every share that a stage exposes is a fair picture of all tenants.
func (c *compiler) orderTenants() {
	salt := hash64(14695981039346656037, c.plan.Rollout)
	var free, pinned []keyed
	for i := range c.fleet.Tenants {
		t := &c.fleet.Tenants[i]
		k := keyedBy(mix64(hash64(salt, t.ID)), int32(i))
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
	c.stratify(free, &s, salt)
	if c.plan.Tenants = c.fleet.Tenants; !c.fleet.Spent || c.plan.Tenants == nil {
		c.plan.Tenants = append(make([]Tenant, 0, len(c.fleet.Tenants)), c.fleet.Tenants...)
	}
	arrange(c.plan.Tenants, append(free, pinned...))
}

// arrange puts list in an order, in place: it goes round each cycle once. Of the order nothing is
// left.
func arrange[T any](list []T, order []keyed) {
	for i := range order {
		first, at := list[i], i
		for order[at].at >= 0 {
			next := int(order[at].at)
			order[at].at = -1
			if next == i {
				list[at] = first
				break
			}
			list[at], at = list[next], next
		}
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

// stratify puts tenants, which stand in the order of their hashes, in that of exposure. The
// members of a stratum stand at equal distances, from a start of the stratum's own.
func (c *compiler) stratify(tenants []keyed, s *sorter, salt uint64) {
	stratum, order := make([]uint8, len(tenants)), make([]int32, len(tenants))
	list := tenants // in whose room the classes are sorted
	for i, t := range tenants {
		order[i] = t.at
		list[i] = keyedBy(sortable(c.fleet.Tenants[t.at].Weight), int32(i))
	}
	s.classes(list, stratum, 0)
	if past := shrink(c.fleet.Tenants); past != nil {
		for class := uint8(strataOf - 1); class < strataOf; class-- { // downwards, so that new numbers are never taken for old ones
			part := list[:0]
			for i, at := range order {
				if stratum[i] == class {
					part = append(part, keyedBy(sortable(past.own(&c.fleet.Tenants[at])), int32(i)))
				}
			}
			s.classes(part, stratum, strataOf*class)
		}
	} else {
		for i := range stratum {
			stratum[i] *= strataOf
		}
	}
	var members, before [strataOf * strataOf]int
	for _, in := range stratum {
		members[in]++
	}
	for i, at := range order {
		in := stratum[i]
		start := float64(mix64(salt+uint64(in))>>11) / (1 << 53)
		tenants[i] = keyedBy(sortable((float64(before[in])+start)/float64(members[in])), at)
		before[in]++
	}
	s.sort(tenants)
}

// classes sorts list, and puts the places that it has into classes of equal size, from a
// number on; all are in the first where their keys do not differ.
func (s *sorter) classes(list []keyed, class []uint8, from uint8) {
	s.sort(list)
	n := len(list)
	differ := n > 0 && list[0].key() != list[n-1].key()
	for i, k := range list {
		if class[k.at] = from; differ {
			class[k.at] += uint8(i * strataOf / n)
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
