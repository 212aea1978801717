package simulated

import (
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// bounds are what latencies are counted against, in ms.
type bounds struct {
	all     []float64 // rising
	classic []int     // places in all of the bounds of classic buckets
	native  []int     // and of native ones, from firstNative on; nil: there are none
}

// usualBounds are those of classic buckets where a fleet has none of its own: the usual
// caps are among them.
var usualBounds = []float64{3, 5, 10, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000}

// Native buckets of this schema grow by the fourth root of 2, from 1/1024 s to 64 s.
const (
	schema      = 2
	firstNative = -40
	lastNative  = 24
)

// nativeBound is the upper bound of a native bucket, in ms.
func nativeBound(i int) float64 { return 1e3 * math.Exp2(float64(i)/(1<<schema)) }

// boundsOf are those of a fleet that counts against own, and no others; nil: against any.
func boundsOf(own []float64) bounds {
	b := bounds{all: slices.Clone(own)}
	if own == nil {
		b.all = slices.Clone(usualBounds)
		for i := firstNative; i <= lastNative; i++ {
			b.all = append(b.all, nativeBound(i))
		}
		slices.Sort(b.all)
		b.all = slices.Compact(b.all) // 1 s is of both
		own = usualBounds
		for i := firstNative; i <= lastNative; i++ {
			b.native = append(b.native, b.place(nativeBound(i)))
		}
	}
	for _, bound := range own {
		b.classic = append(b.classic, b.place(bound))
	}
	return b
}

// place is where a bound is.
func (b *bounds) place(bound float64) int {
	at, _ := slices.BinarySearch(b.all, bound)
	return at
}

// nativeOf are native buckets. What is below the first bound is in the zero bucket, and
// what is above the last one in the bucket that follows.
func (b *bounds) nativeOf(one *counted) *dto.Histogram {
	threshold := nativeBound(firstNative) / 1e3
	above := one.slower[b.native[0]] // the bounds so far
	zero := uint64(one.requests - above)
	h := &dto.Histogram{Schema: new(int32(schema)), ZeroThreshold: &threshold, ZeroCount: &zero}
	h.PositiveSpan = []*dto.BucketSpan{{Offset: new(int32(firstNative + 1)), Length: new(uint32(len(b.native)))}}
	before := int64(0)
	for i := range b.native {
		rest := int64(0)
		if i+1 < len(b.native) {
			rest = one.slower[b.native[i+1]]
		}
		n := above - rest
		h.PositiveDelta = append(h.PositiveDelta, n-before)
		above, before = rest, n
	}
	return h
}
