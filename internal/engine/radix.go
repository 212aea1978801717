package engine

import (
	"cmp"
	"slices"
)

// keyed is a place with what it is sorted by, in two halves: a list of very many has no gaps.
type keyed struct {
	upper, lower uint32
	at           int32
}

func keyedBy(key uint64, at int32) keyed { return keyed{uint32(key >> 32), uint32(key), at} }

func (k *keyed) key() uint64 { return uint64(k.upper)<<32 | uint64(k.lower) }

// sorter sorts by keys, and leaves those with equal keys as they are. Its room stays for the
// next list.
type sorter struct{ room []keyed }

const (
	digitBits = 11 // of a key, at a time
	digits    = (64 + digitBits - 1) / digitBits
	fewKeys   = 256 // that are compared rather than dealt
)

// sort sorts list digit by digit, from the last one on, but for those that are the same in
// all keys: its cost does not grow faster than the list.
func (s *sorter) sort(list []keyed) {
	if len(list) < fewKeys {
		slices.SortStableFunc(list, func(a, b keyed) int { return cmp.Compare(a.key(), b.key()) })
		return
	}
	if len(s.room) < len(list) {
		s.room = make([]keyed, len(list))
	}
	var counts [digits][1 << digitBits]int32
	for i := range list {
		key := list[i].key()
		for d := range counts {
			counts[d][digit(key, d)]++
		}
	}
	from, to := list, s.room[:len(list)]
	for d := range counts {
		if n := counts[d][digit(list[0].key(), d)]; int(n) == len(list) {
			continue
		}
		deal(from, to, &counts[d], d)
		from, to = to, from
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}

func digit(key uint64, d int) uint64 { return key >> (d * digitBits) & (1<<digitBits - 1) }

// deal puts from into to by digit d, of which there are so many each.
func deal(from, to []keyed, counts *[1 << digitBits]int32, d int) {
	at := int32(0)
	for i, n := range counts {
		counts[i], at = at, at+n
	}
	for _, k := range from {
		place := &counts[digit(k.key(), d)]
		to[*place] = k
		*place++
	}
}
