package traffic

import (
	"math/bits"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// turns is the order in which the tenants of a group send their requests of one kind,
// those that fail or those that do not, over a stretch of time: the i-th of them is
// sent by the tenant whose turn i is. Every turn is drawn by itself, by the tenants'
// weights. The order is there before the requests are, so that it does not matter in
// which steps it is counted, and it need not be listed to be counted: blocks of turns
// are dealt at once, and halved down to where a question ends.
type turns struct {
	dealer
	g          *group
	key        uint64
	leaf, root int   // a block has 2^leaf turns at least, and 2^root at most
	first      int   // the first block has 2^first turns
	at         int64 // turns that were counted
	top        node
	halves     []halved      // by level, from leaf on
	deck       []int32       // the block under way, turn by turn, as positions in the group
	draw       chance.Stream // of the deck, or of turns that are drawn one by one
}

// node is a block of turns: level says that it has 2^level, and index which it is of
// those. counts are beside the group's members.
type node struct {
	known  bool
	level  int
	index  int64
	counts []int64
}

// halved is a block in two halves, of which the right one has the room of the whole: nobody
// asks for that again. index is the whole's.
type halved struct {
	known       bool
	index       int64
	left, right []int64
}

// doublings is how many times blocks double from the first to the largest.
const doublings = 7

// reset makes t the turns of group g, whose tenants weigh what they send times a factor by
// their temper, with a key; about so many are expected to be asked for, which costs less the better it fits.
func (t *turns) reset(r *Roster, g *group, by []float64, key uint64, expected float64) {
	t.dealer.reset(r, g, by)
	t.g, t.key, t.at, t.top.known = g, key, 0, false
	t.leaf = max(6, bits.Len(uint(2*len(g.members)-1)))
	t.first = max(t.leaf, bits.Len(uint(min(expected, 1<<20))))
	t.root = t.first + doublings
	t.halves = slices.Grow(t.halves[:0], t.root-t.leaf)[:t.root-t.leaf]
	for i := range t.halves {
		t.halves[i].known = false
	}
}

// take counts the next n turns, into all that is given, by tenant; into nothing to pass
// over them.
func (t *turns) take(n int64, one, two []int64) {
	for n > 0 {
		level, listed := t.above(t.at)
		for !listed && level > t.leaf && (t.at&(1<<level-1) != 0 || n < 1<<level) {
			level--
		}
		if size := int64(1) << level; !listed && t.at&(size-1) == 0 && n >= size {
			if one != nil {
				t.add(t.block(level, t.at>>level), one, two)
			}
			t.at, n = t.at+size, n-size
			continue
		}
		size := int64(1) << t.leaf
		k := min(n, size-t.at&(size-1))
		if listed {
			t.list(k, one, two)
		} else {
			t.turn(k, one, two)
		}
		t.at, n = t.at+k, n-k
	}
}

// takeAll counts n turns that nobody will ask about in parts.
func (t *turns) takeAll(n int64, one, two []int64) {
	s := chance.StreamOf(t.key, chance.ForTurns, uint64(n))
	t.room.counts = zeros(t.room.counts, len(t.g.members))
	t.deal(&s, n, t.room.counts)
	t.add(t.room.counts, one, two)
}

// add adds the counts of a block.
func (t *turns) add(counts []int64, one, two []int64) {
	for i, n := range counts {
		if n == 0 {
			continue
		}
		one[t.g.members[i]] += n
		if two != nil {
			two[t.g.members[i]] += n
		}
	}
}

// above says how large the largest block is that turn i is in, and whether its turns
// are drawn one by one: where few are expected, those of the first block are.
func (t *turns) above(i int64) (level int, listed bool) {
	block := i >> t.first
	if block == 0 {
		return t.first, t.first == t.leaf
	}
	return min(t.root, t.first+bits.Len64(uint64(block))-1), false
}

// list draws the next k turns of the first block one by one.
func (t *turns) list(k int64, one, two []int64) {
	if t.at == 0 {
		t.draw = chance.StreamOf(t.key, chance.ForTurns)
	}
	t.room.scatter.reset(int64(len(t.g.members)), len(t.g.members))
	for k > 0 {
		drawn := t.room.scatter.room(k)
		for i := range drawn {
			drawn[i] = int64(t.whole.one(&t.draw))
		}
		if k -= int64(len(drawn)); one == nil {
			continue
		}
		for _, at := range t.room.scatter.gathered() {
			tell(t.g.members[at], one, two)
		}
	}
}

// turn counts the next k turns of a block of the least size, whose order is drawn as
// far as that.
func (t *turns) turn(k int64, one, two []int64) {
	size := int64(1) << t.leaf
	at := t.at & (size - 1)
	if at == 0 {
		t.deck = slices.Grow(t.deck[:0], int(size))
		for i, n := range t.block(t.leaf, t.at>>t.leaf) {
			for range n {
				t.deck = append(t.deck, int32(i))
			}
		}
		t.draw = chance.StreamOf(t.key, chance.ForTurns, uint64(t.at), 0)
	}
	for ; k > 0; at, k = at+1, k-1 {
		other := at + int64(t.draw.Below(uint64(size-at)))
		t.deck[at], t.deck[other] = t.deck[other], t.deck[at]
		if one != nil {
			tell(t.g.members[t.deck[at]], one, two)
		}
	}
}

// tell counts a turn of a tenant.
func tell(who int32, one, two []int64) {
	one[who]++
	if two != nil {
		two[who]++
	}
}

// block counts the turns of a block. The counts hold until a block elsewhere is
// counted.
func (t *turns) block(level int, index int64) []int64 {
	if top, _ := t.above(index << level); level == top {
		if n := &t.top; !n.known || n.level != level || n.index != index {
			n.known, n.level, n.index = true, level, index
			n.counts = zeros(n.counts, len(t.g.members))
			s := chance.StreamOf(t.key, chance.ForTurns, uint64(level), uint64(index), 1)
			t.deal(&s, 1<<level, n.counts)
		}
		return t.top.counts
	}
	h := &t.halves[level-t.leaf]
	if !h.known || h.index != index>>1 {
		whole := t.block(level+1, index>>1)
		h.known, h.index = true, index>>1
		s := chance.StreamOf(t.key, chance.ForTurns, uint64(level), uint64(index>>1), 2)
		t.halve(&s, h, whole, 1<<level)
	}
	if index&1 == 0 {
		return h.left
	}
	return h.right
}

// halve draws which turns of a block are in its first half, of size turns. Every turn
// throws a coin, and as many as are too many on one side then change it, each as
// likely as any other: so each half is as likely as each other that has that size.
func (t *turns) halve(s *chance.Stream, h *halved, whole []int64, size int64) {
	h.left, h.right = slices.Grow(h.left[:0], len(whole))[:len(whole)], whole
	first := int64(0)
	for i, n := range whole {
		heads := chance.Halves(s, n)
		h.left[i], h.right[i] = heads, n-heads
		first += heads
	}
	if first > size {
		t.move(s, h.left, h.right, first-size)
	} else {
		t.move(s, h.right, h.left, size-first)
	}
}

// move moves k turns, each as likely as any other, from one count to another.
func (t *turns) move(s *chance.Stream, from, to []int64, k int64) {
	if k == 0 {
		return
	}
	// A tenant is as likely to be the next as it has turns left: one is taken at random,
	// and again where a second number says that it has too few.
	most := uint64(slices.Max(from))
	for k > 0 {
		at, share := bits.Mul64(s.Word(), uint64(len(from)))
		if turn, _ := bits.Mul64(share, most); turn >= uint64(from[at]) {
			continue
		}
		from[at]--
		to[at]++
		k--
	}
}
