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
	digitBits = 11  // of a key, at a time
	digits    = 3   // of each half of a key, of which the upper one has a bit of the lower one
	fewKeys   = 256 // that are compared rather than dealt
	run       = 8   // of those, what is sorted by insertion
)

// sort sorts list by the upper half of the keys, digit by digit from the last one on, and then
// those by the lower half of whom the upper ones are the same: its cost does not grow faster than
// the list, and where keys are drawn the lower halves are hardly looked at.
func (s *sorter) sort(list []keyed) {
	if s.few(list) {
		return
	}
	const lower = 64 - digits*digitBits
	s.dealt(list, lower)
	for from, at := 0, 1; at <= len(list); at++ {
		if at < len(list) && list[at].key()>>lower == list[from].key()>>lower {
			continue
		}
		if part := list[from:at]; len(part) > 1 && !s.few(part) {
			s.dealt(part, 0)
		}
		from = at
	}
}

// few sorts a short list; false: it is a long one.
func (s *sorter) few(list []keyed) bool {
	if len(list) <= run {
		insert(list)
		return true
	}
	if len(s.room) < len(list) {
		s.room = make([]keyed, len(list))
	}
	if len(list) < fewKeys {
		s.merge(list)
		return true
	}
	return false
}

// dealt sorts list by the digits from a bit on, but for those that are the same in all keys.
func (s *sorter) dealt(list []keyed, bit int) {
	var counts [digits][1 << digitBits]int32
	for i := range list {
		key := list[i].key() >> bit
		for d := range counts {
			counts[d][digit(key, d)]++
		}
	}
	from, to := list, s.room[:len(list)]
	for d := range counts {
		if n := counts[d][digit(list[0].key()>>bit, d)]; int(n) == len(list) {
			continue
		}
		deal(from, to, &counts[d], bit+d*digitBits)
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

// deal puts from into to by the digit at a bit, of which there are so many each.
func deal(from, to []keyed, counts *[1 << digitBits]int32, bit int) {
	at := int32(0)
	for i, n := range counts {
		counts[i], at = at, at+n
	}
	for _, k := range from {
		place := &counts[digit(k.key()>>bit, 0)]
		to[*place] = k
		*place++
	}
}
