package engine

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
	run       = 8   // of those, what is sorted by insertion
)

// sort sorts list digit by digit, from the last one on, but for those that are the same in
// all keys: its cost does not grow faster than the list.
func (s *sorter) sort(list []keyed) {
	if len(list) <= run {
		insert(list)
		return
	}
	if len(s.room) < len(list) {
		s.room = make([]keyed, len(list))
	}
	if len(list) < fewKeys {
		s.merge(list)
		return
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

// merge sorts a short list: runs by insertion, and then twice as long ones of two each.
func (s *sorter) merge(list []keyed) {
	for lo := 0; lo < len(list); lo += run {
		insert(list[lo:min(lo+run, len(list))])
	}
	from, to := list, s.room[:len(list)]
	for width := run; width < len(list); width *= 2 {
		for lo := 0; lo < len(list); lo += 2 * width {
			mid, hi := min(lo+width, len(list)), min(lo+2*width, len(list))
			join(to[lo:hi], from[lo:mid], from[mid:hi])
		}
		from, to = to, from
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}

// insert sorts a few.
func insert(list []keyed) {
	for i := 1; i < len(list); i++ {
		k := list[i]
		key, at := k.key(), i
		for ; at > 0 && list[at-1].key() > key; at-- {
			list[at] = list[at-1]
		}
		list[at] = k
	}
}

// join puts two sorted lists into to: of equals those of the first come first.
func join(to, first, second []keyed) {
	for i := range to {
		if len(second) == 0 || len(first) > 0 && first[0].key() <= second[0].key() {
			to[i], first = first[0], first[1:]
		} else {
			to[i], second = second[0], second[1:]
		}
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
