package traffic

import (
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Whoever is drawn one by one is the first up to whom the chances come to the number that is
// drawn, of few kinds and of more than the guide has places for.
func TestOneIsFoundByTheChances(t *testing.T) {
	for _, kinds := range []int{1, 2, 3, 16, 17, 300, 5000, 40_000} {
		draw := chance.StreamOf(uint64(kinds), chance.ForSwarm)
		var h hand
		h.reset(1, kinds)
		for i := range int32(kinds) {
			weight := 1 + float64(draw.Below(1<<draw.Below(30)))
			h.add(&cell{from: 2 * i, to: 2*i + 2, at: int(i)}, weight+float64(i%2)/2)
		}
		fast, slow := chance.StreamOf(7, chance.ForSwarm), chance.StreamOf(7, chance.ForSwarm)
		for range 2000 {
			got, x := h.one(&fast), slow.Word()
			at, _ := slices.BinarySearch(h.upTo, x)
			k := h.kinds[at]
			if want := k.from + int32(slow.Below(uint64(k.to-k.from))); got != want {
				t.Fatalf("%d kinds: %d is drawn, and not %d", kinds, got, want)
			}
		}
		if fast != slow {
			t.Errorf("%d kinds: other numbers are drawn", kinds)
		}
	}
}
