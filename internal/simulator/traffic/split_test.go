package traffic

import (
	"math"
	"slices"
	"testing"
	"time"

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
		if n := len(sp.room.scatter.starts); n < 2 {
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

// whose is the position of what has number i where counts were added up to ends.
func whose(ends []int64, i int64) int {
	at, end := 0, len(ends)
	for at < end {
		if middle := (at + end) / 2; ends[middle] > i {
			end = middle
		} else {
			at = middle + 1
		}
	}
	return at
}

// Requests are dealt to tenants, and errors to their requests, by the tenants' weights
// and error rates, whether there are few requests for each tenant or many.
func TestSplitsAreFaithful(t *testing.T) {
	for _, perSecond := range []float64{2, 20, 400} {
		cfg, does := usual()
		cfg.TenantErrorSpread, does.ErrorRate = 0.8, 0.1
		f := flowOf(cfg, does, perSecond, 6*time.Hour)
		lo, hi := f.cover(0, int64(6*time.Hour))
		c := f.crowdOf(newer, true, lo, hi)
		total := f.ledger.total(older, lo, hi)
		var requests, errors, offRequests, offErrors, n float64
		for tenant := range c.requests {
			want := float64(total.requests) * f.roster.Weight(tenant) / f.roster.total
			rate := f.madeOf(2).rates[f.roster.temperOf(tenant)]
			got, failed := float64(c.requests[tenant]), float64(c.errors[tenant])
			requests, errors = requests+got, errors+failed
			offRequests += (got - want) * (got - want) / want
			offErrors += (failed - got*rate) * (failed - got*rate) / (got * rate * (1 - rate))
			n++
		}
		if int64(requests) != total.requests || int64(errors) != total.errors {
			t.Errorf("%g: the tenants have %v requests and %v errors, and there are %+v", perSecond, requests, errors, total)
		}
		for what, off := range map[string]float64{"requests": offRequests, "errors": offErrors} { // chi-squared
			if sd := math.Sqrt(2 * n); off > n+5*sd || off < n-5*sd {
				t.Errorf("%g: the tenants' %s are off by %.0f, and %.0f by chance", perSecond, what, off, n)
			}
		}
	}
}
