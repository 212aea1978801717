package engine

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorter sorts lists of many lengths with keys of many kinds as the library does.
func TestSorter(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	var s sorter
	for _, n := range []int{0, 1, 2, run, run + 1, 3*run - 1, 150, fewKeys - 1, fewKeys, 1000, 5000} {
		for name, key := range map[string]func() uint64{
			"any":         draw.Uint64,
			"few":         func() uint64 { return draw.Uint64N(3) },
			"all alike":   func() uint64 { return 7 << 40 },
			"alike above": func() uint64 { return draw.Uint64N(2)<<63 | draw.Uint64N(1<<31) },
			"alike but":   func() uint64 { return draw.Uint64N(64)<<58 | draw.Uint64N(8)<<28 },
			"numbers":     func() uint64 { return sortable(draw.NormFloat64()) },
		} {
			list := make([]keyed, n)
			for i := range list {
				list[i] = keyedBy(key(), int32(i))
			}
			want := slices.Clone(list)
			slices.SortStableFunc(want, func(a, b keyed) int { return cmp.Compare(a.key(), b.key()) })
			if s.sort(list); !slices.Equal(list, want) {
				t.Errorf("%d keys, %s: not as the library sorts them", n, name)
			}
		}
	}
}
