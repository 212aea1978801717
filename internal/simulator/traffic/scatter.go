package traffic

import "slices"

// scatter is numbers that were drawn at random, of very many, and are looked up in an order in
// which neighbours come together: what lies far apart is far from the processor.
type scatter struct {
	numbers, sorted []int64
	shift           int     // a neighbourhood is 1<<shift numbers, about
	starts          []int64 // the first number of each
	ends            []int
}

const (
	// mostScattered is how many numbers are drawn at once.
	mostScattered = 1 << 16
	// neighbours is of how many tenants a neighbourhood is, about.
	neighbours = 1 << 9
)

// reset makes sc draw numbers below n, which are about so many tenants.
func (sc *scatter) reset(n int64, tenants int) {
	for sc.shift = 0; n>>sc.shift > int64(tenants/neighbours); sc.shift++ {
	}
	k := int(n>>sc.shift) + 1
	sc.starts, sc.ends = slices.Grow(sc.starts[:0], k)[:k], slices.Grow(sc.ends[:0], k)[:k]
	for i := range sc.starts {
		sc.starts[i] = int64(i) << sc.shift
	}
}

// room is for k numbers, or the most that are drawn at once.
func (sc *scatter) room(k int64) []int64 {
	k = min(k, mostScattered)
	sc.numbers = slices.Grow(sc.numbers[:0], int(k))[:k]
	return sc.numbers
}

// gathered is the numbers, neighbourhood by neighbourhood, in each of which they stay in order.
func (sc *scatter) gathered() []int64 {
	if len(sc.starts) == 1 {
		return sc.numbers
	}
	clear(sc.ends)
	for _, number := range sc.numbers {
		sc.ends[sc.of(number)]++
	}
	end := 0
	for i, n := range sc.ends {
		sc.ends[i], end = end, end+n
	}
	sc.sorted = slices.Grow(sc.sorted[:0], len(sc.numbers))[:len(sc.numbers)]
	for _, number := range sc.numbers {
		at := &sc.ends[sc.of(number)]
		sc.sorted[*at] = number
		*at++
	}
	return sc.sorted
}

// of is the neighbourhood of a number.
func (sc *scatter) of(number int64) int {
	i := int(number >> sc.shift)
	for i+1 < len(sc.starts) && number >= sc.starts[i+1] { // which may start a little earlier
		i++
	}
	return i
}
