package chance

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// countsBelow are the ways to count numbers below limits.
var countsBelow = []struct {
	name  string
	count func(base uint64, n int64, limits []uint64, counts []int64)
}{
	{"from the lowest", CountBelow},
	{"by halves", func(base uint64, n int64, limits []uint64, counts []int64) { underneath(base, 1, n, limits, counts) }},
}

// They follow the binomial law.
func TestCountsBelow(t *testing.T) {
	key := uint64(0)
	for _, c := range []struct {
		n int64
		p float64
	}{{1500, 0.01}, {20, 0.1}, {1, 0.3}, {400, 0.0004}, {90, 0.7}} {
		mean := float64(c.n) * c.p
		for _, below := range countsBelow {
			moments(t, fmt.Sprint(below.name, c), mean, mean*(1-c.p), func(*Stream) int64 {
				var found [1]int64
				key++
				below.count(Mix(key), c.n, []uint64{Of(c.p)}, found[:])
				return found[0]
			})
		}
	}
}

// Several limits at once give what each gives alone, and counts that fall with them.
func TestCountsBelowFitTogether(t *testing.T) {
	for _, below := range countsBelow {
		t.Run(below.name, func(t *testing.T) { fitsTogether(t, below.count) })
	}
}

func fitsTogether(t *testing.T, count func(base uint64, n int64, limits []uint64, counts []int64)) {
	for key := range uint64(300) {
		n := []int64{1, 24, 25, 1000, 50_000}[key%5]
		var limits []uint64
		for _, p := range []float64{0.97, 0.9, 0.5, 0.1, 0.01, 0.0101, 0.001, 0} {
			limits = append(limits, Of(p))
		}
		slices.SortFunc(limits, func(a, b uint64) int { return cmp.Compare(b, a) })
		together := make([]int64, len(limits))
		count(key, n, slices.Clone(limits), together)
		for i, limit := range limits {
			var alone [1]int64
			count(key, n, []uint64{limit}, alone[:])
			if alone[0] != together[i] || i > 0 && together[i] > together[i-1] {
				t.Fatalf("key %d, limit %d: %d alone, %v together", key, i, alone[0], together)
			}
		}
	}
}
