package simulator

import (
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Requests are picked in another order than they are drawn, neighbourhood by neighbourhood, and
// they are the same as if each had been looked up when it was drawn: also where a tenant sends
// more than all others, and hardly any are left to be picked.
func TestPicksAreAsDrawn(t *testing.T) {
	var sp split
	for seed := range uint64(8) {
		draw, tenants := chance.StreamOf(seed, chance.ForSwarm), int64(50-seed)*neighbours
		requests, errors, total := make([]int64, tenants), make([]int64, tenants), int64(0)
		n := int64(0)
		for at := range requests {
			requests[at] = int64(draw.Below(4))
			if draw.Below(2000) == 0 {
				requests[at] = int64(draw.Below(9000))
			}
			errors[at] = int64(draw.Below(uint64(requests[at] + 1)))
			total += requests[at] - errors[at]
			n += requests[at]
		}
		if pad := 1<<20 - n%(1<<20); seed%2 == 1 { // what is left over ends with a neighbourhood
			requests[len(requests)-1] += pad
			total += pad
		}
		sp.of(requests, &dealing{})
		if n := len(sp.blocks); n < 2 {
			t.Fatalf("there is %d neighbourhood", n)
		}
		for _, k := range []int64{total / 2, total - 5, tenants / 2} {
			sp.restore()
			sp.took(errors)
			fast, slow := chance.StreamOf(seed, chance.ForAccounts), chance.StreamOf(seed, chance.ForAccounts)
			got := sp.pick(&fast, k)
			if want := pickedOneByOne(&slow, requests, errors, k); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %d of %d are picked otherwise than one by one", seed, k, total)
			}
			if fast != slow {
				t.Errorf("seed %d: other numbers are drawn for %d of %d than one by one", seed, k, total)
			}
		}
	}
}

// pickedOneByOne does what pick does, and looks every request up when it is drawn.
func pickedOneByOne(s *chance.Stream, requests, taken []int64, k int64) []int64 {
	n, free, ends, senders, got := int64(0), int64(0), make([]int64, len(requests)), 0, make([]int64, len(requests))
	for at := range requests {
		n, free = n+requests[at], free+requests[at]-taken[at]
		ends[at] = n
		if requests[at] > 0 {
			senders++
		}
	}
	sp := split{counts: requests, taken: taken, got: got, free: free, senders: senders, n: n}
	left := min(k, free-k)
	others := left != k
	if least := sure(left); int64(least) > int64(senders) {
		left = sp.shares(s, left, least)
	}
	for left > 0 {
		number := int64(s.Below(uint64(n)))
		if at := whose(ends, number); ends[at]-number > taken[at]+got[at] {
			got[at]++
			left--
		}
	}
	for at := range got {
		if others {
			got[at] = requests[at] - taken[at] - got[at]
		}
	}
	return got
}
